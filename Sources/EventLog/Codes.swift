// SPDX-License-Identifier: Apache-2.0

import CMoor

/// What a record says (`enum moor_record`).
public struct RecordKind: NamedCode {
  /// The number in the log.
  public let rawValue: UInt8

  /// The value of this number, named or not.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// The module was armed: what the PCR held before, and who the module is.
  public static let start = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_RECORD_START.rawValue))
  /// The PCR was capped: nothing can be sealed to its earlier value any more.
  public static let cap = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_RECORD_CAP.rawValue))
  /// A trust policy came into force.
  public static let policy = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_RECORD_POLICY.rawValue))
  /// The mode changed.
  public static let mode = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_RECORD_MODE.rawValue))
  /// A file was measured and let pass.
  public static let measure = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_RECORD_MEASURE.rawValue))
  /// A file or an act was refused.
  public static let refuse = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_RECORD_REFUSE.rawValue))
  /// The module was locked until the next boot.
  public static let lock = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_RECORD_LOCK.rawValue))
  /// The hooks were given back: nothing is guarded from here on.
  public static let release = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_RECORD_RELEASE.rawValue))
  /// Something came in without a file to measure.
  public static let unmeasured = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_RECORD_UNMEASURED.rawValue))
  /// A VM, or what runs outside of all VMs, was refused too often: its further refusals are not in the log.
  public static let flood = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_RECORD_FLOOD.rawValue))

  /// An access policy came into force.
  public static let access = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_RECORD_ACCESS.rawValue))

  /// Every named value, ascending.
  public static let names: [(value: Self, name: String)] = [
    (start, "start"),
    (cap, "cap"),
    (policy, "policy"),
    (mode, "mode"),
    (measure, "measure"),
    (refuse, "refuse"),
    (lock, "lock"),
    (release, "release"),
    (unmeasured, "unmeasured"),
    (flood, "flood"),
    (access, "access"),
  ]
}

/// What a file was to be used as (`enum moor_kind`).
public struct FileKind: NamedCode {
  /// The number in the log.
  public let rawValue: UInt8

  /// The value of this number, named or not.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// A program.
  public static let exec = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_KIND_EXEC.rawValue))
  /// An executable mapping inside a guarded domain.
  public static let library = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_KIND_LIBRARY.rawValue))
  /// A file that a guarded domain opened or was handed.
  public static let firmware = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_KIND_FIRMWARE.rawValue))
  /// A kernel module.
  public static let module = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_KIND_MODULE.rawValue))

  /// Every named value, ascending.
  public static let names: [(value: Self, name: String)] = [
    (exec, "exec"),
    (library, "library"),
    (firmware, "firmware"),
    (module, "module"),
  ]
}

/// How a file's digest was taken (`enum moor_algorithm`).
public struct DigestMethod: NamedCode {
  /// The number in the log.
  public let rawValue: UInt8

  /// The value of this number, named or not.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// No digest.
  public static let none = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_ALGORITHM_NONE.rawValue))
  /// SHA-256 of the file's bytes.
  public static let sha256 = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_ALGORITHM_SHA256.rawValue))
  /// The fs-verity file digest with SHA-256 (kernel: Documentation/filesystems/fsverity.rst).
  public static let fsveritySHA256 = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_ALGORITHM_FSVERITY_SHA256.rawValue))
  /// The fs-verity file digest with SHA-512.
  public static let fsveritySHA512 = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_ALGORITHM_FSVERITY_SHA512.rawValue))

  /// Every named value, ascending.
  public static let names: [(value: Self, name: String)] = [
    (none, "none"),
    (sha256, "sha256"),
    (fsveritySHA256, "fsverity-sha256"),
    (fsveritySHA512, "fsverity-sha512"),
  ]
}

/// Why something was refused or, in learning mode, would have been (`enum moor_reason`).
public struct Reason: NamedCode {
  /// The number in the log.
  public let rawValue: UInt8

  /// The value of this number, named or not.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// No reason to refuse it.
  public static let none = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_REASON_NONE.rawValue))
  /// The policy lists it, with other digests.
  public static let digest = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_REASON_DIGEST.rawValue))
  /// The policy does not name it.
  public static let unlisted = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_REASON_UNLISTED.rawValue))
  /// Its filesystem is not on the allow list.
  public static let filesystem = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_REASON_FILESYSTEM.rawValue))
  /// It has no name: memfd, O_TMPFILE, unlinked, or SysV memory.
  public static let unlinked = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_REASON_UNLINKED.rawValue))
  /// It is open for writing somewhere.
  public static let writer = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_REASON_WRITER.rawValue))
  /// It is writable and executable at once, or was changed.
  public static let writable = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_REASON_WRITABLE.rawValue))
  /// Anonymous executable memory without permission.
  public static let anonymous = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_REASON_ANONYMOUS.rawValue))
  /// An emulator was started without a VM.
  public static let unbound = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_REASON_UNBOUND.rawValue))
  /// The exec was traced or shared its filesystem context.
  public static let traced = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_REASON_TRACED.rawValue))
  /// ptrace across a domain's border.
  public static let trace = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_REASON_TRACE.rawValue))
  /// A gated device was opened outside a domain.
  public static let gate = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_REASON_GATE.rawValue))
  /// No policy is in force yet.
  public static let closed = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_REASON_CLOSED.rawValue))
  /// The outcome of an extend is unknown.
  public static let broken = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_REASON_BROKEN.rawValue))
  /// A kernel module came without a file.
  public static let noFile = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_REASON_NO_FILE.rawValue))
  /// Reading it failed.
  public static let unreadable = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_REASON_UNREADABLE.rawValue))
  /// That VM runs already.
  public static let running = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_REASON_RUNNING.rawValue))
  /// No path leads to it.
  public static let path = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_REASON_PATH.rawValue))
  /// A guarded program wanted to fill its own page faults (userfaultfd) without permission.
  public static let userfaultfd = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_REASON_USERFAULTFD.rawValue))
  /// Another kernel was loaded to be run without a measured boot (kexec).
  public static let kexec = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_REASON_KEXEC.rawValue))
  /// The access policy says nothing of the VM.
  public static let noRules = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_REASON_NO_RULES.rawValue))

  /// Every named value, ascending.
  public static let names: [(value: Self, name: String)] = [
    (none, "none"),
    (digest, "digest"),
    (unlisted, "unlisted"),
    (filesystem, "filesystem"),
    (unlinked, "unlinked"),
    (writer, "writer"),
    (writable, "writable"),
    (anonymous, "anonymous"),
    (unbound, "unbound"),
    (traced, "traced"),
    (trace, "trace"),
    (gate, "gate"),
    (closed, "closed"),
    (broken, "broken"),
    (noFile, "no-file"),
    (unreadable, "unreadable"),
    (running, "running"),
    (path, "path"),
    (userfaultfd, "userfaultfd"),
    (kexec, "kexec"),
    (noRules, "no-rules"),
  ]
}

/// What the module does with what does not match (`enum moor_mode`).
public struct Mode: NamedCode {
  /// The number in the log.
  public let rawValue: UInt8

  /// The value of this number, named or not.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// No policy is in force.
  public static let none = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_MODE_NONE.rawValue))
  /// Measures, records, lets pass.
  public static let learning = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_MODE_LEARNING.rawValue))
  /// Measures, records, refuses.
  public static let enforcing = Self(rawValue: UInt8(truncatingIfNeeded: MOOR_MODE_ENFORCING.rawValue))

  /// Every named value, ascending.
  public static let names: [(value: Self, name: String)] = [
    (none, "none"),
    (learning, "learning"),
    (enforcing, "enforcing"),
  ]
}
