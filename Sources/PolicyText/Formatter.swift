// SPDX-License-Identifier: Apache-2.0

/// Lays out a policy in the one form: two blanks for each block, one blank between words, one statement a line, at
/// most one empty line. Words, strings and comments stay byte for byte, and so does their order.
///
/// Columns are not aligned: a longer word in one line would change its neighbours too, and their history.
public enum Formatter {
  /// The document's text in that form; formatting it again gives the same.
  public static func format(_ document: Document) -> [UInt8] {
    var layout = Layout(bytes: document.source.bytes)
    for token in document.tokens { layout.take(token) }
    return layout.end()
  }

  private struct Layout {
    let bytes: [UInt8]
    var output: [UInt8] = []
    var depth = 0
    /// Something stands on the line that is being written.
    var lineHasText = false
    /// A brace was written: only a comment may follow on its line.
    var braceEndsLine = false
    /// A backslash before a line ending was seen; it is written when a word follows.
    var continues = false
    /// The line continues a statement that began on an earlier one.
    var isContinued = false
    /// The line before opened a block: no empty line follows it.
    var isAfterOpen = true
    var emptyLines = 0

    mutating func take(_ token: Token) {
      switch token.kind {
      case .space: break
      case .newline:
        if lineHasText { endLine() } else { emptyLines += 1 }
        continues = false
        isContinued = false
      case .continuation: continues = lineHasText
      case .comment:
        if lineHasText { output += "  ".utf8 } else { beginLine() }
        output += trimmed(token.range)
        lineHasText = true
      case .open:
        write(token.range)
        depth += 1
        braceEndsLine = true
        isAfterOpen = true
      case .close:
        if lineHasText { endLine() }
        continues = false
        isContinued = false
        depth = max(0, depth - 1)
        emptyLines = 0
        write(token.range)
        braceEndsLine = true
      case .word, .string, .invalid: write(token.range)
      }
    }

    mutating func end() -> [UInt8] {
      if lineHasText { endLine() }
      return output
    }

    private mutating func write(_ range: Range<Int>) {
      if braceEndsLine {
        endLine()
        continues = false
        isContinued = false
      }
      if continues {
        output += " \\".utf8
        endLine()
        continues = false
        isContinued = true
      }
      if lineHasText { output.append(Byte.space) } else { beginLine() }
      output += bytes[range]
      lineHasText = true
    }

    private mutating func beginLine() {
      if emptyLines > 0, !isAfterOpen { output.append(Byte.lineFeed) }
      emptyLines = 0
      isAfterOpen = false
      output += repeatElement(Byte.space, count: 2 * depth + (isContinued ? 4 : 0))
    }

    private mutating func endLine() {
      output.append(Byte.lineFeed)
      lineHasText = false
      braceEndsLine = false
      emptyLines = 0
    }

    private func trimmed(_ range: Range<Int>) -> ArraySlice<UInt8> {
      var end = range.upperBound
      while end > range.lowerBound, bytes[end - 1] == Byte.space || bytes[end - 1] == Byte.tab { end -= 1 }
      return bytes[range.lowerBound..<end]
    }
  }
}
