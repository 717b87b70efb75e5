// SPDX-License-Identifier: Apache-2.0

public import EventLog

/// What system logs say was denied, line by line: by moor, and by others that deny.
public struct DenialLog: Sendable {
  /// Lines of each kind that are kept: the last ones.
  public static let mostKept = 1 << 16

  /// Moor's: what running VMs were denied, or would have been, and what was refused to run; in the order of the logs.
  public fileprivate(set) var own: [AuditEntry] = []
  /// The others'.
  public fileprivate(set) var foreign: [ForeignDenial] = []
  /// The logs that were read, in this order.
  public fileprivate(set) var sources: [String] = []
  /// The logs that could not be read whole.
  public fileprivate(set) var problems: [LogProblem] = []

  /// Nothing was read.
  public init() {}

  /// What others denied the same process, or one of that program, near in time: within so many milliseconds.
  public func foreign(near entry: AuditEntry, within milliseconds: UInt64 = 2_000) -> [ForeignDenial] {
    guard let time = entry.stamp?.milliseconds else { return [] }
    let (pid, program): (UInt32, UntrustedText?) =
      switch entry {
      case .access(let record): (record.pid, record.program)
      case .measurement(let record): (record.pid, nil)
      }
    return foreign.filter { denial in
      guard let other = denial.stamp?.milliseconds, max(time, other) - min(time, other) <= milliseconds else {
        return false
      }
      return denial.pid == pid || program.map(denial.isOf) ?? false
    }
  }
}

extension ForeignDenial {
  /// Whether it is of a process of this program, as far as the line says it.
  public func isOf(program: UntrustedText) -> Bool {
    if let own = self.program { return own == program }
    guard let command, !command.bytes.isEmpty else { return false }
    let name = program.bytes.split(separator: UInt8(ascii: "/")).last ?? []
    return name.prefix(15).elementsEqual(command.bytes)
  }
}

/// Reads denials out of logs.
public struct DenialReader: LogReading {
  private var pieces = PieceReader(DenialTaker())

  /// Has read nothing yet.
  public init() {}

  /// What the logs say.
  public func finish() -> DenialLog { pieces.taker.finish() }

  /// Reads all of a log.
  public mutating func read(_ source: LogSource) throws(LogSourceError) { try pieces.read(source) }

  /// Reads what was rotated away from a file, and then the file itself.
  public mutating func readRotated(_ path: String) throws(LogSourceError) { try pieces.readRotated(path) }

  /// Reads a log that is in memory.
  public mutating func read(_ bytes: UnsafeRawBufferPointer, name: String) { pieces.read(bytes, name: name) }
}

/// Keeps the lines by which something was denied.
private struct DenialTaker: LineTaker {
  private var log = DenialLog()
  private var source = ""
  /// What was seen, so that a line that two logs have counts once.
  private var seen: Set<Int> = []

  func finish() -> DenialLog {
    var log = log
    log.own = log.own.suffix(DenialLog.mostKept)
    log.foreign = log.foreign.suffix(DenialLog.mostKept)
    return log
  }

  mutating func begin(_ name: String) {
    source = name
    log.sources.append(name)
  }

  mutating func complain(_ problem: String) { log.problems.append(LogProblem(source: source, problem: problem)) }

  mutating func take(_ line: UnsafeRawBufferPointer, number: Int) {
    guard mayConcern(line) else { return }
    // What cannot be read is `moor tree`'s to tell.
    if let entry = try? AuditEntry(line: line, number: number) {
      add(entry)
    } else if let denial = ForeignDenial(line: line) {
      add(denial)
    }
  }

  func mayConcern(_ line: UnsafeRawBufferPointer) -> Bool {
    line.firstPlace(of: "moor boot=") != nil || line.firstPlace(of: "apparmor=") != nil
      || line.firstPlace(of: "avc:") != nil || line.firstPlace(of: "SECCOMP") != nil
      || line.firstPlace(of: "1326 ") != nil
  }

  mutating func pass(_ length: Int) {}

  mutating func takeOther(_ entry: JournalEntry, number: Int) {
    for type in [AuditType.accessVector, .seccomp] {
      guard let line = entry.line(of: type), let denial = ForeignDenial(line: line) else { continue }
      add(denial)
      return
    }
  }

  mutating func takeDamaged(_ line: UnsafeRawBufferPointer, _ number: Int, expected: String) {}

  private mutating func add(_ entry: AuditEntry) {
    let isDenial =
      switch entry {
      case .access(let record): record.verdict != .audit
      case .measurement(let record): record.event.record == .refuse
      }
    guard isDenial, isNew(entry.boot.hashValue, entry.sequence, entry.stamp) else { return }
    log.own.append(entry)
    if log.own.count > 2 * DenialLog.mostKept { log.own.removeFirst(DenialLog.mostKept) }
  }

  private mutating func add(_ denial: ForeignDenial) {
    // One event may have several such lines: they are told apart by all that they say.
    guard isNew(denial.hashValue, UInt64(denial.pid ?? 0), denial.stamp) else { return }
    log.foreign.append(denial)
    if log.foreign.count > 2 * DenialLog.mostKept { log.foreign.removeFirst(DenialLog.mostKept) }
  }

  /// Only lines with audit's stamp can be known again.
  private mutating func isNew(_ one: Int, _ other: UInt64, _ stamp: AuditStamp?) -> Bool {
    guard let stamp else { return true }
    if seen.count > 4 * DenialLog.mostKept { seen.removeAll() }
    var hasher = Hasher()
    hasher.combine(one)
    hasher.combine(other)
    hasher.combine(stamp)
    return seen.insert(hasher.finalize()).inserted
  }
}
