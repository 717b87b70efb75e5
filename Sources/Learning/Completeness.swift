// SPDX-License-Identifier: Apache-2.0

public import EventLog

/// Whether what was learned is all that VMs do, as far as the logs can say; and why not.
///
/// Complete means: nothing was lost between the lines that are there, all could be read and kept, and the last run of each
/// VM did nothing that an earlier run had not done. It does not mean that a VM will never do something else.
public struct Completeness: Hashable, Sendable {
  /// A run, and how much was new in it.
  public struct Run: Hashable, Sendable {
    /// The run.
    public let run: AccessRun
    /// Accesses that no run before had shown.
    public let new: Int
    /// Accesses in all.
    public let all: Int
  }

  /// Something that keeps it from being complete.
  public enum Reason: Hashable, Sendable {
    /// There is no line of the access log.
    case nothing
    /// So many lines are missing.
    case lost(UInt64)
    /// So many lines cannot be read.
    case damaged(UInt64)
    /// For so many lines there was no room.
    case forgotten(UInt64)
    /// There are so many gaps that not all are known.
    case unknownGaps
    /// One boot's lines stand there with audit's stamp and without: some may be counted twice.
    case mixedStamps
    /// A log could not be read whole.
    case source(LogProblem)
    /// The last run of this VM, the only one of so many, still did so many things for the first time.
    case learning(vm: UntrustedText, runs: Int, new: Int)
  }

  /// Why it is not complete; empty when it is.
  public let reasons: [Reason]
  /// The runs, in the order of the log.
  public let runs: [Run]

  /// Why lines may be missing: all reasons but that a VM still did new things, or did nothing.
  public var losses: [Reason] {
    reasons.filter { reason in
      switch reason {
      case .nothing, .learning: false
      default: true
      }
    }
  }

  /// Whether nothing stands against it.
  public var isComplete: Bool { reasons.isEmpty }

  /// Judges what was read.
  public init(_ log: AccessLog) {
    var new = [Int](repeating: 0, count: log.learned.runs.count)
    var all = new
    for entry in log.learned.entries {
      if let first = entry.tally.runs.first { new[first] += 1 }
      for run in entry.tally.runs { all[run] += 1 }
    }
    runs = log.learned.runs.enumerated().map { Run(run: $1, new: new[$0], all: all[$0]) }
    var reasons: [Reason] = log.accessLines == 0 ? [.nothing] : []
    let lost = log.gaps.reduce(into: UInt64(0)) { sum, gap in
      let count = (gap.sequences.upperBound - gap.sequences.lowerBound).addingReportingOverflow(1)
      let next = sum.addingReportingOverflow(count.overflow ? .max : count.partialValue)
      sum = next.overflow ? .max : next.partialValue
    }
    if lost > 0 { reasons.append(.lost(lost)) }
    if log.damagedCount > 0 { reasons.append(.damaged(log.damagedCount)) }
    if log.forgotten > 0 { reasons.append(.forgotten(log.forgotten)) }
    if log.isOverfull { reasons.append(.unknownGaps) }
    if log.hasMixedStamps { reasons.append(.mixedStamps) }
    reasons += log.problems.map(Reason.source)
    self.reasons = reasons + Self.learning(runs)
  }

  private static func learning(_ runs: [Run]) -> [Reason] {
    var order: [UntrustedText] = []
    var count: [UntrustedText: Int] = [:]
    var last: [UntrustedText: Int] = [:]
    for run in runs {
      if count[run.run.vm] == nil { order.append(run.run.vm) }
      count[run.run.vm, default: 0] += 1
      last[run.run.vm] = run.new
    }
    return order.compactMap { vm in
      guard let new = last[vm], new > 0 else { return nil }
      return .learning(vm: vm, runs: count[vm] ?? 0, new: new)
    }
  }
}

extension Completeness.Reason: CustomStringConvertible {
  /// The reason in words.
  public var description: String {
    switch self {
    case .nothing: "no line of the access log was found"
    case .lost(let count): "\(count) \(count == 1 ? "line is" : "lines are") lost"
    case .damaged(let count): "\(count) \(count == 1 ? "line" : "lines") cannot be read"
    case .forgotten(let count): "there was no room for \(count) \(count == 1 ? "line" : "lines")"
    case .unknownGaps: "there are too many gaps to know them all"
    case .mixedStamps: "lines stand there with audit's stamp and without: some may be counted twice"
    case .source(let problem): "\(problem.source): \(problem.problem)"
    case .learning(let vm, let runs, let new):
      runs == 1
        ? "of the VM \(vm.quoted) there is only one run"
        : "the last of \(runs) runs of the VM \(vm.quoted) did \(new) \(new == 1 ? "thing" : "things") that none did before"
    }
  }
}
