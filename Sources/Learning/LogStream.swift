// SPDX-License-Identifier: Apache-2.0

/// Takes the bytes of one log, in pieces, in whatever form it has, and hands its lines to a collector.
///
/// The form is told from the first byte: gzip, the journal's export format or JSON; all else is lines of text.
struct LogStream: ~Copyable {
  private enum Form {
    case unknown, text, export, json
  }

  private var form = Form.unknown
  private var inflater: Inflater?
  private var isFirst = true
  private var splitter = LineSplitter()
  private var export = JournalExport()
  private var isEnded = false

  /// Takes a piece; false when nothing more can be read.
  mutating func take(_ piece: UnsafeRawBufferPointer, into collector: inout AccessCollector) -> Bool {
    guard !isEnded, !piece.isEmpty else { return !isEnded }
    do throws(Inflater.Problem) {
      if isFirst {
        isFirst = false
        if piece.prefix(2).elementsEqual(Inflater.magic) { inflater = try Inflater() }
      }
      if inflater == nil {
        takePlain(piece, into: &collector)
      } else {
        try inflate(piece, into: &collector)
      }
    } catch {
      collector.complain(error.description)
      isEnded = true
    }
    return !isEnded
  }

  /// Takes what is left.
  mutating func finish(into collector: inout AccessCollector) {
    if !isEnded, let problem = unpackingProblem() { collector.complain(problem.description) }
    switch form {
    case .unknown: break
    case .text: splitter.finish { collector.take($0, number: $1) }
    case .json: splitter.finish { Self.takeJSON($0, $1, into: &collector) }
    case .export:
      if !export.finish({ Self.takeEntry($0, $1, into: &collector) }) {
        collector.complain("it ends in the middle of an entry of the journal")
      }
    }
  }

  private mutating func unpackingProblem() -> Inflater.Problem? {
    guard let unpacking = inflater.take() else { return nil }
    do throws(Inflater.Problem) {
      try unpacking.finish()
      return nil
    } catch {
      return error
    }
  }

  private mutating func inflate(
    _ piece: UnsafeRawBufferPointer, into collector: inout AccessCollector
  ) throws(Inflater.Problem) {
    guard var unpacking = inflater.take() else { return }
    try unpacking.take(piece) { takePlain($0, into: &collector) }
    inflater = consume unpacking
  }

  private mutating func takePlain(_ piece: UnsafeRawBufferPointer, into collector: inout AccessCollector) {
    if form == .unknown, let first = piece.first {
      form = first == UInt8(ascii: "{") ? .json : piece.has("__CURSOR=", at: 0) ? .export : .text
    }
    switch form {
    case .unknown: break
    case .text: splitter.take(piece) { collector.take($0, number: $1) }
    case .json: splitter.take(piece) { Self.takeJSON($0, $1, into: &collector) }
    case .export: export.take(piece) { Self.takeEntry($0, $1, into: &collector) }
    }
  }

  private static func takeJSON(_ line: UnsafeRawBufferPointer, _ number: Int, into collector: inout AccessCollector) {
    guard line.firstPlace(of: "moor ") != nil else {
      collector.pass(line.count)
      return
    }
    guard let entry = JournalJSON.entry(line) else {
      collector.takeDamaged(line, number, expected: "an entry of the journal as JSON")
      return
    }
    takeEntry(entry, number, into: &collector)
  }

  private static func takeEntry(_ entry: JournalEntry, _ number: Int, into collector: inout AccessCollector) {
    if let line = entry.line {
      line.withUnsafeBytes { collector.take($0, number: number) }
    } else {
      collector.passForeign(entry.fields["MESSAGE"] ?? [])
    }
  }
}
