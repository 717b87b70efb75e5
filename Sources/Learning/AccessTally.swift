// SPDX-License-Identifier: Apache-2.0

internal import EventLog

/// How often something was done, and when.
public struct AccessTally: Hashable, Sendable, Codable {
  /// Lines that say it; each stands for one time, or in learning mode for the first time under a policy.
  public internal(set) var count: UInt64 = 0
  /// Of these: it was denied.
  public internal(set) var denied: UInt64 = 0
  /// Of these: it passed, and enforcing would have denied it.
  public internal(set) var learned: UInt64 = 0
  /// Of these: it was allowed, and a rule wanted it to be recorded.
  public internal(set) var audited: UInt64 = 0
  /// The first time, in milliseconds since 1970 by the host's clock; nil where no line says it.
  public internal(set) var first: UInt64?
  /// The last time.
  public internal(set) var last: UInt64?
  /// The runs in which it was done, by their place in ``LearnedAccesses/runs``, in the order of the log; the first
  /// ``mostRuns`` of them.
  public internal(set) var runs: [Int] = []

  /// Runs that a tally keeps.
  public static let mostRuns = 64

  /// Nothing yet.
  public init() {}

  /// Counts one line.
  @inline(__always)
  mutating func add(_ verdict: AccessVerdict, at time: UInt64?, run: Int?) {
    count += 1
    switch verdict {
    case .deny: denied += 1
    case .learn: learned += 1
    case .audit: audited += 1
    }
    if let time {
      if time < first ?? .max { first = time }
      if time >= last ?? 0 { last = time }
    }
    if let run, run != runs.last, runs.count < Self.mostRuns, !runs.contains(run) { runs.append(run) }
  }

  /// Adds what another one counted.
  public mutating func add(_ other: AccessTally) {
    count += other.count
    denied += other.denied
    learned += other.learned
    audited += other.audited
    first = [first, other.first].compactMap { $0 }.min()
    last = [last, other.last].compactMap { $0 }.max()
    for run in other.runs where runs.count < Self.mostRuns && !runs.contains(run) { runs.append(run) }
  }
}
