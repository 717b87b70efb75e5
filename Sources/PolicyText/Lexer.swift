// SPDX-License-Identifier: Apache-2.0

/// Cuts a source into tokens. Works on bytes, in one pass, and never fails: what it cannot read becomes a token of
/// kind invalid and a diagnostic.
struct Lexer {
  private let source: Source
  private let bytes: [UInt8]
  private let limits: Limits
  private var offset = 0
  private(set) var tokens: [Token] = []
  private(set) var diagnostics: [Diagnostic] = []

  /// What a byte means at the start of a token or inside a word.
  private enum Class: UInt8 {
    case ordinary, blank, lineFeed, carriageReturn, quote, open, close, hash, backslash, at, forbidden, control, high
  }

  private static let classes: [Class] = (0...255).map { (value: Int) -> Class in
    switch UInt8(value) {
    case Byte.space, Byte.tab: .blank
    case Byte.lineFeed: .lineFeed
    case Byte.carriageReturn: .carriageReturn
    case Byte.quote: .quote
    case Byte.open: .open
    case Byte.close: .close
    case Byte.hash: .hash
    case Byte.backslash: .backslash
    case Byte.at: .at
    case Byte.semicolon: .forbidden
    case 0x80...: .high
    case let byte where Byte.isControl(byte): .control
    default: .ordinary
    }
  }

  static func run(_ source: Source, limits: Limits) -> (tokens: [Token], diagnostics: [Diagnostic]) {
    var lexer = Lexer(source: source, limits: limits)
    lexer.run()
    return (lexer.tokens, lexer.diagnostics)
  }

  private init(source: Source, limits: Limits) {
    self.source = source
    self.bytes = source.bytes
    self.limits = limits
    tokens.reserveCapacity(bytes.count / 16)
  }

  private mutating func run() {
    if bytes.count > limits.fileBytes {
      report(.limit, 0..<0, "the file has \(bytes.count) bytes, more than the \(limits.fileBytes) allowed")
      tokens.append(Token(kind: .invalid, start: 0, end: UInt32(clamping: bytes.count)))
      return
    }
    while offset < bytes.count {
      if tokens.count >= limits.tokens || diagnostics.count >= limits.diagnostics {
        if tokens.count >= limits.tokens {
          report(.limit, offset..<offset, "the file has more than \(limits.tokens) words, blanks and comments")
        }
        append(.invalid, from: offset, to: bytes.count)
        return
      }
      token()
    }
  }

  private mutating func token() {
    let start = offset
    switch Self.classes[Int(bytes[offset])] {
    case .blank:
      repeat { offset += 1 } while offset < bytes.count && Self.classes[Int(bytes[offset])] == .blank
      append(.space, from: start, to: offset)
    case .lineFeed:
      append(.newline, from: start, to: start + 1)
    case .carriageReturn:
      if lineEnding(at: start) == 2 {
        append(.newline, from: start, to: start + 2)
      } else {
        report(.character, start..<(start + 1), "a carriage return stands alone; lines end with a line feed")
        append(.invalid, from: start, to: start + 1)
      }
    case .open: append(.open, from: start, to: start + 1)
    case .close: append(.close, from: start, to: start + 1)
    case .hash: comment()
    case .quote: string()
    case .backslash where lineEnding(at: start + 1) > 0:
      append(.continuation, from: start, to: start + 1 + lineEnding(at: start + 1))
    default: word()
    }
  }

  private mutating func comment() {
    let start = offset
    var valid = true
    while offset < bytes.count, lineEnding(at: offset) == 0 {
      if bytes[offset] < 0x80 {
        if Byte.isControl(bytes[offset]), bytes[offset] != Byte.tab { valid = reportControl(at: offset) && valid }
        offset += 1
      } else {
        valid = high() && valid
      }
    }
    append(valid ? .comment : .invalid, from: start, to: offset)
  }

  private mutating func string() {
    let start = offset
    var marks: Token.Marks = []
    var valid = true
    offset += 1
    while offset < bytes.count {
      let byte = bytes[offset]
      if byte == Byte.quote {
        offset += 1
        if offset < bytes.count, isWord(bytes[offset]) {
          report(.form, offset..<(offset + 1), "a blank is missing after the closing quote")
          valid = false
        }
        append(valid ? .string : .invalid, marks, from: start, to: offset)
        return
      }
      if lineEnding(at: offset) > 0 { break }
      if byte == Byte.backslash {
        marks.insert(.escapes)
        valid = escape(inString: true) && valid
      } else if byte < 0x80 {
        if Byte.isControl(byte), byte != Byte.tab { valid = reportControl(at: offset) }
        offset += 1
      } else {
        valid = high() && valid
      }
    }
    report(.unclosed, start..<offset, "the string is not closed on its line; expected \"")
    append(.invalid, from: start, to: offset)
  }

  private mutating func word() {
    let start = offset
    var marks: Token.Marks = []
    var valid = true
    var depth = 0
    scan: while offset < bytes.count {
      switch Self.classes[Int(bytes[offset])] {
      case .ordinary, .hash: offset += 1
      case .blank, .lineFeed: break scan
      case .carriageReturn:
        if lineEnding(at: offset) > 0 { break scan }
        report(.character, offset..<(offset + 1), "a carriage return stands alone; lines end with a line feed")
        valid = false
        offset += 1
      case .at:
        if offset + 1 < bytes.count, bytes[offset + 1] == Byte.open { marks.insert(.variables) }
        offset += 1
      case .open:
        depth += 1
        offset += 1
      case .close:
        if depth == 0 { break scan }
        depth -= 1
        offset += 1
      case .backslash:
        if lineEnding(at: offset + 1) > 0 { break scan }
        marks.insert(.escapes)
        valid = escape(inString: false) && valid
      case .quote:
        report(.form, offset..<(offset + 1), "a quote stands inside a word; expected the whole word in quotes, or \\\"")
        valid = false
        offset += 1
      case .forbidden:
        report(
          .habit, offset..<(offset + 1),
          "a statement ends with its line, ';' has no meaning; expected a new line, or \\;")
        valid = false
        offset += 1
      case .control:
        valid = reportControl(at: offset)
        offset += 1
      case .high: valid = high() && valid
      }
    }
    if depth > 0 {
      report(
        .unclosed, start..<offset, "a '{' inside the word is not closed; expected '}', or a blank before a block's '{'")
      valid = false
    }
    append(valid ? .word : .invalid, marks, from: start, to: offset)
  }

  /// Steps over a backslash and what belongs to it; false when it is no escape of the language.
  private mutating func escape(inString: Bool) -> Bool {
    let start = offset
    switch Escape.read(bytes, at: offset, inString: inString) {
    case .byte(_, let length):
      offset += length
      return true
    case .nul:
      offset += 4
      report(.escape, start..<offset, "\\x00 is no byte that a name or a path can hold")
    case .invalid:
      offset = min(offset + 2, bytes.count)
      while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
      let forms =
        inString ? "\\\\ \\\" \\n \\r \\t or \\xNN" : "\\xNN, or a backslash before a blank or a punctuation mark"
      report(.escape, start..<offset, "there is no such escape; expected \(forms)")
    }
    return false
  }

  /// Steps over one character that is not ASCII; false when it is malformed or cannot be seen.
  private mutating func high() -> Bool {
    let length = UTF8Sequence.length(in: bytes, at: offset)
    let range = offset..<(offset + max(1, length))
    offset = range.upperBound
    if length == 0 {
      report(.character, range, "the byte is no part of a UTF-8 character; expected \\xNN in a quoted string")
      return false
    }
    if UTF8Sequence.isDeceptive(UTF8Sequence.scalar(in: bytes, at: range.lowerBound, length: length)) {
      report(
        .character, range, "the character cannot be seen or turns the reading order; expected \\xNN in a quoted string")
      return false
    }
    return true
  }

  private mutating func reportControl(at offset: Int) -> Bool {
    report(
      .character, offset..<(offset + 1), "a control character may not stand here; expected \\xNN in a quoted string")
    return false
  }

  private func isWord(_ byte: UInt8) -> Bool {
    switch Self.classes[Int(byte)] {
    case .blank, .lineFeed, .carriageReturn, .open, .close, .hash: false
    case .backslash: lineEnding(at: offset + 1) == 0
    default: true
    }
  }

  /// The length of the line ending at an offset: 0, 1 or 2.
  private func lineEnding(at offset: Int) -> Int {
    guard offset < bytes.count else { return 0 }
    if bytes[offset] == Byte.lineFeed { return 1 }
    let pair = bytes[offset] == Byte.carriageReturn && offset + 1 < bytes.count && bytes[offset + 1] == Byte.lineFeed
    return pair ? 2 : 0
  }

  private mutating func append(_ kind: Token.Kind, _ marks: Token.Marks = [], from start: Int, to end: Int) {
    let token = Token(
      kind: kind, marks: marks, start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end))
    tokens.append(token)
    offset = end
    if kind == .word || kind == .string, end - start > limits.wordBytes {
      let count = Argument(Word(token: token), in: source).bytes.count
      if count > limits.wordBytes {
        report(.limit, start..<end, "the word has \(count) bytes, more than the \(limits.wordBytes) allowed")
      }
    }
  }

  private mutating func report(_ code: Diagnostic.Code, _ range: Range<Int>, _ message: String) {
    guard diagnostics.count < limits.diagnostics else { return }
    diagnostics.append(Diagnostic(code, at: Location(source: source, range: range), message))
  }
}

/// The escapes of words and strings.
enum Escape {
  enum Result {
    /// A byte, and how many bytes of the text say it.
    case byte(UInt8, length: Int)
    case nul
    case invalid
  }

  /// Reads the escape whose backslash stands at an offset.
  static func read(_ bytes: [UInt8], at offset: Int, inString: Bool) -> Result {
    guard offset + 1 < bytes.count else { return .invalid }
    let byte = bytes[offset + 1]
    if byte == UInt8(ascii: "x") {
      guard offset + 3 < bytes.count, let high = Byte.hexValue(bytes[offset + 2]),
        let low = Byte.hexValue(bytes[offset + 3])
      else { return .invalid }
      let value = high << 4 | low
      return value == 0 ? .nul : .byte(value, length: 4)
    }
    if inString {
      switch byte {
      case Byte.backslash, Byte.quote: return .byte(byte, length: 2)
      case UInt8(ascii: "n"): return .byte(Byte.lineFeed, length: 2)
      case UInt8(ascii: "r"): return .byte(Byte.carriageReturn, length: 2)
      case UInt8(ascii: "t"): return .byte(Byte.tab, length: 2)
      default: return .invalid
      }
    }
    return Byte.isPunctuation(byte) || byte == Byte.space ? .byte(byte, length: 2) : .invalid
  }
}
