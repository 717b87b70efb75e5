// SPDX-License-Identifier: Apache-2.0

import PolicyText
import Testing

@Suite struct DocumentTests {
  struct Refusal: CustomTestStringConvertible {
    let name: String
    let text: String
    let expected: [String]
    var testDescription: String { name }
  }

  static let refusals = [
    Refusal(
      name: "string without end", text: "a \"b\n",
      expected: ["p:1:3: error: the string is not closed on its line; expected \""]),
    Refusal(
      name: "string without end at the file's end", text: "a \"",
      expected: ["p:1:3: error: the string is not closed on its line; expected \""]),
    Refusal(
      name: "no blank after a string", text: "a \"b\"c\n",
      expected: ["p:1:6: error: a blank is missing after the closing quote"]),
    Refusal(
      name: "quote inside a word", text: "a b\"c\n",
      expected: ["p:1:4: error: a quote stands inside a word; expected the whole word in quotes, or \\\""]),
    Refusal(
      name: "unknown escape in a string", text: "a \"\\q\"\n",
      expected: ["p:1:4: error: there is no such escape; expected \\\\ \\\" \\n \\r \\t or \\xNN"]),
    Refusal(
      name: "half a hexadecimal escape", text: "a \"\\x4\"\n",
      expected: ["p:1:4: error: there is no such escape; expected \\\\ \\\" \\n \\r \\t or \\xNN"]),
    Refusal(
      name: "unknown escape in a word", text: "a \\n\n",
      expected: [
        "p:1:3: error: there is no such escape; expected \\xNN, or a backslash before a blank or a punctuation mark"
      ]),
    Refusal(
      name: "NUL escape", text: "a \"\\x00\"\n",
      expected: ["p:1:4: error: \\x00 is no byte that a name or a path can hold"]),
    Refusal(
      name: "control character", text: "a b\u{1B}[2J\n",
      expected: ["p:1:4: error: a control character may not stand here; expected \\xNN in a quoted string"]),
    Refusal(
      name: "control character in a comment", text: "# \u{7}\n",
      expected: ["p:1:3: error: a control character may not stand here; expected \\xNN in a quoted string"]),
    Refusal(
      name: "carriage return alone", text: "a\rb\n",
      expected: ["p:1:2: error: a carriage return stands alone; lines end with a line feed"]),
    Refusal(
      name: "reading order turned in a comment", text: "a # \u{202E}x\n",
      expected: [
        "p:1:5: error: the character cannot be seen or turns the reading order; expected \\xNN in a quoted string"
      ]),
    Refusal(
      name: "zero-width space in a path", text: "a /b\u{200B}c\n",
      expected: [
        "p:1:5: error: the character cannot be seen or turns the reading order; expected \\xNN in a quoted string"
      ]),
    Refusal(
      name: "byte order mark", text: "\u{FEFF}a\n",
      expected: [
        "p:1:1: error: the character cannot be seen or turns the reading order; expected \\xNN in a quoted string"
      ]),
    Refusal(
      name: "semicolon", text: "a b;\n",
      expected: ["p:1:4: error: a statement ends with its line, ';' has no meaning; expected a new line, or \\;"]),
    Refusal(
      name: "comma at the end", text: "a /b rw,\n",
      expected: ["p:1:8: error: a statement ends with its line, ',' has no meaning; expected a new line, or \\,"]),
    Refusal(
      name: "brace that closes nothing", text: "a\n}\n",
      expected: ["p:2:1: error: '}' closes nothing; expected a statement"]),
    Refusal(
      name: "block not closed", text: "a {\n  b\n",
      expected: ["p:1:3: error: the block is not closed before the file ends; expected '}'"]),
    Refusal(
      name: "block without a name", text: "{\n}\n",
      expected: ["p:1:1: error: a block has no name; expected a word such as 'trust' before '{'"]),
    Refusal(
      name: "brace on a line of its own", text: "a\n{\n}\n",
      expected: ["p:2:1: error: a block has no name; expected a word such as 'trust' before '{'"]),
    Refusal(
      name: "brace without a blank", text: "trust{\n}\n",
      expected: [
        "p:1:1: error: a '{' inside the word is not closed; expected '}', or a blank before a block's '{'",
        "p:2:1: error: '}' closes nothing; expected a statement",
      ]),
    Refusal(
      name: "statement behind a brace", text: "a {\n} b\n",
      expected: ["p:2:3: error: a statement stands behind '}'; expected a new line"]),
    Refusal(
      name: "several at once, columns in characters, tab is one", text: "\täö \"x\nb;\n}\n",
      expected: [
        "p:1:5: error: the string is not closed on its line; expected \"",
        "p:2:2: error: a statement ends with its line, ';' has no meaning; expected a new line, or \\;",
        "p:3:1: error: '}' closes nothing; expected a statement",
      ]),
    Refusal(
      name: "include as a comment", text: "#include <abstractions/qemu>\n",
      expected: ["p:1:1: warning: '#include' is a comment here; nearest: include"]),
  ]

  @Test(arguments: refusals) func refusesWithPlaceAndExpectation(_ row: Refusal) {
    #expect(problems(row.text) == row.expected)
  }

  @Test func refusesBytesThatAreNoUTF8() {
    let message = "error: the byte is no part of a UTF-8 character; expected \\xNN in a quoted string"
    for bytes: [UInt8] in [
      [0x80], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF], [0xE2, 0x82],
    ] {
      #expect(problems(Array("a ".utf8) + bytes + Array("\n".utf8)).first == "p:1:3: \(message)")
      #expect(problems(Array("#".utf8) + bytes + Array("\n".utf8)).first == "p:1:2: \(message)")
    }
  }

  @Test func marksTheSourceLineSafely() throws {
    let error = #expect(throws: PolicyError.self) {
      try Document(parsing: Source(name: "p", text: "\tvm \u{1B}x \"open\n"))
    }
    #expect(
      error?.diagnostics.last?.description == """
        p:1:8: error: the string is not closed on its line; expected "
           vm \\x1bx "open
                    ^~~~~
        """)
  }

  @Test func cutsALongLineAroundTheCaret() throws {
    let text = String(repeating: "a", count: 1 << 20) + " ;\n"
    var limits = Limits()
    limits.wordBytes = 2 << 20
    let error = #expect(throws: PolicyError.self) {
      try Document(parsing: Source(name: "p", text: text), limits: limits)
    }
    let diagnostic = try #require(error?.diagnostics.first)
    #expect(diagnostic.place.column == (1 << 20) + 2)
    #expect(diagnostic.excerpt.count < 120)
    #expect(Array(diagnostic.excerpt)[diagnostic.caretColumn] == ";")
  }

  @Test func keepsEveryByte() throws {
    let text = "# first\r\n\r\n  a \t\"b c\" {\n\n # inside \n  d \\\n   e\n}\n\n\n# last"
    let document = try Document(parsing: Source(name: "p", text: text))
    #expect(document.bytes == Array(text.utf8))
    #expect(document.statements.count == 1)
    #expect(document.statements[0].block?.first?.words.count == 2)
  }

  @Test func readsWordsByteForByte() throws {
    let text = #"w "a\n\"\\\xff\t" /srv/my\ disk\*\x2a/* "/a*{b}" @{x}/{a,b} #no"#
    let document = try Document(parsing: Source(name: "p", text: text))
    let words = document.statements[0].words.map { document.argument($0) }
    #expect(words.count == 5)
    #expect(words[1].bytes == Array("a\n\"\\".utf8) + [0xFF, 0x09])
    #expect(words[2].bytes == Array("/srv/my disk**/*".utf8))
    #expect(words[2].firstWildcard == 15)
    #expect(words[3].bytes == Array("/a*{b}".utf8))
    #expect(!words[3].hasWildcards)
    #expect(words[4].bytes == Array("@{x}/{a,b}".utf8))
  }

  @Test(arguments: [
    ("nesting", String(repeating: "a {\n", count: 17), "p:17:3: error: blocks are nested deeper than 16"),
    (
      "nesting, far deeper", String(repeating: "a {\n", count: 200_000),
      "p:17:3: error: blocks are nested deeper than 16"
    ),
    (
      "word", String(repeating: "a", count: 4096) + "\n",
      "p:1:1: error: the word has 4096 bytes, more than the 4095 allowed"
    ),
    (
      "string", "\"" + String(repeating: "\\x61", count: 4096) + "\"\n",
      "p:1:1: error: the word has 4096 bytes, more than the 4095 allowed"
    ),
  ]) func boundsWhatItReads(_ row: (name: String, text: String, expected: String)) {
    #expect(problems(row.text).first == row.expected)
  }

  @Test func acceptsTheLongestPath() {
    #expect(problems("\"/" + String(repeating: "\\xff", count: 4094) + "\"\n") == [])
    #expect(problems(String(repeating: "a {\n", count: 16) + String(repeating: "}\n", count: 16)) == [])
  }

  @Test func boundsTheFileAndItsTokens() {
    var limits = Limits()
    limits.fileBytes = 10
    #expect(
      problems("0123456789\n", limits: limits) == ["p:1:1: error: the file has 11 bytes, more than the 10 allowed"])
    limits = Limits()
    limits.tokens = 4
    #expect(
      problems("a\nb\nc\n", limits: limits).first == "p:3:1: error: the file has more than 4 words, blanks and comments"
    )
    limits = Limits()
    limits.diagnostics = 3
    #expect(problems(String(repeating: "a;\n", count: 1000), limits: limits).count == 3)
  }

  /// Whatever the bytes are: an error with a place inside the file, or a tree that prints back identically and whose
  /// formatted text means the same.
  @Test func survivesAnyBytes() throws {
    let seed = Array(
      "policy \"n\" version 7 # c\ninclude <x>\n@{v} = /a \"b\\xff\" \\\n {c,d}\ntrust {\n  exec /a\\* sha256:00 }\n"
        .utf8)
    var random = SplitMix(state: 7)
    for round in 0..<4000 {
      var bytes = seed
      if round < seed.count { bytes.removeLast(round) }
      for _ in 0..<(round % 5) where !bytes.isEmpty {
        bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
      }
      for _ in 0..<(round % 3) where !bytes.isEmpty {
        let special = Array("{}\"\\#\n\r @;".utf8)
        bytes.insert(special[Int(random.next() % UInt64(special.count))], at: Int(random.next() % UInt64(bytes.count)))
      }
      do {
        let document = try Document(parsing: Source(name: "p", bytes: bytes))
        #expect(document.bytes == bytes)
        let formatted = try Document(parsing: Source(name: "p", bytes: Formatter.format(document)))
        #expect(outline(formatted) == outline(document))
        #expect(Formatter.format(formatted) == formatted.bytes)
      } catch {
        #expect(!error.diagnostics.isEmpty)
        #expect(error.diagnostics.allSatisfy { $0.place.line >= 1 && $0.place.column >= 1 })
      }
    }
  }
}

/// The statements of a document and what their words say, without layout.
func outline(_ document: Document) -> String {
  func render(_ statement: Statement) -> String {
    let words = statement.words.map { "\(document.argument($0).bytes)\($0.isQuoted)" }
    return "\(words)" + (statement.block.map { "{" + $0.map(render).joined() + "}" } ?? ";")
  }
  return document.statements.map(render).joined()
}

/// The same numbers in each run, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
