// SPDX-License-Identifier: Apache-2.0

/// Which of the numbered lines of one boot were seen, as ranges: its size follows the gaps, not the lines.
///
/// A line names the boot and not the load of the module, which numbers its lines from 1 each time. Audit numbers what it
/// writes over the whole boot, so within one load both numbers rise together: a line belongs to the load in which its two
/// numbers fit between their neighbours, and is the same line again when they fall into a range that is there.
struct SequenceLedger {
  private struct Span {
    var sequences: ClosedRange<UInt64>
    var serials: ClosedRange<UInt64>
  }

  /// Ranges at most; beyond, lines that do not follow another are not kept.
  static let mostSpans = 1 << 16
  /// Loads at most: a line is looked for in each.
  static let mostLoads = 256

  /// Each load's ranges, ascending.
  private var loads: [[Span]] = []
  /// The load of the line before, whose last range most lines go on with.
  private var current = 0
  private var spanCount = 0
  /// Whether there was no room for a range, so that gaps are not all known.
  private(set) var isFull = false

  /// Notes a line; false when it was noted before.
  @inline(__always)
  mutating func add(_ sequence: UInt64, serial: UInt64) -> Bool {
    if current < loads.count, let last = loads[current].last, sequence == last.sequences.upperBound &+ 1,
      serial > last.serials.upperBound, loads.count == 1
    {
      let place = loads[current].count - 1
      loads[current][place] = Span(
        sequences: last.sequences.lowerBound...sequence, serials: last.serials.lowerBound...serial)
      return true
    }
    return addAnywhere(sequence, serial)
  }

  private mutating func addAnywhere(_ sequence: UInt64, _ serial: UInt64) -> Bool {
    // The load whose line before this one is the latest of all where it fits.
    var best: (load: Int, place: Int, before: UInt64)?
    for (number, spans) in loads.enumerated() {
      let place = Self.place(of: sequence, in: spans)
      if place < spans.count, spans[place].sequences.contains(sequence) {
        if spans[place].serials.contains(serial) {
          current = number
          return false
        }
        continue
      }
      let before = place > 0 ? spans[place - 1].serials.upperBound : 0
      let fitsBelow = place == 0 || before < serial
      let fitsAbove = place == spans.count || serial < spans[place].serials.lowerBound
      if fitsBelow, fitsAbove, best.map({ before >= $0.before }) ?? true { best = (number, place, before) }
    }
    guard spanCount < Self.mostSpans, best != nil || loads.count < Self.mostLoads else {
      isFull = true
      return true
    }
    let span = Span(sequences: sequence...sequence, serials: serial...serial)
    if let best {
      current = best.load
      insert(span, at: best.place)
    } else {
      current = loads.count
      loads.append([span])
      spanCount += 1
    }
    return true
  }

  /// Where the first range is that ends at a number or behind it.
  private static func place(of sequence: UInt64, in spans: [Span]) -> Int {
    var low = 0
    var high = spans.count
    while low < high {
      let middle = (low + high) / 2
      if spans[middle].sequences.upperBound < sequence { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Puts one line between its neighbours, and joins it with those that it touches.
  private mutating func insert(_ span: Span, at place: Int) {
    var joined = span
    var range = place..<place
    if place > 0, case let before = loads[current][place - 1],
      before.sequences.upperBound + 1 == span.sequences.lowerBound
    {
      joined = Self.join(before, joined)
      range = (place - 1)..<range.upperBound
    }
    if place < loads[current].count, case let after = loads[current][place],
      span.sequences.upperBound &+ 1 == after.sequences.lowerBound
    {
      joined = Self.join(joined, after)
      range = range.lowerBound..<(place + 1)
    }
    loads[current].replaceSubrange(range, with: [joined])
    spanCount += 1 - range.count
  }

  private static func join(_ one: Span, _ next: Span) -> Span {
    Span(
      sequences: one.sequences.lowerBound...next.sequences.upperBound,
      serials: one.serials.lowerBound...next.serials.upperBound)
  }

  /// What is missing up to the last line of each load.
  var gaps: [ClosedRange<UInt64>] {
    loads.flatMap { spans in
      var next: UInt64 = 1
      var gaps: [ClosedRange<UInt64>] = []
      for span in spans {
        if span.sequences.lowerBound > next { gaps.append(next...(span.sequences.lowerBound - 1)) }
        next = span.sequences.upperBound &+ 1
      }
      return gaps
    }
  }
}

/// The same for lines that show no number of audit's: a line is known again by its bytes alone.
struct UnstampedLedger {
  /// Lines at most; beyond, none is kept.
  static let mostLines = 1 << 18

  private var loads: [[UInt64: UInt64]] = []
  private var lineCount = 0
  /// Whether there was no room for a line.
  private(set) var isFull = false

  /// Notes a line by the hash of its bytes; false when it was noted before.
  mutating func add(_ sequence: UInt64, hash: UInt64) -> Bool {
    if loads.contains(where: { $0[sequence] == hash }) { return false }
    let isNewLoad = loads.last.map { sequence == 1 || $0[sequence] != nil } ?? true
    guard lineCount < Self.mostLines, !isNewLoad || loads.count < SequenceLedger.mostLoads else {
      isFull = true
      return true
    }
    if isNewLoad { loads.append([:]) }
    loads[loads.count - 1][sequence] = hash
    lineCount += 1
    return true
  }

  var isEmpty: Bool { lineCount == 0 }

  /// Whether some load has this line.
  func contains(_ sequence: UInt64) -> Bool { loads.contains { $0[sequence] != nil } }

  /// What is missing up to the last line of each load.
  var gaps: [ClosedRange<UInt64>] {
    loads.flatMap { lines in
      var next: UInt64 = 1
      var gaps: [ClosedRange<UInt64>] = []
      for sequence in lines.keys.sorted() {
        if sequence > next { gaps.append(next...(sequence - 1)) }
        next = sequence &+ 1
      }
      return gaps
    }
  }
}
