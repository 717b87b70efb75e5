// SPDX-License-Identifier: Apache-2.0

internal import EventLog

/// A refusal of the module in words, with what the person in front of it can do.
enum RefusalWords {
  /// One sentence or two; what comes from the log is escaped.
  static func explain(_ event: MeasurementEvent) -> String {
    let path = event.path.map(\.quoted) ?? "something without a path"
    return sentence(event.reason ?? .none, path, event.kind?.description ?? "KIND")
  }

  private static func sentence(_ reason: Reason, _ path: String, _ kind: String) -> String {
    switch reason {
    case .digest:
      "\(path) is not the file that the policy lists. When the change is meant, `moor trust update` shows and accepts it."
    case .unlisted:
      // It was not hashed, so the log has nothing that an update could add.
      """
      the policy does not name \(path) as \(kind). When it is meant, write its line into the policy (\(kind) and the \
      path) and take its digest with `moor trust update --from-disk`.
      """
    case .filesystem: "\(path) lies on a filesystem that nothing vouches for. Move it to one of the host's own."
    case .unlinked: "\(path) has no name in a filesystem (memfd, O_TMPFILE, unlinked). Start it from a file."
    case .writer: "somebody has \(path) open for writing. Close it there, then try again."
    case .writable:
      """
      \(path) is mapped writable and executable, or was changed in memory. When it is firmware that VMs write to, take it \
      out of the policy.
      """
    case .anonymous:
      "the program wants executable memory. With `memory-exec` in its policy entry it may (QEMU's TCG needs it)."
    case .unbound: "\(path) is an emulator and was started without a VM. Start it with `moor run --vm NAME --`."
    case .traced:
      """
      the start of \(path) is traced, or shares its file system state with another process. \
      Start it without strace, gdb and the like.
      """
    case .trace: "tracing across a guarded VM's border. Debug the VM in learning mode, or not at all."
    case .gate: "\(path) is a device that only guarded VMs may open. Start what needs it with `moor run --vm NAME --`."
    case .closed: "no policy is in force yet. `moor load --mode enforcing` puts one in force."
    case .broken: "the outcome of a TPM command is unknown: nothing guarded starts until the host is rebooted."
    case .noFile: "a kernel module came without a file. Load it with finit_module from a file that the policy lists."
    case .unreadable: "\(path) could not be read. `dmesg` says of disk errors."
    case .running: "a VM of this name runs already. Stop it, or use another name."
    case .path: "no path leads to the file any more (unmounted lazily, or outside the root). Mount it anew."
    case .userfaultfd:
      "the program wants to fill its own page faults (userfaultfd), which makes executable memory. With `memory-exec` it may."
    case .noRules:
      "the access policy says nothing of this VM. Add a block vm NAME { ... }, or template guest { ... }, and load it."
    case .kexec:
      "another kernel was to be loaded (kexec). On a locked host, and from a guarded VM, none is; reboot instead."
    default: "\(path) (\(reason))."
    }
  }
}
