// SPDX-License-Identifier: Apache-2.0

/// The bytes of one policy file, and the way from an offset in them to a place that a person can find.
///
/// A source is never changed: an edit makes a new one.
public final class Source: Sendable {
  /// The file's name as messages show it; not necessarily a path that can be opened.
  public let name: String
  /// The file's content, byte for byte.
  public let bytes: [UInt8]
  /// Offset of the first byte of every line; the first is 0.
  let lineStarts: [UInt32]

  /// Makes a source of a file's content.
  ///
  /// - Parameters:
  ///   - name: What messages call it.
  ///   - bytes: The content; any bytes are accepted here, the lexer judges them.
  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
    var starts: [UInt32] = [0]
    for (offset, byte) in bytes.enumerated() where byte == Byte.lineFeed {
      starts.append(UInt32(truncatingIfNeeded: offset + 1))
    }
    self.lineStarts = starts
  }

  /// Makes a source of a text.
  public convenience init(name: String, text: String) {
    self.init(name: name, bytes: Array(text.utf8))
  }

  /// The place of an offset: line and column count from 1, a column is a character and a tab is one.
  ///
  /// An offset beyond the end gives the place just after the last byte.
  public func place(at offset: Int) -> Place {
    let offset = min(max(offset, 0), bytes.count)
    let line = lineIndex(at: offset)
    let start = Int(lineStarts[line])
    return Place(file: name, line: line + 1, column: characterCount(in: start..<offset) + 1)
  }

  /// The bytes of the line that holds an offset, without its line ending.
  func lineRange(at offset: Int) -> Range<Int> {
    let line = lineIndex(at: min(max(offset, 0), bytes.count))
    let start = Int(lineStarts[line])
    var end = line + 1 < lineStarts.count ? Int(lineStarts[line + 1]) - 1 : bytes.count
    if end > start, bytes[end - 1] == Byte.carriageReturn { end -= 1 }
    return start..<end
  }

  /// How many characters a range holds; a byte that is no part of a character counts as one.
  func characterCount(in range: Range<Int>) -> Int {
    var count = 0
    var offset = range.lowerBound
    while offset < range.upperBound {
      offset += max(1, UTF8Sequence.length(in: bytes, at: offset))
      count += 1
    }
    return count
  }

  private func lineIndex(at offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if Int(lineStarts[middle]) <= offset { low = middle } else { high = middle }
    }
    return low
  }
}

/// Where something stands in a file.
public struct Place: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The file's name as given to its ``Source``.
  public let file: String
  /// The line, from 1.
  public let line: Int
  /// The column in characters, from 1; a tab is one.
  public let column: Int

  /// Makes a place.
  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// `file:line:column`.
  public var description: String { "\(file):\(line):\(column)" }
}

/// A range of a source.
public struct Location: Sendable {
  /// The file.
  public let source: Source
  private let lower: UInt32
  private let upper: UInt32

  /// Makes a location; sources are at most ``Limits/fileBytes`` long, so that an offset fits 32 bits.
  public init(source: Source, range: Range<Int>) {
    self.source = source
    self.lower = UInt32(clamping: range.lowerBound)
    self.upper = UInt32(clamping: range.upperBound)
  }

  /// The bytes in the source.
  public var range: Range<Int> { Int(lower)..<Int(upper) }

  /// Where it begins.
  public var place: Place { source.place(at: Int(lower)) }
}
