// SPDX-License-Identifier: Apache-2.0

import PolicyText
import Testing

@Suite struct FormatterTests {
  struct Row: CustomTestStringConvertible {
    let name: String
    let text: String
    let expected: String
    var testDescription: String { name }
  }

  static let rows = [
    Row(name: "nothing", text: "", expected: ""),
    Row(name: "empty lines alone", text: "\n\n\n", expected: ""),
    Row(name: "blanks and tabs", text: "\t a   b\tc  \n", expected: "a b c\n"),
    Row(name: "no last line ending", text: "a", expected: "a\n"),
    Row(name: "line endings of another system", text: "a\r\nb # c \r\n", expected: "a\nb  # c\n"),
    Row(name: "empty lines become one", text: "a\n\n\n\nb\n", expected: "a\n\nb\n"),
    Row(name: "no empty line inside a block's edges", text: "a {\n\n\nb\n\n}\n", expected: "a {\n  b\n}\n"),
    Row(name: "block on one line", text: "a { b c }\n", expected: "a {\n  b c\n}\n"),
    Row(name: "empty block", text: "a { }\n", expected: "a {\n}\n"),
    Row(name: "nested", text: "a {\nb {\nc\n}\n}\n", expected: "a {\n  b {\n    c\n  }\n}\n"),
    Row(
      name: "comments stay where they stand",
      text: "#1\na {#2\n   #3\nb#x   #4\n}#5\n\n#6",
      expected: "#1\na {  #2\n  #3\n  b#x  #4\n}  #5\n\n#6\n"),
    Row(name: "continuation", text: "a {\nb \\\n c \\\nd\n}\n", expected: "a {\n  b \\\n      c \\\n      d\n}\n"),
    Row(name: "continuation that joins nothing", text: "\\\na \\\n\nb\n", expected: "a\nb\n"),
    Row(name: "continuation before a comment", text: "a \\\n # c\nb\n", expected: "a  # c\nb\n"),
    Row(name: "strings and escapes as written", text: "a  \"\\x41  b\"   \\x41\n", expected: "a \"\\x41  b\" \\x41\n"),
  ]

  @Test(arguments: rows) func laysOut(_ row: Row) throws {
    let document = try Document(parsing: Source(name: "p", text: row.text))
    let once = Formatter.format(document)
    #expect(String(decoding: once, as: UTF8.self) == row.expected)
    let again = try Document(parsing: Source(name: "p", bytes: once))
    #expect(Formatter.format(again) == once)
    #expect(outline(again) == outline(document))
  }
}
