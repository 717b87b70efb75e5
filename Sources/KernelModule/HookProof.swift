// SPDX-License-Identifier: Apache-2.0

internal import CKernelModule

/// Triggers every hook of the table from the calling thread, so that the module sees its programs call it.
enum HookProof {
  /// A step that stopped before its hook, and why.
  struct Failure: Equatable, Sendable {
    let step: String
    let error: SystemError
  }

  /// The steps' names, in the order of `enum moor_prove_step`.
  private static let steps = [
    "opening a file", "mapping a file executable", "making a mapping executable", "receiving a descriptor",
    "truncating a file", "freeing an inode", "loading a module from a file", "loading a module from memory",
    "running a program", "starting a child that asks to be traced", "reading a child's memory",
    "asking to handle page faults", "changing a folder", "changing a file's owner and mode, and locking it",
    "mounting and changing the root, which fails",
    "connecting two sockets of its own",
    "sending an ioctl command", "sending an ioctl command as a 32-bit program", "signalling and changing itself",
    "asking bpf, the kernel's log, keys and perf", "making a user namespace", "setting its identity to what it is",
    "making and removing SysV objects", "changing a file's times, attributes and length, and watching a folder",
    "sending a command by io_uring",
  ]

  /// Does all steps once.
  ///
  /// - Parameter withAccess: Also those of the hooks that only rules of access need.
  static func run(withAccess: Bool) -> [Failure] {
    var errors = [Int32](repeating: 0, count: Int(MOOR_PROVE_STEPS.rawValue))
    moor_prove(&errors, withAccess)
    return zip(steps, errors).compactMap { step, error in
      error == 0 ? nil : Failure(step: step, error: SystemError(rawValue: error))
    }
  }
}
