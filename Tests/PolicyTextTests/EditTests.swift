// SPDX-License-Identifier: Apache-2.0

import PolicyText
import Testing

@Suite struct EditTests {
  private func document(_ text: String) throws -> Document { try Document(parsing: Source(name: "p", text: text)) }
  private func text(_ document: Document) -> String { String(decoding: document.bytes, as: UTF8.self) }

  @Test func removesTheWholeLineOrTheStatementAlone() throws {
    let plain = try document("a # keep\n  b x # goes\nc\n")
    #expect(text(try plain.applying([plain.removing(plain.statements[1])])) == "a # keep\nc\n")
    let block = try document("t { a }\n")
    let inner = try #require(block.statements[0].block?.first)
    #expect(text(try block.applying([block.removing(inner)])) == "t {  }\n")
    let last = try document("a\nb")
    #expect(text(try last.applying([last.removing(last.statements[1])])) == "a\n")
  }

  @Test(arguments: [
    ("t {\n    a\n}\n", "t {\n    a\n    x\n    y\n}\n"),
    ("t {\n}\n", "t {\n  x\n  y\n}\n"),
    ("t { a }\n", "t { a\n  x\n  y\n}\n"),
    ("  t { }\n", "  t {\n    x\n    y\n  }\n"),
    ("t {\n  a # c\n  # end\n}\n", "t {\n  a # c\n  # end\n  x\n  y\n}\n"),
  ]) func appendsToABlock(_ before: String, _ after: String) throws {
    let old = try document(before)
    let edit = try #require(old.appending(["x", "y"], to: old.statements[0]))
    #expect(text(try old.applying([edit])) == after)
  }

  @Test func appliesEditsInTheOrderOfTheText() throws {
    let old = try document("abc def\n")
    #expect(text(try old.applying([TextEdit(4..<7, "x"), TextEdit(0..<0, "1"), TextEdit(0..<0, "2")])) == "12abc x\n")
  }

  @Test func refusesEditsThatOverlapOrSpoilTheText() throws {
    let old = try document("abc def\n")
    let overlap = #expect(throws: PolicyError.self) { try old.applying([TextEdit(0..<3, ""), TextEdit(2..<4, "")]) }
    #expect(overlap?.diagnostics.map(\.code) == [.form])
    let beyond = #expect(throws: PolicyError.self) { try old.applying([TextEdit(7..<99, "")]) }
    #expect(beyond?.diagnostics.map(\.code) == [.form])
    let spoilt = #expect(throws: PolicyError.self) { try old.applying([TextEdit(0..<0, "\"")]) }
    #expect(spoilt?.diagnostics.map(\.code) == [.unclosed])
  }
}
