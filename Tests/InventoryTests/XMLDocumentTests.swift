// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Inventory

@Suite struct XMLDocumentTests {
  private func problem(_ bytes: [UInt8]) -> XMLDocument.Problem? {
    do throws(XMLDocument.Problem) {
      _ = try XMLDocument.read(bytes)
      return nil
    } catch {
      return error
    }
  }

  @Test func readsNamesTextsAndLines() throws {
    let text =
      "<?xml version='1.0'?>\n<a b='&lt;&#x41;&amp;'>\n  one <c d=''/> two<![CDATA[ <&]]>\n  <x:c xmlns:x='urn:x' e='f' x:g='h'/>\n</a>\n"
    let root = try XMLDocument.read(Array(text.utf8))
    #expect(root.name == "a" && root.line == 2)
    #expect(root.attribute("b") == "<A&")
    #expect(root.content() == "one  two <&")
    #expect(root.children.map(\.name) == ["c", "c"])
    #expect(root.children.map(\.namespace) == [nil, "urn:x"])
    #expect(root.children.map(\.line) == [3, 4])
    #expect(root.child("c")?.attribute("d") == nil)
    #expect(root.children[1].attribute("g") == nil && root.children[1].attribute("e") == "f")
  }

  @Test func tellsWhichPathsNobodyLookedAt() throws {
    let root = try XMLDocument.read(Array("<a b='/b' c='/c' d='d'><e> /e </e><f>/f</f></a>".utf8))
    _ = root.attribute("b")
    _ = root.child("f")?.content()
    #expect(root.unreadPaths().map { "\($0.place) \($0.value)" } == ["a c /c", "e /e"])
    root.dismiss()
    #expect(root.unreadPaths().isEmpty)
  }

  @Test(arguments: [
    ("", nil, "it is empty"),
    ("<a>\n<b></a>", 2, "it is no XML: "),
    ("<a>&x;</a>", 1, "it is no XML: "),
    ("<a/><a/>", 1, "it is no XML: "),
    ("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", nil, "it has a document type"),
    ("<a><!ENTITY x 'y'></a>", nil, "it has a document type"),
    ("<a>\u{0}</a>", nil, "it is no UTF-8 text"),
  ]) func refuses(_ text: String, _ line: Int?, _ message: String) {
    let found = problem(Array(text.utf8))
    #expect(found?.line == line)
    #expect(found?.message.hasPrefix(message) == true, "\(found?.message ?? "nothing")")
  }

  @Test func refusesOtherEncodings() {
    #expect(problem([0xFF, 0xFE, 0x3C, 0x00, 0x61, 0x00, 0x2F, 0x00, 0x3E, 0x00])?.message == "it is no UTF-8 text")
    #expect(problem(Array("<a>".utf8) + [0xE4] + Array("</a>".utf8))?.message == "it is no UTF-8 text")
    // What the document says of its encoding does not count.
    let text = "<?xml version='1.0' encoding='UTF-16'?><a b='ä'/>"
    #expect((try? XMLDocument.read(Array(text.utf8)))?.attribute("b") == "ä")
  }

  @Test func isBounded() {
    let deep = String(repeating: "<a>", count: 129) + String(repeating: "</a>", count: 129)
    #expect(problem(Array(deep.utf8))?.message == "elements stand in elements more than 128 deep")
    let wide = "<a>" + String(repeating: "<b/>", count: 200_000) + "</a>"
    #expect(problem(Array(wide.utf8))?.message == "it has more than 200000 nodes")
    let long = [UInt8](repeating: 0x20, count: XMLDocument.longest + 1)
    #expect(problem(long)?.message == "it is longer than 4194304 bytes")
  }
}
