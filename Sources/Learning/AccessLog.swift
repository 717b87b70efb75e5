// SPDX-License-Identifier: Apache-2.0

public import EventLog

/// A line that is the module's and cannot be read.
public struct DamagedLine: Hashable, Sendable {
  /// The log.
  public let source: String
  /// The line, the place in it, and what is wrong.
  public let error: AuditLineError
}

/// A log that could not be read whole.
public struct LogProblem: Hashable, Sendable, Codable {
  /// The log.
  public let source: String
  /// What is wrong with it.
  public let problem: String
}

/// What system logs say of access: what was learned, and how much of the logs it is.
public struct AccessLog: Sendable {
  /// What was learned.
  public internal(set) var learned = LearnedAccesses()
  /// The logs that were read, in this order.
  public internal(set) var sources: [String] = []
  /// The logs that could not be read whole.
  public internal(set) var problems: [LogProblem] = []
  /// Lines, of all kinds.
  public internal(set) var lines: UInt64 = 0
  /// Their bytes.
  public internal(set) var bytes: UInt64 = 0
  /// Lines of the access log.
  public internal(set) var accessLines: UInt64 = 0
  /// Lines that stand for records of the measurement log; they share the sequence.
  public internal(set) var recordLines: UInt64 = 0
  /// Lines that two logs have, or one twice: counted once.
  public internal(set) var repeated: UInt64 = 0
  /// Lines that look like the module's and stand where only another program can have put them.
  public internal(set) var foreign: UInt64 = 0
  /// Lines of the module's that cannot be read.
  public internal(set) var damagedCount: UInt64 = 0
  /// The first ``AccessCollector/mostDamaged`` of them.
  public internal(set) var damaged: [DamagedLine] = []
  /// Lines of different accesses for which there was no room.
  public internal(set) var forgotten: UInt64 = 0
  /// What is missing between the lines that are there.
  public internal(set) var gaps: [AuditGap] = []
  /// Lines whose process could not be told apart from others.
  public internal(set) var untracked: UInt64 = 0

  /// Whether the numbers of lines could not all be kept, so that gaps and repetitions are not all known.
  var isOverfull = false
  /// Whether known accesses are parsed again each time.
  var isTableFull = false
  /// Whether lines of one boot stand there with audit's stamp and without, and may be counted twice.
  var hasMixedStamps = false
  var nodes: [ProcessNode] = []
  var placed: [Int: [Int: AccessTally]] = [:]

  /// Nothing was read.
  public init() {}
}
