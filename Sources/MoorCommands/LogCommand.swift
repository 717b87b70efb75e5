// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EventLog
internal import Glibc
internal import KernelModule
internal import TPM

/// `moor log`: shows, follows or replays the measurement log.
struct LogCommand: MoorSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "log",
    abstract: "Show, follow or replay the measurement log.",
    discussion: """
      Without options, shows every record as key=value text. With --replay, computes what the log leads to and compares \
      it with the PCR as read from the TPM, bank by bank; exits with 0 only when every bank proves the whole log. What \
      a log says is worth nothing before it is replayed: anybody could have written it.
      """)

  @OptionGroup var output: OutputOptions

  @Flag(help: "Go on showing records as they come; end with Ctrl-C.")
  var follow = false

  @Flag(help: "Compare with the PCR instead of showing records.")
  var replay = false

  @Option(help: "Read a log from a file, in binary form, instead of the module's.")
  var file: String?

  @Option(
    help: ArgumentHelp(
      "A PCR value to compare with instead of the TPM's, such as sha256:0123...; repeatable.", valueName: "BANK:HEX"))
  var pcrValue: [String] = []

  @Option(help: "How the TPM is reached, as tpm2-tools take it.")
  var tcti = TCTI.device.configuration

  func validate() throws {
    guard !follow || (file == nil && !replay) else {
      throw ValidationError("--follow shows the module's log: it cannot be combined with --file or --replay")
    }
    guard pcrValue.isEmpty || replay else {
      throw ValidationError("--pcr-value is compared with: it needs --replay")
    }
    for value in pcrValue where Self.parse(value) == nil {
      throw ValidationError(
        "“\(value)” is no PCR value: expected BANK:HEX, with the bank's full length, such as sha256:00...")
    }
  }

  private static func parse(_ text: String) -> Digest? {
    guard let colon = text.firstIndex(of: ":"), let bank = HashAlgorithm(name: String(text[..<colon])),
      let hex = HexBytes(hex: text[text.index(after: colon)...])
    else { return nil }
    return Digest(algorithm: bank, bytes: hex.bytes)
  }

  func run(_ context: CommandContext) throws {
    if follow {
      try LogFollower(context: context).run()
    } else if replay {
      let report = try replayed(context)
      try context.show(report)
      if !report.proven { throw ExitCode(ExitStatus.difference.rawValue) }
    } else {
      try context.show(LogReport(log: MeasurementLog(bytes(context))))
    }
  }

  private func bytes(_ context: CommandContext) throws -> [UInt8] {
    if let file { return try SmallFile.read(file, limit: MeasurementLogFile.limit) }
    return try context.module.snapshot(from: 0).log
  }

  private func replayed(_ context: CommandContext) throws -> ReplayReport {
    let given = pcrValue.compactMap(Self.parse)
    let connection = try TCTI(tcti)
    // Records may come between reading the log and reading the TPM: then both are read again.
    for attempt in 1...5 {
      let log = try MeasurementLog(bytes(context))
      guard let first = log.records.first else {
        throw CommandFailure(.data, "the log is empty: there is nothing to replay")
      }
      let read = given.isEmpty ? try context.module.readPCR(first.pcr, tcti: connection) : given
      let replay = try Replay(log, from: .recorded)
      let report = ReplayReport(log: log, replay: replay, read: read, fromTPM: given.isEmpty)
      if report.proven || file != nil || !given.isEmpty || attempt == 5 { return report }
    }
    throw CommandFailure(.software, "the log was not replayed")
  }
}

/// All records.
struct LogReport: Report {
  let log: MeasurementLog

  func encode(to encoder: any Encoder) throws { try log.encode(to: encoder) }

  func text(_ style: Style) -> String {
    log.records.map { RecordText.line($0, style) }.joined(separator: "\n")
  }
}

/// A record as one line.
enum RecordText {
  static func line(_ record: MeasurementRecord, _ style: Style) -> String {
    switch record.event.record {
    case .refuse, .unmeasured, .flood: style.bad(record.description)
    case .measure: record.description
    default: style.strong(record.description)
    }
  }
}

/// What `moor log --replay` found.
struct ReplayReport: Report {
  struct Bank: Encodable {
    let bank: HashAlgorithm
    let matches: Bool
    let before: Digest?
    let replayed: Digest?
    let read: Digest?
    let finding: String
  }

  let pcr: UInt32?
  let records: Int
  let proven: Bool
  let source: String
  let banks: [Bank]

  init(log: MeasurementLog, replay: Replay, read: [Digest], fromTPM: Bool) {
    pcr = replay.pcr
    records = log.records.count
    proven = replay.isProven(by: read)
    source = fromTPM ? "TPM" : "given"
    banks = replay.compare(with: read).map { comparison in
      let bank = replay.banks.first { $0.algorithm == comparison.algorithm }
      return Bank(
        bank: comparison.algorithm, matches: comparison.outcome == .matches, before: bank?.start, replayed: bank?.end,
        read: read.first { $0.algorithm == comparison.algorithm }, finding: comparison.description)
    }
  }

  func text(_ style: Style) -> String {
    var lines = ["PCR \(pcr.map(String.init) ?? "?"), \(records) records"]
    for bank in banks {
      lines.append("\(bank.matches ? style.good("ok ") : style.bad("NO ")) \(bank.finding)")
      if let read = bank.read { lines.append("    PCR      \(HexBytes(read.bytes))") }
      if let replayed = bank.replayed { lines.append("    replayed \(HexBytes(replayed.bytes))") }
      if let before = bank.before, before.bytes.contains(where: { $0 != 0 }) {
        lines.append("    before   \(HexBytes(before.bytes)) (the PCR was not empty when the module was armed)")
      }
    }
    lines.append(
      proven
        ? style.good("the \(source == "TPM" ? "PCR" : "value") proves the log") : style.bad("the log is not proven"))
    return lines.joined(separator: "\n")
  }
}
