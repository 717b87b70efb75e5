// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The meaning of an errno for an operation, and what to do: the errno of the module are its interface
/// (docs/formats.md), so each has one cause here.
struct Explanation {
  let meaning: String
  let advice: String

  init(of operation: KernelOperation, _ error: SystemError) {
    let found =
      Self.special(operation, error.rawValue)
      ?? (operation.isOfDevice ? Self.ofDevice(error.rawValue) : nil)
      ?? (operation.isOfAccess ? Self.ofAccess(operation, error.rawValue) : nil)
      ?? (error.words, "")
    (meaning, advice) = found
  }

  /// What holds for one operation only.
  private static func special(_ operation: KernelOperation, _ error: Int32) -> (String, String)? {
    switch (operation, error) {
    case (.loadModule, EPERM):
      (
        "loading kernel modules is not permitted here",
        "Run as root, outside of containers, with kernel.modules_disabled=0."
      )
    case (.loadModule, ENOENT):
      ("there is no such file", "Build the module for this kernel (scripts/build-module) or name it with --module.")
    case (.loadModule, EEXIST):
      ("a module of this name is loaded already", "Use it as it is, or `moor unload` first.")
    case (.loadModule, ENOEXEC):
      ("the file is no module for this kernel", "Build it for the kernel of `uname -r`.")
    case (.loadModule, EKEYREJECTED), (.loadModule, ENOKEY):
      (
        "the kernel accepts signed modules only, and this signature is not from a key that it knows",
        "Sign the module with a key enrolled in the firmware (mokutil)."
      )
    case (.loadModule, ENODEV):
      (
        "the module found no TPM that it can extend",
        "Give the host a TPM 2.0, or load with --no-tpm and do without measured launch."
      )
    case (.loadModule, EINVAL):
      ("the module refused a parameter", "See the kernel's log (dmesg); PCR 10, 16 and 17-23 are never usable.")
    case (.loadModule, EBUSY), (.loadModule, EOPNOTSUPP):
      (
        "the module cannot protect its hooks on this kernel",
        "Set kernel.ftrace_enabled=1 and try again; `moor doctor` checks it."
      )
    case (.loadModule, ENOPKG), (.loadModule, ENOSYS):
      ("the kernel lacks the hash of a PCR bank", "Load that hash's module, or switch the bank off in the firmware.")
    case (.loadOther, EPERM):
      (
        "moor refused it, or loading kernel modules is not permitted here",
        "`moor log` has the refusal, with its reason; without one, run as root with kernel.modules_disabled=0."
      )
    case (.loadOther, ENOENT):
      (
        "there is no such file, or it needs another module first",
        "Check the path; list the modules that it needs (modinfo -F depends) as well."
      )
    case (.loadOther, ENOEXEC):
      ("the file is no module for this kernel", "List the module of the kernel of `uname -r`.")
    case (.loadOther, EKEYREJECTED), (.loadOther, ENOKEY):
      (
        "the kernel accepts signed modules only, and this signature is not from a key that it knows",
        "Take the module from the kernel's own package, signature and all."
      )
    case (.loadOther, ENODEV), (.loadOther, EOPNOTSUPP):
      (
        "this machine lacks what the module drives, such as kvm_intel on a processor of AMD",
        "Delete its line from the policy, or switch virtualisation on in the firmware."
      )
    case (.loadOther, EBUSY):
      ("what the module drives is in use by something else", "See the kernel's log (dmesg).")
    case (.loadOther, ETXTBSY): ("somebody has the file open for writing", "Close it there, then try again.")
    case (.unloadModule, EWOULDBLOCK), (.unloadModule, EBUSY):
      (
        "the module is in use: it holds its hooks, or a VM runs",
        "Stop the guarded VMs; a locked host stays armed until it is rebooted."
      )
    case (.unloadModule, ENOENT): ("the module is not loaded", "Nothing is left to do.")
    case (.openDevice, ENOENT):
      ("the module is not loaded", "Run `moor load --mode learning`, or with --mode enforcing.")
    case (.openDevice, EPERM), (.openDevice, EACCES):
      (
        "the caller lacks CAP_MAC_ADMIN in the first user namespace, or is inside a domain",
        "Run as root, outside of containers and guarded programs."
      )
    case (.openDevice, ENXIO): ("the module is being unloaded", "Wait a moment, then try again.")
    case (.attachBegin, EALREADY), (.attach, EALREADY), (.arm, EALREADY):
      ("the module is armed already", "Nothing is left to do; a new policy can be committed.")
    case (.attachBegin, EBUSY): ("another loader is attaching", "Wait until it has ended, or end it.")
    case (.openPrograms, ENOENT): ("there is no such file", "Install moor.bpf.o, or name it with --programs.")
    case (.openPrograms, EINVAL): ("the file holds no BPF programs", "Install moor.bpf.o, or name it with --programs.")
    case (.loadPrograms, EPERM), (.loadPrograms, EACCES):
      (
        "the kernel refused a hook program",
        "The programs must belong to this build of the module; run as root, outside of containers."
      )
    case (.loadPrograms, EINVAL), (.loadPrograms, ESRCH), (.loadPrograms, ENOENT):
      ("the hook programs do not fit the loaded module", "Install module and programs of the same build.")
    case (.linkProgram, EBUSY):
      ("the hook's trampoline is full", "Detach other BPF-LSM programs from that hook (bpftool link).")
    case (.linkProgram, EINVAL):
      ("the kernel does not attach LSM programs", "Boot with `bpf` in the lsm= list; `moor doctor` checks it.")
    case (.attach, EBADF): ("the descriptor is not a BPF link", "Hand over what BPF_LINK_CREATE returned.")
    case (.attach, EPROTOTYPE):
      ("the link's program is not the LSM program of that hook", "Use moor.bpf.o as it was built.")
    case (.attach, ENOENT):
      ("the program's hook is not in the module's table", "Install module and programs of the same build.")
    case (.attach, EEXIST):
      ("the hook has a link already", "Use moor.bpf.o as it was built: one program for each hook.")
    case (.attach, EKEYREJECTED):
      ("the link does not carry this loader's cookie", "Attach the programs anew, in one go.")
    case (.arm, EUSERS):
      (
        "loaded closed, and somebody has a device open already that only guarded VMs may open",
        "End who uses it (fuser -v /dev/kvm /dev/vhost-* /dev/vfio/*), then load again."
      )
    case (.arm, ENOLINK): ("hooks have no link", "Install module and programs of the same build.")
    case (.arm, EPROTO):
      (
        "programs were attached, but the module never heard from them",
        "The named hooks are held by other programs, or something keeps them from being called (kernel.modules_disabled, seccomp): see `moor doctor`."
      )
    case (.release, ENOTRECOVERABLE):
      (
        "the outcome of a TPM command is unknown: the module stays, and is broken, until the host is rebooted",
        "Check the TPM (dmesg), then reboot."
      )
    case (.release, EBUSY): ("a guarded VM is running", "Stop the guarded VMs first.")
    case (.trustBegin, EBUSY): ("another tool is staging a trust policy", "Wait until it has ended, or end it.")
    case (.trustAdd, EEXIST): ("an entry stands twice", "Remove the doubled line.")
    case (.trustAdd, ENOSPC), (.trustBegin, E2BIG):
      ("there are more entries or bytes than were announced, or than the module takes", "Shorten the policy.")
    case (.trustCommit, EAGAIN):
      ("the PCR is not capped yet", "Cap first: a policy that comes after a closed start is committed after the cap.")
    case (.trustCommit, ESTALE):
      ("the policy is older than the one in force, and the host is locked", "Commit a newer version, or reboot.")
    case (.trustCommit, EBADMSG):
      ("the module got other bytes than were sent", "Try again; when it stays so, report it.")
    case (.bind, EAGAIN):
      ("no policy is in force, so there is nothing to guard a VM by", "Run `moor load --mode enforcing` first.")
    case (.bind, EINVAL): ("the module does not take this name", "Use letters, digits, '.', '_' and '-'.")
    case (.attach, EPERM), (.arm, EPERM):
      ("this is not the process that began to attach", "Attach, prove and arm from one process, as root.")
    case (.trustAdd, ENODATA), (.trustCommit, ENODATA):
      (
        "not all announced entries have come",
        "Try again; when it stays so, install tool and module of the same release."
      )
    case (.bind, EBUSY): ("a VM of this name is running already", "Stop it first, or use another name.")
    case (.lock, EAGAIN):
      ("no policy is in force, so there is nothing to lock", "Run `moor load --mode enforcing` first.")
    case (.lock, EALREADY): ("the host is locked already", "Nothing is left to do.")
    case (.cap, EALREADY): ("the PCR is capped already", "Nothing is left to do.")
    case (.snapshot, ENODEV): ("the module runs without a TPM", "Load it with a TPM to have a PCR.")
    case (.readLog, ENOENT), (.readState, ENOENT):
      ("the module is not loaded", "Run `moor load --mode learning`, or with --mode enforcing.")
    case (.accessObject, EEXIST):
      (
        "two VMs have one object: both paths lead to it",
        "Give each VM one of its own, or take it out of both and let them share it by `shared r`."
      )
    case (.accessObject, E2BIG):
      (
        "the policy names more objects than the module takes",
        "Give VMs folders of their own, as `object rw /srv/web1/**`."
      )
    case (.accessObject, ENODATA), (.accessObject, EKEYREJECTED):
      ("another loader began in between", "Let one loader end before the next begins.")
    case (.accessObject, ENOTTY):
      (
        "the loaded module knows no objects: it is older than this tool",
        "Install tool and module of the same release; `moor unload` and load again."
      )
    case (.readFile, ENOENT): ("there is no such file", "Check the path.")
    default: nil
    }
  }

  /// What each file of /sys/kernel/moor/access can answer.
  private static func ofAccess(_ operation: KernelOperation, _ error: Int32) -> (String, String)? {
    switch error {
    case ENOENT where operation == .openAccess:
      (
        "the loaded module takes no access policies: it is older than this tool",
        "Install tool and module of the same release; `moor unload` and load again."
      )
    case EPERM where operation == .accessCommit:
      (
        "the policy is looser than the one in force while the host is locked, or the caller lacks CAP_MAC_ADMIN",
        "Commit one that enforces, as root; `moor status` says whether the host is locked."
      )
    case EPERM, EACCES:
      (
        "the caller lacks CAP_MAC_ADMIN in the first user namespace, or is inside a domain",
        "Run as root, outside of containers and guarded programs."
      )
    case EBUSY:
      (
        "another loader is staging an access policy",
        "Wait until it has ended; one that was killed counts for half a minute more."
      )
    case EAGAIN:
      (
        "the module is not armed, or the PCR is not capped yet",
        "Arm and cap first: a policy that comes after a closed start is committed after the cap."
      )
    case ENOTCONN:
      (
        "the module was armed without the hooks of access rules",
        "End the VMs, `moor unload`, and load again; `moor load --access-hooks` attaches them before there are such rules."
      )
    case EBADMSG: ("the module got other bytes than were sent", "Try again; when it stays so, report it.")
    case EINVAL:
      (
        "the module cannot read the policy, or a field of the request",
        "Install tool and module of the same release; when it stays so, report it with the place above."
      )
    case ENOTSUP:
      ("tool and module speak different versions of the interface", "Install tool and module of the same release.")
    case ESTALE:
      ("the policy is older than the one in force, and the host is locked", "Commit a newer version, or reboot.")
    case ENOSPC, E2BIG: ("there are more bytes than were announced, or than the module takes", "Shorten the policy.")
    case EKEYREJECTED, ESPIPE, ENODATA:
      (
        "another loader began in between, or not all announced bytes have come",
        "Let one loader end before the next begins; when it stays so, install tool and module of the same release."
      )
    case ENOMEM: ("the kernel has no memory for the policy", "Free memory, or shorten the policy, then try again.")
    case EIO:
      (
        "it could not be recorded, or the outcome of a TPM command is unknown: see `moor status`",
        "Check the TPM (dmesg); a module that is broken stays so until the host is rebooted."
      )
    default: nil
    }
  }

  /// What each ioctl of /dev/moor can answer.
  private static func ofDevice(_ error: Int32) -> (String, String)? {
    switch error {
    case EPERM:
      (
        "the caller lacks CAP_MAC_ADMIN, or the host is locked until it is rebooted",
        "Run as root; `moor status` says whether the host is locked."
      )
    case EACCES:
      ("the caller is inside a guarded domain, or is not who opened /dev/moor", "Run it from outside, as one process.")
    case EBUSY: ("another tool is at work, or a guarded VM runs", "Wait until it has ended, then try again.")
    case EALREADY: ("it is done already", "Nothing is left to do.")
    case ENOTSUP:
      ("tool and module speak different versions of the interface", "Install tool and module of the same release.")
    case EINVAL: ("the module cannot read a field of the request", "Install tool and module of the same release.")
    case ESTALE:
      ("the policy is older than the one in force, and the host is locked", "Commit a newer version, or reboot.")
    case EBADMSG: ("the module got other bytes than were sent", "Try again; when it stays so, report it.")
    case ENODEV: ("the module has no TPM", "Give the host a TPM 2.0 and load again.")
    case EIO:
      (
        "the outcome of a TPM command is unknown: the module is broken until the host is rebooted",
        "Check the TPM (dmesg), then reboot."
      )
    case ENOTTY: ("the module does not know the request", "Install tool and module of the same release.")
    case EAGAIN: ("the PCR is not capped yet", "Cap first.")
    case ENOMEM: ("the kernel has no memory for it", "Free memory, then try again.")
    default: nil
    }
  }
}

extension KernelOperation {
  /// Whether it is an ioctl of /dev/moor.
  fileprivate var isOfDevice: Bool {
    switch self {
    case .attachBegin, .attach, .arm, .release, .trustBegin, .trustAdd, .trustCommit, .trustAbort, .bind, .gate,
      .cap, .lock, .snapshot, .accessObject:
      true
    case .loadModule, .loadOther, .unloadModule, .openDevice, .openPrograms, .loadPrograms, .linkProgram, .readState,
      .readLog, .readFile, .keepPolicy, .openAccess, .accessBegin, .accessData, .accessCommit:
      false
    }
  }

  /// Whether it is a call on a file of /sys/kernel/moor/access.
  fileprivate var isOfAccess: Bool {
    [.openAccess, .accessBegin, .accessData, .accessCommit].contains(self)
  }
}
