// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import ArgumentParser
internal import Learning
internal import PolicyReview
internal import PolicyText
internal import TrustPolicy

/// `moor unused`: rules of access that nothing in logs ever needed.
struct UnusedCommand: MoorSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "unused",
    abstract: "Show the rules of access that nothing in system logs ever needed.",
    discussion: """
      Asks of each rule that allows something whether any line of the logs needs it. Logs are read as by `moor tree`.

      The kernel keeps no note of which rule allowed something, and a log holds only what the rules of its time did not \
      allow, or wanted recorded. So a rule that was in force then looks unused. Ask about logs that were learned without \
      the rules in question (an empty vm block and --learn), or put `audit` before a rule for a while: then each use has a \
      line. Rules that deny are not asked about, nor are those of VMs that the logs do not show.

      Says whether the logs are complete; where they are not, the rules are only perhaps unused. Changes nothing. Exits with \
      0 when each rule was needed, and 1 when some were not.
      """)

  @OptionGroup var output: OutputOptions
  @OptionGroup var logs: LogOptions

  @Option(help: ArgumentHelp("Only the rules of this VM.", valueName: "name"))
  var vm: String?

  @Option(help: "The policy.")
  var policy = TrustPolicy.defaultPath

  func run(_ context: CommandContext) throws {
    let access = try AccessPolicy(try PolicyFiles(policy: policy).tree())
    let report = UnusedReport(access, try logs.read(), vm: vm)
    try context.show(report)
    if !report.unused.isEmpty { throw ExitCode(ExitStatus.difference.rawValue) }
  }
}

/// What `moor unused` shows.
struct UnusedReport: Report {
  struct Rule: Encodable {
    let place: Place
    let text: String
    let domains: [String]
  }

  let unused: [Rule]
  let untold: [Rule]
  let count: Int
  let unseen: [String]
  /// Why nobody can be sure; empty when nothing stands against it.
  let incomplete: [String]
  let isSure: Bool

  init(_ policy: AccessPolicy, _ log: AccessLog, vm: String?) {
    let found = UnusedRules(policy, log.learned)
    func rules(_ entries: [UnusedRules.Entry]) -> [Rule] {
      entries.filter { entry in
        vm.map { name in entry.domains.contains { $0 == name || $0.hasPrefix("\(name)/") } } ?? true
      }.map { Rule(place: $0.rule.location.place, text: $0.rule.text, domains: $0.domains) }
    }
    unused = rules(found.unused)
    untold = rules(found.untold)
    count = found.count
    unseen = found.unseen.filter { vm == nil || vm == $0 }
    incomplete = Completeness(log).reasons.map(\.description)
    isSure = incomplete.isEmpty
  }

  func text(_ style: Style) -> String {
    var lines: [String] = []
    var before: [String] = []
    let columns = Columns(unused.map { ["\($0.place)", $0.text] })
    for (index, rule) in unused.enumerated() {
      if rule.domains != before { lines.append(style.strong(Self.names(rule.domains))) }
      before = rule.domains
      lines.append("  " + columns.line(index))
    }
    return (lines + summary(style)).joined(separator: "\n")
  }

  private static func names(_ domains: [String]) -> String {
    domains.prefix(4).joined(separator: ", ") + (domains.count > 4 ? " and \(domains.count - 4) more" : "")
  }

  private func summary(_ style: Style) -> [String] {
    let words = "\(unused.count) of \(count) rules were needed by nothing in these logs"
    var lines = [
      unused.isEmpty
        ? style.good("each of \(count) rules was needed")
        : style.careful(isSure ? words : "perhaps \(words)")
    ]
    if let first = untold.first {
      lines.append(
        "\(untold.count) leave no line when they are used, and were not asked about; the first: \(first.place): \(first.text)"
      )
    }
    if !unseen.isEmpty { lines.append("not in these logs: \(Self.names(unseen))") }
    if !isSure { lines += [style.careful("not sure:")] + incomplete.map { "  \($0)" } }
    return lines
  }
}
