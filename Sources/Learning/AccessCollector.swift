// SPDX-License-Identifier: Apache-2.0

internal import EventLog

/// Takes the lines of system logs and keeps what was learned: its memory follows what is different, not the lines.
///
/// What a line says of subject, object and permission stands in one piece in it. Only the first line with such a piece is
/// parsed; each further one is found by its bytes and counted. What is not whole, or not in the plain form, goes through
/// ``AuditEntry``, which has the last word on what is damaged.
public struct AccessCollector {
  /// Boots at most; lines of further ones are damaged.
  static let mostBoots = 4096
  /// Damaged lines that are kept with their place; further ones are counted.
  public static let mostDamaged = 100

  /// What tells a process and its subject.
  private struct Recent: Equatable {
    let boot: Int
    let pid: UInt32
    let subject: Int
  }

  private var log = AccessLog()
  private var tuples: TupleTable
  private var boots: [BootLines] = []
  private var lastBoot = 0
  private var processes = ProcessTable()
  /// The accesses that were done at several places of the tree, each with its tallies by place; -1 is the top.
  private var placed: [Int: [Int: AccessTally]] = [:]
  private static let recentCount = 64
  private var recents = [(Recent, ProcessTable.Found)?](repeating: nil, count: recentCount)
  private let hashSeed = UInt64.random(in: .min ... .max)
  private var source = ""

  /// Has seen nothing yet.
  public init() { tuples = TupleTable() }

  init(tuples: TupleTable) { self.tuples = tuples }

  /// What follows is from this source.
  public mutating func begin(_ name: String) {
    source = name
    log.sources.append(name)
  }

  /// Something is wrong with the source: it cannot be read, or ends too early.
  public mutating func complain(_ problem: String) { log.problems.append(LogProblem(source: source, problem: problem)) }

  /// What was learned so far.
  public func finish() -> AccessLog {
    var log = log
    log.gaps = boots.flatMap(\.gaps)
    log.isOverfull = boots.contains(where: \.isFull)
    log.hasMixedStamps = boots.contains(where: \.isMixed)
    log.untracked = processes.untracked
    log.nodes = processes.nodes
    log.placed = placed
    return log
  }

  /// Takes one line, without its end.
  ///
  /// - Parameters:
  ///   - line: the bytes, valid for this call.
  ///   - number: the line's number in its source, from 1.
  public mutating func take(_ line: UnsafeRawBufferPointer, number: Int) {
    log.lines += 1
    log.bytes += UInt64(line.count) + 1
    let prefix: StaticString = "type=INTEGRITY_RULE msg=audit("
    if line.has(prefix, at: 0) {
      let start = prefix.utf8CodeUnitCount
      if let close = line.firstPlace(of: UInt8(ascii: ")")), line.has("): moor ", at: close),
        let stamp = Self.stamp(line, start..<close)
      {
        takeText(line, from: close + 3, stamp: stamp, number)
        return
      }
    }
    if line.firstPlace(of: "moor ") != nil { takeOtherForm(line, number) }
  }

  /// Passes over a line that is not the module's.
  mutating func pass(_ length: Int) {
    log.lines += 1
    log.bytes += UInt64(length) + 1
  }

  func mayConcern(_ line: UnsafeRawBufferPointer) -> Bool { line.firstPlace(of: "moor ") != nil }

  /// Passes over what another program wrote; whether it looks like the module's is counted.
  mutating func takeOther(_ entry: JournalEntry, number: Int) {
    let text = entry.fields["MESSAGE"] ?? []
    pass(text.count)
    if text.withUnsafeBytes({ $0.firstPlace(of: "moor boot=") }) != nil { log.foreign += 1 }
  }

  /// Counts a line that cannot be read, but has the module's text in it.
  mutating func takeDamaged(_ line: UnsafeRawBufferPointer, _ number: Int, expected: String) {
    pass(line.count)
    guard line.firstPlace(of: "moor boot=") != nil else { return }
    damaged(AuditLineError(line: number, column: 1, expected: expected, found: UntrustedText(line.prefix(40))), nil)
  }

  /// A line of another form, or another program's.
  private mutating func takeOtherForm(_ line: UnsafeRawBufferPointer, _ number: Int) {
    let copy = Array(line)
    guard let found = AuditLine(copy[...]) else {
      if line.firstPlace(of: "moor boot=") != nil { log.foreign += 1 }
      return
    }
    let stamp = found.stamp.flatMap { Self.stamp(line, $0.startIndex..<$0.endIndex) }
    if stamp == nil, found.stamp != nil {
      takeWhole(line, text: found.body.startIndex..<found.body.endIndex, number, key: nil)
    } else {
      takeText(line, from: found.body.startIndex, stamp: stamp, number)
    }
  }

  /// The module's text, from `moor ` on.
  @inline(__always)
  private mutating func takeText(
    _ whole: UnsafeRawBufferPointer, from start: Int, stamp: AuditStamp?, _ number: Int
  ) {
    // auditd's interpretation stands behind a group separator.
    let end = whole.firstPlace(of: 0x1D, from: start) ?? whole.count
    let line = whole.part(0..<end)
    guard let boot = self.boot(line, at: start + 5), let (sequence, past) = line.number(at: start + Self.headLength),
      sequence > 0, let (verdict, begin) = Self.verdict(line, at: past),
      let tail = Self.tail(line), begin < tail.begin
    else {
      takeWhole(whole, text: start..<end, number, key: nil)
      return
    }
    let key = line.part(begin..<tail.begin)
    guard let place = tuples.value(of: key) else {
      takeWhole(whole, text: start..<end, number, key: key)
      return
    }
    guard isNew(boot, sequence, stamp, line.part(start..<end)) else {
      log.repeated += 1
      return
    }
    log.accessLines += 1
    count(at: Int(place), verdict, boot: boot, pid: tail.pid, parent: tail.parent, time: stamp?.milliseconds)
  }

  /// A line that was not seen before, is damaged, or is a record of the measurement log.
  ///
  /// - Parameters:
  ///   - text: where the module's text stands in it.
  ///   - key: what is to be known again.
  private mutating func takeWhole(
    _ line: UnsafeRawBufferPointer, text: Range<Int>, _ number: Int, key: UnsafeRawBufferPointer?
  ) {
    let entry: AuditEntry
    do throws(AuditLineError) {
      guard let found = try AuditEntry(line: line, number: number) else { return }
      entry = found
    } catch {
      damaged(error, line)
      return
    }
    guard let boot = self.number(of: entry.boot) else {
      damaged(
        AuditLineError(
          line: number, column: 1, expected: "one of at most \(Self.mostBoots) boots",
          found: UntrustedText(entry.boot.description)), nil)
      return
    }
    guard isNew(boot, entry.sequence, entry.stamp, line.part(text)) else {
      log.repeated += 1
      return
    }
    guard case .access(let record) = entry else {
      log.recordLines += 1
      return
    }
    log.accessLines += 1
    let access = LearnedAccess(record)
    guard let place = log.learned.place(of: access, most: tuples.mostRows) else {
      log.forgotten += 1
      return
    }
    if let key, !tuples.insert(key, Int32(place)) { log.isTableFull = true }
    count(
      at: place, record.verdict, boot: boot, pid: record.pid, parent: record.parent, time: record.stamp?.milliseconds)
  }

  private mutating func count(
    at place: Int, _ verdict: AccessVerdict, boot: Int, pid: UInt32, parent: UInt32?, time: UInt64?
  ) {
    let found = process(of: place, boot: boot, pid: pid, parent: parent)
    if found.node != nil, placed[place] == nil {
      // Until now all was done at the top.
      let before = log.learned.entries[place].tally
      placed[place] = before.count > 0 ? [-1: before] : [:]
    }
    if !placed.isEmpty, placed[place] != nil {
      placed[place]?[found.node ?? -1, default: AccessTally()].add(verdict, at: time, run: found.run)
    }
    log.learned.count(at: place, verdict, at: time, run: found.run)
  }

  /// The process of a line; most lines are of one that was found for some line not long before.
  private mutating func process(of place: Int, boot: Int, pid: UInt32, parent: UInt32?) -> ProcessTable.Found {
    let recent = Recent(boot: boot, pid: pid, subject: log.learned.subjectNumber(at: place))
    let slot = Int(pid) & (Self.recentCount - 1)
    if let (known, found) = recents[slot], known == recent { return found }
    let subject = log.learned.entries[place].access.subject
    let found = processes.find(subject, boot: boot, pid: pid, parent: parent, nextRun: log.learned.runs.count)
    if found.run == log.learned.runs.count {
      log.learned.begin(AccessRun(vm: subject.vm, boot: boots[boot].boot, pid: pid))
    }
    recents[slot] = (recent, found)
    return found
  }

  private mutating func damaged(_ error: AuditLineError, _ line: UnsafeRawBufferPointer?) {
    log.damagedCount += 1
    if log.damaged.count < Self.mostDamaged { log.damaged.append(DamagedLine(source: source, error: error)) }
    // Where its number can be read, the line is damaged and not lost as well.
    guard let line, let start = line.firstPlace(of: "moor boot="), let boot = damagedBoot(line, at: start + 5),
      let (sequence, _) = line.number(at: start + Self.headLength), sequence > 0
    else { return }
    _ = isNew(boot, sequence, stamp(before: start, line), line)
  }

  /// The boot of a damaged line, a new one if need be.
  private mutating func damagedBoot(_ line: UnsafeRawBufferPointer, at place: Int) -> Int? {
    if let known = boot(line, at: place) { return known }
    guard line.count - place > 46, line.has(" seq=", at: place + 41) else { return nil }
    return BootID(text: String(decoding: line.part((place + 5)..<(place + 41)), as: UTF8.self)).flatMap {
      number(of: $0)
    }
  }

  /// The stamp right before the module's text.
  private func stamp(before start: Int, _ line: UnsafeRawBufferPointer) -> AuditStamp? {
    guard line.has("): ", at: start - 3), let open = line.firstPlace(of: "audit("), open + 6 < start - 3 else {
      return nil
    }
    return Self.stamp(line, (open + 6)..<(start - 3))
  }

  @inline(__always)
  private mutating func isNew(
    _ boot: Int, _ sequence: UInt64, _ stamp: AuditStamp?, _ bytes: UnsafeRawBufferPointer
  ) -> Bool {
    if let stamp { return boots[boot].add(sequence, serial: stamp.serial) }
    return boots[boot].add(sequence, hash: bytes.hashed(hashSeed))
  }
}

extension AccessCollector: LineTaker {}

extension AccessCollector {
  /// `moor boot=`, the id, and ` seq=`.
  private static let headLength = 10 + 36 + 5

  /// The number of the boot whose id stands behind `boot=` at a place; nil where none stands, or a new one.
  @inline(__always)
  private mutating func boot(_ line: UnsafeRawBufferPointer, at place: Int) -> Int? {
    guard line.count - place > 46, line.has("boot=", at: place), line.has(" seq=", at: place + 41) else { return nil }
    let id = line.part((place + 5)..<(place + 41))
    if lastBoot < boots.count, boots[lastBoot].text.withUnsafeBytes({ $0.isSame(as: id) }) { return lastBoot }
    guard let known = boots.firstIndex(where: { $0.text.withUnsafeBytes { $0.isSame(as: id) } }) else { return nil }
    lastBoot = known
    return known
  }

  /// The number of a boot; nil when there is no room for a new one.
  private mutating func number(of boot: BootID) -> Int? {
    if let known = boots.firstIndex(where: { $0.boot == boot }) { return known }
    guard boots.count < Self.mostBoots else { return nil }
    boots.append(BootLines(boot))
    return boots.count - 1
  }

  /// Reads `record=deny `, and where what follows begins.
  @inline(__always)
  private static func verdict(_ line: UnsafeRawBufferPointer, at place: Int) -> (AccessVerdict, Int)? {
    if line.has(" record=learn class=", at: place) { return (.learn, place + 14) }
    if line.has(" record=deny class=", at: place) { return (.deny, place + 13) }
    if line.has(" record=audit class=", at: place) { return (.audit, place + 14) }
    return nil
  }

  /// Reads `seconds.milliseconds:serial` of the plain form.
  @inline(__always)
  private static func stamp(_ line: UnsafeRawBufferPointer, _ range: Range<Int>) -> AuditStamp? {
    guard let (seconds, dot) = line.number(at: range.lowerBound), dot - range.lowerBound <= 12, dot < range.upperBound,
      line[dot] == UInt8(ascii: "."),
      let (fraction, colon) = line.number(at: dot + 1), colon == dot + 4, colon < range.upperBound,
      line[colon] == UInt8(ascii: ":"), let (serial, end) = line.number(at: colon + 1), end == range.upperBound
    else { return nil }
    return AuditStamp(milliseconds: seconds * 1_000 + fraction, serial: serial)
  }

  /// What differs each time, at the end: ` pid=`, and ` ppid=` before it.
  private struct Tail {
    let pid: UInt32
    let parent: UInt32?
    let begin: Int
  }

  @inline(__always)
  private static func tail(_ line: UnsafeRawBufferPointer) -> Tail? {
    guard let (pid, begin) = lastNumber(line, end: line.count, after: " pid=") else { return nil }
    guard let (parent, earlier) = lastNumber(line, end: begin, after: " ppid=") else {
      return Tail(pid: pid, parent: nil, begin: begin)
    }
    return Tail(pid: pid, parent: parent, begin: earlier)
  }

  /// The number, of at most nine digits, that ends at a place and has a key before it; and where that begins.
  @inline(__always)
  private static func lastNumber(
    _ line: UnsafeRawBufferPointer, end: Int, after key: StaticString
  ) -> (value: UInt32, begin: Int)? {
    var start = end
    while start > 0, end - start < 10, line[start - 1] &- 0x30 < 10 { start -= 1 }
    let begin = start - key.utf8CodeUnitCount
    guard start < end, end - start < 10, line.has(key, at: begin), let (value, _) = line.part(0..<end).number(at: start)
    else { return nil }
    return (UInt32(value), begin)
  }
}
