// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EventLog
internal import Glibc
internal import KernelModule

/// `moor lock`: from here on nothing looser comes into force, until the host is rebooted.
struct LockCommand: MoorSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "lock",
    abstract: "Lock the host until it is rebooted: nothing gets looser, nothing is given back.",
    discussion: """
      Once locked, the module is not unloaded and gives no hook back, a policy of a lower version or generation is \
      refused, and so is learning where the policy is enforcing. A policy that is no older, and VMs, start as before. \
      The lock is recorded and extended into the PCR. Nothing takes it back but a reboot.

      Says what it means and asks; without a terminal it needs --yes. Exits with 0 when the host is locked, also when \
      it was before; with 69 when the module is not loaded, 74 when it is broken, and 75 when no policy is in force or \
      the answer was no.
      """)

  @OptionGroup var output: OutputOptions

  @Flag(name: .shortAndLong, help: "Lock without asking.")
  var yes = false

  func run(_ context: CommandContext) throws {
    guard context.module.isLoaded else {
      throw CommandFailure(
        .unavailable, "the module is not loaded: there is nothing to lock. Run `moor load --mode enforcing` first.")
    }
    let before = try context.module.state()
    if !before.isLocked {
      // What is locked cannot be taken back.
      try Unconfirmed.requireNone(folder: context.loaded.folder)
      try Self.requireLockable(before)
      for line in Self.meaning(before) { context.progress(line) }
      try context.confirm("Lock this host until it is rebooted?", isYes: yes)
      try context.module.lock()
    }
    try context.show(LockReport(wasLocked: before.isLocked, try context.module.state()))
  }

  /// What the module would refuse is not asked about.
  private static func requireLockable(_ module: ModuleState) throws(KernelModuleError) {
    switch module.state {
    case .open, .locked: if module.mode == .none { fallthrough }
    case .unarmed, .closed: throw .kernel(KernelRefusal(.lock, SystemError(rawValue: EAGAIN)))
    case .broken: throw .kernel(KernelRefusal(.lock, SystemError(rawValue: EIO)))
    }
  }

  private static func meaning(_ module: ModuleState) -> [String] {
    let policy = module.policy.map { "policy \(UntrustedText($0.name).quoted) version \($0.version)" } ?? "the policy"
    var lines = [
      "Until this host is rebooted:",
      "  the module stays loaded and armed: `moor unload` is refused;",
      "  \(policy) can be replaced only by one of the same or a higher version and generation;",
    ]
    switch module.mode {
    case .enforcing: lines.append("  it stays enforcing: learning is refused.")
    case .learning, .none:
      lines.append("  it is only learning: nothing is refused now. Enforcing can still come, and then stays.")
    }
    return lines
  }
}

/// What `moor lock` did.
struct LockReport: Report {
  let locked: Bool
  let wasLocked: Bool
  let state: String
  let mode: String
  let policy: ModuleState.Policy?

  init(wasLocked: Bool, _ module: ModuleState) {
    locked = module.isLocked
    self.wasLocked = wasLocked
    state = module.state.rawValue
    mode = module.mode.rawValue
    policy = module.policy
  }

  func text(_ style: Style) -> String {
    let words = wasLocked ? "locked already," : "locked"
    return "\(state == "broken" ? style.bad(words) : style.good(words)) until the next reboot, \(mode)"
  }
}
