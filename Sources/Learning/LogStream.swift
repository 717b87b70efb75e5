// SPDX-License-Identifier: Apache-2.0

/// What is made of the lines of logs.
protocol LineTaker {
  /// What follows is from this source.
  mutating func begin(_ name: String)
  /// Something is wrong with the source: it cannot be read, or ends too early.
  mutating func complain(_ problem: String)
  /// Takes one line, without its end; the bytes are valid for this call.
  mutating func take(_ line: UnsafeRawBufferPointer, number: Int)
  /// Whether an entry of the journal as JSON may be of interest; what is not is not read.
  func mayConcern(_ line: UnsafeRawBufferPointer) -> Bool
  /// Passes over a line of so many bytes.
  mutating func pass(_ length: Int)
  /// Takes an entry of the journal that is no line of the module's.
  mutating func takeOther(_ entry: JournalEntry, number: Int)
  /// Takes a line that cannot be read.
  mutating func takeDamaged(_ line: UnsafeRawBufferPointer, _ number: Int, expected: String)
}

/// Takes the bytes of one log, in pieces, in whatever form it has, and hands its lines on.
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
  mutating func take(_ piece: UnsafeRawBufferPointer, into taker: inout some LineTaker) -> Bool {
    guard !isEnded, !piece.isEmpty else { return !isEnded }
    do throws(Inflater.Problem) {
      if isFirst {
        isFirst = false
        if piece.prefix(2).elementsEqual(Inflater.magic) { inflater = try Inflater() }
      }
      if inflater == nil {
        takePlain(piece, into: &taker)
      } else {
        try inflate(piece, into: &taker)
      }
    } catch {
      taker.complain(error.description)
      isEnded = true
    }
    return !isEnded
  }

  /// Takes what is left.
  mutating func finish(into taker: inout some LineTaker) {
    if !isEnded, let problem = unpackingProblem() { taker.complain(problem.description) }
    switch form {
    case .unknown: break
    case .text: splitter.finish { taker.take($0, number: $1) }
    case .json: splitter.finish { Self.takeJSON($0, $1, into: &taker) }
    case .export:
      if !export.finish({ Self.takeEntry($0, $1, into: &taker) }) {
        taker.complain("it ends in the middle of an entry of the journal")
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
    _ piece: UnsafeRawBufferPointer, into taker: inout some LineTaker
  ) throws(Inflater.Problem) {
    guard var unpacking = inflater.take() else { return }
    try unpacking.take(piece) { takePlain($0, into: &taker) }
    inflater = consume unpacking
  }

  private mutating func takePlain(_ piece: UnsafeRawBufferPointer, into taker: inout some LineTaker) {
    if form == .unknown, let first = piece.first {
      form = first == UInt8(ascii: "{") ? .json : piece.has("__CURSOR=", at: 0) ? .export : .text
    }
    switch form {
    case .unknown: break
    case .text: splitter.take(piece) { taker.take($0, number: $1) }
    case .json: splitter.take(piece) { Self.takeJSON($0, $1, into: &taker) }
    case .export: export.take(piece) { Self.takeEntry($0, $1, into: &taker) }
    }
  }

  private static func takeJSON(_ line: UnsafeRawBufferPointer, _ number: Int, into taker: inout some LineTaker) {
    guard taker.mayConcern(line) else {
      taker.pass(line.count)
      return
    }
    guard let entry = JournalJSON.entry(line) else {
      taker.takeDamaged(line, number, expected: "an entry of the journal as JSON")
      return
    }
    takeEntry(entry, number, into: &taker)
  }

  private static func takeEntry(_ entry: JournalEntry, _ number: Int, into taker: inout some LineTaker) {
    if let line = entry.line {
      line.withUnsafeBytes { taker.take($0, number: number) }
    } else {
      taker.takeOther(entry, number: number)
    }
  }
}
