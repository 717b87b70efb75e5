// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import ArgumentParser
internal import EventLog
internal import KernelModule
internal import Learning
internal import PolicyReview
internal import PolicyText
internal import TrustPolicy

/// `moor why`: one denial, explained.
struct WhyCommand: MoorSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Explain one denial: who asked for what, which rule decides, and what would allow it.",
    discussion: """
      Takes a line of a system log as it stands there, or finds one: by its number (seq=), or the last one that fits. Logs \
      are read as by `moor tree`. The answer is the policy file's, which need not be the policy in force. A rule that would \
      allow it is shown with what `moor check` would say of it; nothing is changed.

      A line of AppArmor, SELinux or seccomp is explained as well, and such lines near in time are shown beside moor's. Where \
      no line fits, it says what denies without leaving one, and how to tell.

      Exits with 0 when a denial was explained, 1 when there is none that fits, and 65 for a line that is no denial.
      """)

  @OptionGroup var output: OutputOptions
  @OptionGroup var logs: LogOptions

  @ArgumentParser.Argument(
    help: "The line; in quotes, or - for standard input. Without it, the last denial of the logs.")
  var line: [String] = []

  @Option(name: .customLong("seq"), help: "The denial whose line has this number.")
  var sequence: UInt64?

  @Flag(help: "The last denial that fits, which is also what no line and no number mean.")
  var last = false

  @Option(help: "A denial of this VM.")
  var vm: String?

  @Option(help: "A denial of this process.")
  var pid: UInt32?

  @Option(help: "The policy.")
  var policy = TrustPolicy.defaultPath

  func validate() throws {
    let isNamed = sequence != nil || last || vm != nil || pid != nil
    guard line.isEmpty || !isNamed else {
      throw ValidationError("a line says which denial is meant: expected no --seq, --last, --vm or --pid beside it")
    }
    guard sequence == nil || !last else { throw ValidationError("--seq and --last name two denials; expected one") }
  }

  func run(_ context: CommandContext) throws {
    let report = try line.isEmpty ? found(context) : given(context)
    try context.show(report)
    if report.isNone { throw ExitCode(ExitStatus.difference.rawValue) }
  }

  /// What a person has pasted.
  private func given(_ context: CommandContext) throws -> WhyReport {
    var text = line.joined(separator: " ")
    if text == "-" { text = try Self.firstLine(of: context.standardInput) }
    // What a person copies of a line often begins at its own text.
    let bytes = Array((text.hasPrefix("moor boot=") ? "audit[0]: INTEGRITY_RULE " : "").utf8) + Array(text.utf8)
    if let denial = ForeignDenial(line: bytes) { return WhyReport(foreign: denial) }
    let entry: AuditEntry?
    do throws(AuditLineError) {
      entry = try AuditEntry(line: bytes)
    } catch {
      throw CommandFailure(.data, "the line cannot be read: \(error)")
    }
    if let entry, Self.isDenial(entry) { return try report(entry, []) }
    throw CommandFailure(
      .data,
      "the line tells of no denial; expected one with record=deny, learn or refuse, or one of AppArmor, SELinux or seccomp"
    )
  }

  private static func firstLine(of path: String) throws -> String {
    let bytes = try SmallFile.read(path, limit: 1 << 16)
    return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }

  private static func isDenial(_ entry: AuditEntry) -> Bool {
    switch entry {
    case .access(let record): record.verdict != .audit
    case .measurement(let record): record.event.record == .refuse
    }
  }

  /// What logs have.
  private func found(_ context: CommandContext) throws -> WhyReport {
    var reader = DenialReader()
    try logs.sources.read(into: &reader)
    let log = reader.finish()
    if let entry = log.own.last(where: fits) {
      return try report(entry, log.foreign(near: entry))
    }
    let foreign = sequence == nil && vm == nil ? log.foreign.last { pid == nil || $0.pid == pid } : nil
    if let foreign, pid != nil { return WhyReport(foreign: foreign) }
    let state = context.module.isLoaded ? try context.module.state() : nil
    return WhyReport(noneIn: log, pid: pid, statistics: state?.statistics, last: foreign)
  }

  private func fits(_ entry: AuditEntry) -> Bool {
    let (name, process): (UntrustedText?, UInt32) =
      switch entry {
      case .access(let record): (record.vm, record.pid)
      case .measurement(let record): (record.vm, record.pid)
      }
    return (sequence == nil || sequence == entry.sequence) && (vm == nil || name == vm.map { UntrustedText($0) })
      && (pid == nil || pid == process)
  }

  private func report(_ entry: AuditEntry, _ foreign: [ForeignDenial]) throws -> WhyReport {
    switch entry {
    case .measurement(let record): return WhyReport(refusal: record, foreign)
    case .access(let record):
      let files = PolicyFiles(policy: policy)
      let access = try AccessPolicy(try files.tree())
      return WhyReport(record, access, loader: files.loader, foreign)
    }
  }
}
