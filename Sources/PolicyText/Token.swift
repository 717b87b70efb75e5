// SPDX-License-Identifier: Apache-2.0

/// The smallest part of a policy's text. All tokens of a file, one after the other, are all of its bytes.
struct Token: Sendable {
  enum Kind: UInt8, Sendable {
    /// Letters up to white space, `}` or a comment's `#`.
    case word
    /// `"..."`, the quotes included.
    case string
    /// `{` on its own.
    case open
    /// `}`.
    case close
    /// One line ending, LF or CR LF.
    case newline
    /// Blanks and tabs.
    case space
    /// `#` up to the line's end.
    case comment
    /// A backslash and the line ending that it takes away.
    case continuation
    /// Bytes that are no token; a diagnostic says why.
    case invalid
  }

  struct Marks: OptionSet, Sendable {
    let rawValue: UInt8
    /// A backslash stands in it.
    static let escapes = Marks(rawValue: 1)
    /// `@{` stands in it, in a word.
    static let variables = Marks(rawValue: 2)
  }

  let kind: Kind
  var marks: Marks = []
  let start: UInt32
  let end: UInt32

  var range: Range<Int> { Int(start)..<Int(end) }
}
