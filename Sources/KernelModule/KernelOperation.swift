// SPDX-License-Identifier: Apache-2.0

/// What a tool asks of the kernel; with the errno it selects the explanation of a refusal.
public enum KernelOperation: String, Sendable, CaseIterable {
  /// finit_module(2) of moor's module.
  case loadModule
  /// finit_module(2) of another module, one that the policy lists.
  case loadOther
  /// delete_module(2).
  case unloadModule
  /// open(2) of /dev/moor.
  case openDevice
  /// `MOOR_IOC_ATTACH_BEGIN`.
  case attachBegin
  /// Reading the object file with the hook programs.
  case openPrograms
  /// bpf(2) `BPF_PROG_LOAD` of the hook programs.
  case loadPrograms
  /// bpf(2) `BPF_LINK_CREATE` of one hook program.
  case linkProgram
  /// `MOOR_IOC_ATTACH`: handing a link to the module.
  case attach
  /// `MOOR_IOC_ARM`.
  case arm
  /// `MOOR_IOC_RELEASE`.
  case release
  /// `MOOR_IOC_TRUST_BEGIN`.
  case trustBegin
  /// `MOOR_IOC_TRUST_ADD`.
  case trustAdd
  /// `MOOR_IOC_TRUST_COMMIT`.
  case trustCommit
  /// `MOOR_IOC_TRUST_ABORT`.
  case trustAbort
  /// `MOOR_IOC_BIND`.
  case bind
  /// `MOOR_IOC_GATE`.
  case gate
  /// `MOOR_IOC_CAP`.
  case cap
  /// `MOOR_IOC_LOCK`.
  case lock
  /// `MOOR_IOC_SNAPSHOT`.
  case snapshot
  /// open(2) of a file in /sys/kernel/moor/access.
  case openAccess
  /// Announcing an access policy: /sys/kernel/moor/access/begin.
  case accessBegin
  /// Handing its bytes over: /sys/kernel/moor/access/data.
  case accessData
  /// `MOOR_IOC_ACCESS_OBJECT`: saying whose an object is.
  case accessObject
  /// Putting it in force: /sys/kernel/moor/access/commit.
  case accessCommit
  /// read(2) in /sys/kernel/moor.
  case readState
  /// read(2) of the measurement log in securityfs.
  case readLog
  /// read(2) of another file that a command needs.
  case readFile
  /// Writing a copy of a policy that is put in force.
  case keepPolicy

  /// What failed, as the beginning of a sentence.
  public var words: String {
    switch self {
    case .loadModule: "cannot load the kernel module"
    case .loadOther: "cannot load a kernel module that the policy lists"
    case .unloadModule: "cannot unload the kernel module"
    case .openDevice: "cannot open /dev/moor"
    case .attachBegin: "cannot begin to attach"
    case .openPrograms: "cannot read the hook programs"
    case .loadPrograms: "cannot load the hook programs"
    case .linkProgram: "cannot attach a hook program"
    case .attach: "cannot hand over a link"
    case .arm: "cannot arm"
    case .release: "cannot give the hooks back"
    case .trustBegin: "cannot begin a trust policy"
    case .trustAdd: "cannot add trust entries"
    case .trustCommit: "cannot commit the trust policy"
    case .trustAbort: "cannot drop the staged trust policy"
    case .bind: "cannot bind the VM"
    case .gate: "cannot gate a device"
    case .cap: "cannot cap the PCR"
    case .lock: "cannot lock"
    case .snapshot: "cannot read the log with its PCR"
    case .openAccess: "cannot hand an access policy over"
    case .accessBegin: "cannot begin an access policy"
    case .accessData: "cannot hand over the bytes of the access policy"
    case .accessObject: "cannot say whose an object is"
    case .accessCommit: "cannot commit the access policy"
    case .readState: "cannot read the module's state"
    case .readLog: "cannot read the measurement log"
    case .readFile: "cannot read a file"
    case .keepPolicy: "cannot keep a copy of the policy"
    }
  }
}
