// SPDX-License-Identifier: Apache-2.0

/// Builds the tree from the tokens, without recursion: depth costs no stack.
struct Parser {
  private let source: Source
  private let limits: Limits
  private var diagnostics: [Diagnostic]
  private var frames: [Frame] = []
  private var statements: [Statement] = []
  private var words: [Word] = []
  private var blockClosed = false
  /// Something unreadable stands in the statement: what else is wrong with it is of no interest.
  private var isSpoiled = false

  private struct Frame {
    let words: [Word]
    let outer: [Statement]
    let open: Int
  }

  static func parse(_ source: Source, limits: Limits) -> (Document, [Diagnostic]) {
    let (tokens, diagnostics) = Lexer.run(source, limits: limits)
    var parser = Parser(source: source, limits: limits, diagnostics: diagnostics)
    for token in tokens where !parser.take(token) { break }
    parser.end()
    let found = parser.diagnostics.enumerated()
      .sorted {
        ($0.element.place.line, $0.element.place.column, $0.offset) < (
          $1.element.place.line, $1.element.place.column, $1.offset
        )
      }
      .map(\.element)
    let warnings = found.filter { $0.severity == .warning }
    return (Document(source: source, statements: parser.statements, tokens: tokens, warnings: warnings), found)
  }

  private init(source: Source, limits: Limits, diagnostics: [Diagnostic]) {
    self.source = source
    self.limits = limits
    self.diagnostics = diagnostics
  }

  /// Takes the next token; false when there is no use in going on.
  private mutating func take(_ token: Token) -> Bool {
    switch token.kind {
    case .space, .continuation: break
    case .comment: warnOfInclude(token)
    case .word, .string:
      if blockClosed {
        report(.form, token.range, "a statement stands behind '}'; expected a new line")
        blockClosed = false
      }
      words.append(Word(token: token))
    case .invalid: isSpoiled = true
    case .newline:
      finishStatement()
      blockClosed = false
    case .open: return openBlock(token)
    case .close: closeBlock(token)
    }
    return diagnostics.count < limits.diagnostics
  }

  private mutating func openBlock(_ token: Token) -> Bool {
    if words.isEmpty, !isSpoiled {
      report(.form, token.range, "a block has no name; expected a word such as 'trust' before '{'")
    }
    if frames.count >= limits.nesting {
      report(.limit, token.range, "blocks are nested deeper than \(limits.nesting)")
      return false
    }
    frames.append(Frame(words: words, outer: statements, open: Int(token.start)))
    statements = []
    words = []
    isSpoiled = false
    blockClosed = false
    return true
  }

  private mutating func closeBlock(_ token: Token) {
    finishStatement()
    guard let frame = frames.popLast() else {
      report(.unclosed, token.range, "'}' closes nothing; expected a statement")
      return
    }
    let block = statements
    statements = frame.outer
    if let first = frame.words.first, let last = frame.words.last {
      statements.append(
        Statement(
          words: frame.words, block: block, range: first.range.lowerBound..<Int(token.end),
          headRange: first.range.lowerBound..<last.range.upperBound, braces: (frame.open, Int(token.start))))
    }
    blockClosed = true
  }

  private mutating func finishStatement() {
    defer {
      words = []
      isSpoiled = false
    }
    guard let first = words.first, let last = words.last, !isSpoiled else { return }
    if source.bytes[last.range.upperBound - 1] == Byte.comma, endsUnescaped(last) {
      let comma = (last.range.upperBound - 1)..<last.range.upperBound
      report(.habit, comma, "a statement ends with its line, ',' has no meaning; expected a new line, or \\,")
    }
    let range = first.range.lowerBound..<last.range.upperBound
    statements.append(Statement(words: words, block: nil, range: range, headRange: range, braces: nil))
  }

  private func endsUnescaped(_ word: Word) -> Bool {
    let argument = Argument(word, in: source)
    return !argument.isLiteral(at: argument.bytes.count - 1)
  }

  private mutating func end() {
    finishStatement()
    // What was not read to its end is of course not closed.
    guard diagnostics.count < limits.diagnostics, !diagnostics.contains(where: { $0.code == .limit }) else { return }
    while let frame = frames.popLast() {
      report(.unclosed, frame.open..<(frame.open + 1), "the block is not closed before the file ends; expected '}'")
    }
  }

  /// Other languages read `#include` as a statement; here it would be lost without a word.
  private mutating func warnOfInclude(_ token: Token) {
    let word = Array("#include".utf8)
    guard token.range.count > word.count, source.bytes[token.range].starts(with: word),
      source.bytes[token.range.lowerBound + word.count] == Byte.space
    else { return }
    diagnostics.append(
      Diagnostic(
        .habit, at: Location(source: source, range: token.range), "'#include' is a comment here",
        severity: .warning, nearest: "include"))
  }

  private mutating func report(_ code: Diagnostic.Code, _ range: Range<Int>, _ message: String) {
    diagnostics.append(Diagnostic(code, at: Location(source: source, range: range), message))
  }
}
