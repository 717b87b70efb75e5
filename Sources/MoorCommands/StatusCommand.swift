// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EventLog
internal import KernelModule

/// `moor status`: what the module says of itself.
struct StatusCommand: MoorSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show the module's state, mode and counters.",
    discussion: "Exits with 0 when the module is armed and sound, 1 when it is not, and 69 when it is not loaded.")

  @OptionGroup var output: OutputOptions

  func run(_ context: CommandContext) throws {
    guard context.module.isLoaded else {
      try context.show(StatusReport(loaded: false, module: nil))
      throw ExitCode(ExitStatus.unavailable.rawValue)
    }
    let state = try context.module.state()
    try context.show(StatusReport(loaded: true, module: state))
    if [.unarmed, .broken].contains(state.state) { throw ExitCode(ExitStatus.difference.rawValue) }
  }
}

/// What `moor status` shows.
struct StatusReport: Report {
  let loaded: Bool
  let module: ModuleState?

  func text(_ style: Style) -> String {
    guard let module else { return "state    \(style.careful("not loaded"))" }
    let state =
      switch module.state {
      case .open, .locked: style.good(module.state.rawValue)
      case .closed, .unarmed: style.careful(module.state.rawValue)
      case .broken: style.bad(module.state.rawValue)
      }
    let width = module.statistics.map(\.name.count).max() ?? 0
    var lines = [
      "state    \(state)", "mode     \(module.mode.rawValue)", "locked   \(module.isLocked ? "yes" : "no")",
      "pcr      \(module.hasTPM ? String(module.pcr) : style.careful("none: there is no TPM"))",
      "version  \(module.version)", "boot     \(module.boot)",
    ]
    if let policy = module.policy {
      lines.append(
        "policy   \(UntrustedText(policy.name).quoted) version \(policy.version), \(policy.entries) entries, sha256 \(policy.sha256)"
      )
    }
    if let access = module.access {
      lines.append(
        "access   \(UntrustedText(access.name).quoted) version \(access.version), \(access.mode.rawValue), "
          + "\(access.domains) \(access.domains == 1 ? "domain" : "domains"), \(access.bytes) bytes, sha256 \(access.sha256)"
      )
    }
    if !module.statistics.isEmpty { lines.append("") }
    lines += module.statistics.map { counter in
      counter.name + String(repeating: " ", count: width + 2 - counter.name.count) + String(counter.value)
    }
    return lines.joined(separator: "\n")
  }
}
