// SPDX-License-Identifier: Apache-2.0

import PolicyText
import Testing

@Suite struct QuoteTests {
  @Test(arguments: [
    ("/usr/bin/qemu-system-x86_64", "/usr/bin/qemu-system-x86_64"),
    ("/lib/libstdc++.so.6", "/lib/libstdc++.so.6"),
    ("", "\"\""),
    ("=", "\"=\""),
    ("->", "\"->\""),
    ("#x", "\"#x\""),
    ("/a b", "\"/a b\""),
    ("/a*", "\"/a*\""),
    ("/@{x}", "\"/@{x}\""),
    ("/a\n\"\\\r\t", "\"/a\\n\\\"\\\\\\r\\t\""),
    ("/ä", "\"/ä\""),
    ("/\u{202E}", "\"/\\xe2\\x80\\xae\""),
  ]) func writesPlainWordsBare(_ bytes: String, _ expected: String) {
    #expect(Quote.word(Array(bytes.utf8)) == expected)
  }

  @Test func writesAnyBytesSoThatTheyReadBack() throws {
    var random = SplitMix(state: 3)
    for round in 0..<2000 {
      let bytes = (0..<(round % 40)).map { _ in UInt8(truncatingIfNeeded: random.next() % 255 + 1) }
      let document = try Document(parsing: Source(name: "p", text: "a " + Quote.word(bytes)))
      let argument = document.argument(document.statements[0].words[1])
      #expect(argument.bytes == bytes)
      #expect(!argument.hasWildcards)
    }
  }
}
