// SPDX-License-Identifier: Apache-2.0

public import EventLog

/// A run of a VM as far as a log shows it: the process that the VM's own domain began with, or the first one seen of it.
///
/// In learning mode a run that does nothing new leaves no line, and so is not seen.
public struct AccessRun: Hashable, Sendable, Codable {
  /// The VM.
  public let vm: UntrustedText
  /// The boot in which it ran.
  public let boot: BootID
  /// The process.
  public let pid: UInt32
}

/// All that was learned, each once with its tally, in the order in which a log first shows it.
public struct LearnedAccesses: Sendable {
  /// One access and how often.
  public struct Entry: Hashable, Sendable {
    /// What was done.
    public let access: LearnedAccess
    /// How often, and when.
    public internal(set) var tally = AccessTally()
  }

  /// The accesses.
  public private(set) var entries: [Entry] = []
  /// The runs that were seen, in the order of their first line.
  public private(set) var runs: [AccessRun] = []

  private var places: [LearnedAccess: Int] = [:]
  /// Each access's subject, by a number.
  private var subjects: [Int] = []
  private var subjectNumbers: [AccessSubject: Int] = [:]
  private var runNumbers: [AccessRun: Int] = [:]

  /// Nothing yet.
  public init() {}

  /// What these lines say.
  public init(_ records: some Sequence<AccessRecord>) {
    for record in records { add(record) }
  }

  /// Counts one line.
  public mutating func add(_ record: AccessRecord) {
    guard let place = place(of: LearnedAccess(record)) else { return }
    // What a helper does belongs to the run of its VM; which that is, is known by its parent alone.
    let run = record.helper == 0 ? number(of: AccessRun(vm: record.vm, boot: record.boot, pid: record.pid)) : nil
    count(at: place, record.verdict, at: record.stamp?.milliseconds, run: run)
  }

  /// How often one thing was done; nil when it never was.
  public subscript(access: LearnedAccess) -> AccessTally? { places[access].map { entries[$0].tally } }

  /// The number of an access, a new one if need be; nil when there are as many as there may be.
  mutating func place(of access: LearnedAccess, most: Int = .max) -> Int? {
    if let known = places[access] { return known }
    guard entries.count < most else { return nil }
    places[access] = entries.count
    entries.append(Entry(access: access))
    let next = subjectNumbers.count
    subjects.append(subjectNumbers[access.subject, default: next])
    subjectNumbers[access.subject] = subjects[subjects.count - 1]
    return entries.count - 1
  }

  /// A number that all accesses of one subject have.
  func subjectNumber(at place: Int) -> Int { subjects[place] }

  private mutating func number(of run: AccessRun) -> Int {
    if let known = runNumbers[run] { return known }
    runNumbers[run] = runs.count
    runs.append(run)
    return runs.count - 1
  }

  /// A new run begins.
  mutating func begin(_ run: AccessRun) { runs.append(run) }

  @inline(__always)
  mutating func count(at place: Int, _ verdict: AccessVerdict, at time: UInt64?, run: Int?) {
    entries[place].tally.add(verdict, at: time, run: run)
  }
}
