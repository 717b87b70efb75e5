// SPDX-License-Identifier: Apache-2.0

/// A change of a document's text: a range of its bytes, and what stands there afterwards.
public struct TextEdit: Sendable, Hashable {
  /// The bytes that go; empty to insert.
  public let range: Range<Int>
  /// The bytes that come.
  public let replacement: [UInt8]

  /// Makes an edit.
  public init(_ range: Range<Int>, _ replacement: String) {
    self.range = range
    self.replacement = Array(replacement.utf8)
  }
}

extension Document {
  /// The document after edits; all other bytes stay as they are, and the result is parsed anew.
  ///
  /// Edits are given in the offsets of this document and may not overlap; several insertions at one place stand in
  /// the order given.
  ///
  /// - Throws: ``PolicyError`` when the edited text cannot be read, or the edits overlap.
  public func applying(_ edits: [TextEdit], limits: Limits = Limits()) throws(PolicyError) -> Document {
    let ordered = edits.enumerated().sorted {
      ($0.element.range.lowerBound, $0.offset) < ($1.element.range.lowerBound, $1.offset)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(source.bytes.count + edits.reduce(0) { $0 + $1.replacement.count })
    var position = 0
    for (_, edit) in ordered {
      guard edit.range.lowerBound >= position, edit.range.upperBound <= source.bytes.count else {
        throw PolicyError([
          Diagnostic(.form, at: location(edit.range), "two edits overlap, or one lies beyond the text")
        ])
      }
      bytes += source.bytes[position..<edit.range.lowerBound]
      bytes += edit.replacement
      position = edit.range.upperBound
    }
    bytes += source.bytes[position...]
    return try Document(parsing: Source(name: source.name, bytes: bytes), limits: limits)
  }

  /// Adds statements as the last of a block, each on a line of its own; one that has several lines is set in whole.
  ///
  /// - Returns: nil when the statement has no block.
  public func appending(_ texts: [String], to statement: Statement) -> TextEdit? {
    guard let braces = statement.braces, let block = statement.block else { return nil }
    let outer = indentation(of: statement.range.lowerBound)
    var inner = outer + "  "
    if let last = block.last?.range.lowerBound, lineStart(of: last) != lineStart(of: statement.range.lowerBound) {
      inner = indentation(of: last)
    }
    let lines = texts.flatMap { $0.split(separator: "\n") }.map { "\(inner)\($0)\n" }.joined()
    let start = lineStart(of: braces.close)
    let isBlank = { (byte: UInt8) in byte == Byte.space || byte == Byte.tab }
    if source.bytes[start..<braces.close].allSatisfy(isBlank) { return TextEdit(start..<start, lines) }
    var end = braces.close
    while end > start, isBlank(source.bytes[end - 1]) { end -= 1 }
    return TextEdit(end..<braces.close, "\n" + lines + outer)
  }

  /// Removes a statement; its whole line, with the comment behind it, when nothing else stands there.
  public func removing(_ statement: Statement) -> TextEdit {
    let line = lineStart(of: statement.range.lowerBound)
    var end = statement.range.upperBound
    var index = firstToken(at: end)
    scan: while index < tokens.count {
      switch tokens[index].kind {
      case .space, .comment, .continuation: end = tokens[index].range.upperBound
      case .newline:
        end = tokens[index].range.upperBound
        break scan
      default: break scan
      }
      index += 1
    }
    let alone = source.bytes[line..<statement.range.lowerBound].allSatisfy { $0 == Byte.space || $0 == Byte.tab }
    let reachesEnd = end == source.bytes.count || end > 0 && source.bytes[end - 1] == Byte.lineFeed
    return alone && reachesEnd ? TextEdit(line..<end, "") : TextEdit(statement.range, "")
  }

  private func lineStart(of offset: Int) -> Int { source.lineRange(at: offset).lowerBound }

  private func indentation(of offset: Int) -> String {
    let line = source.lineRange(at: offset)
    let blanks = source.bytes[line].prefix { $0 == Byte.space || $0 == Byte.tab }
    return String(decoding: blanks, as: UTF8.self)
  }

  /// The index of the first token that begins at an offset or behind it.
  private func firstToken(at offset: Int) -> Int {
    var low = 0
    var high = tokens.count
    while low < high {
      let middle = (low + high) / 2
      if tokens[middle].range.lowerBound < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
