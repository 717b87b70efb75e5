// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EventLog

@Suite("Text that an attacker may have chosen")
struct UntrustedTextTests {
  static let rows: [(String, [UInt8], String)] = [
    ("a plain path", Array("/usr/bin/qemu".utf8), "/usr/bin/qemu"),
    ("a space", Array("/a b".utf8), "/a b"),
    ("a quote and a backslash", Array("a\"b\\".utf8), "a\\\"b\\\\"),
    ("what looks like an escape", Array("\\x41".utf8), "\\\\x41"),
    ("a line end", Array("a\nrecord=cap".utf8), "a\\x0arecord=cap"),
    ("a carriage return", Array("a\rb".utf8), "a\\x0db"),
    ("a terminal sequence", Array("\u{1B}[31m".utf8), "\\x1b[31m"),
    ("the eight-bit form of it", [0x9B, 0x33], "\\x9b3"),
    ("DEL", [0x7F], "\\x7f"),
    ("NUL", [0], "\\x00"),
    ("a letter beyond ASCII", Array("ä".utf8), "\\xc3\\xa4"),
    ("right-to-left override", Array("\u{202E}".utf8), "\\xe2\\x80\\xae"),
    ("bytes that are not UTF-8", [0xFF, 0xFE], "\\xff\\xfe"),
    ("nothing", [], ""),
  ]

  @Test("is shown escaped, and read back from it", arguments: rows)
  func escapes(what: String, bytes: [UInt8], escaped: String) {
    let text = UntrustedText(bytes)
    #expect(text.description == escaped, "\(what)")
    #expect(text.quoted == "\"\(escaped)\"")
    #expect(UntrustedText(escaped: escaped) == text)
  }

  @Test("every byte stays apart from every other and inside visible ASCII")
  func everyByte() {
    var seen: Set<String> = []
    for byte in UInt8.min...UInt8.max {
      let text = UntrustedText([byte]).description
      #expect(text.utf8.allSatisfy { (0x20...0x7E).contains($0) })
      #expect(seen.insert(text).inserted)
      #expect(UntrustedText(escaped: text)?.bytes == [byte])
    }
  }

  @Test(
    "an escaped form that it would not have written is refused",
    arguments: ["\\", "a\\", "\\x", "\\x4", "\\xzz", "\\x41", "\\X0a", "\\x0A", "\\n", "\"", "\n", "ä", "\u{7F}"])
  func refuses(escaped: String) {
    #expect(UntrustedText(escaped: escaped) == nil)
  }

  @Test("its text is there only when it is UTF-8")
  func utf8() {
    #expect(UntrustedText("/ä").utf8 == "/ä")
    #expect(UntrustedText([0xC3]).utf8 == nil)
  }
}
