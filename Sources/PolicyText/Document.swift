// SPDX-License-Identifier: Apache-2.0

/// One word of a statement, bare or quoted, as it stands in the text.
public struct Word: Sendable {
  let token: Token

  /// Where it stands in its source; a string's quotes are part of it.
  public var range: Range<Int> { token.range }
  /// Whether it is a quoted string, and so literal byte for byte.
  public var isQuoted: Bool { token.kind == .string }
  /// Whether it names a variable.
  public var hasVariables: Bool { token.marks.contains(.variables) }
}

/// One statement: words, then perhaps a block of statements.
public struct Statement: Sendable {
  /// At least one word.
  public let words: [Word]
  /// The statements between the braces; nil when there are no braces.
  public let block: [Statement]?
  /// From the first word to the last, or to the closing brace.
  public let range: Range<Int>
  /// From the first word to the last, without the block.
  public let headRange: Range<Int>
  /// Where the opening and the closing brace stand.
  let braces: (open: Int, close: Int)?
}

/// The lossless tree of one policy file: an index over its bytes, so that every byte, comments and order included,
/// survives all that is not itself edited.
public struct Document: Sendable {
  /// The text.
  public let source: Source
  /// The statements, in order.
  public let statements: [Statement]
  /// What is odd in the text and yet can be read.
  public let warnings: [Diagnostic]
  let tokens: [Token]

  /// Parses a file.
  ///
  /// - Throws: ``PolicyError`` with all that cannot be read; nothing is returned half parsed.
  public init(parsing source: Source, limits: Limits = Limits()) throws(PolicyError) {
    let (document, diagnostics) = Parser.parse(source, limits: limits)
    if diagnostics.contains(where: { $0.severity == .error }) { throw PolicyError(diagnostics) }
    self = document
  }

  init(source: Source, statements: [Statement], tokens: [Token], warnings: [Diagnostic]) {
    self.source = source
    self.statements = statements
    self.tokens = tokens
    self.warnings = warnings
  }

  /// The file's bytes, identical to what was parsed.
  public var bytes: [UInt8] { source.bytes }

  /// The location of a range of this document.
  public func location(_ range: Range<Int>) -> Location { Location(source: source, range: range) }

  /// What a word says, its escapes undone; variables stand in it unexpanded.
  public func argument(_ word: Word) -> Argument { Argument(word, in: source) }

  /// Whether a word is bare, without escapes, and says exactly this.
  public func word(_ word: Word, is text: StaticString) -> Bool {
    guard word.token.kind == .word, word.range.count == text.utf8CodeUnitCount else { return false }
    return text.withUTF8Buffer { source.bytes[word.range].elementsEqual($0) }
  }
}
