// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import TrustPolicy

@Suite struct TrustPathTests {
  @Test(arguments: ["/a", "/a/b", "/...", "/.a", "/a/..b", "/a.", "/ ", "/\n"]) func takes(_ text: String) throws {
    #expect(try TrustPath(text).bytes == Array(text.utf8))
  }

  @Test(arguments: [
    ("", TrustPath.Problem.relative), ("a", .relative), ("./a", .relative), ("/", .trailingSlash),
    ("/a/", .trailingSlash),
    ("//", .doubledSlash), ("//a", .doubledSlash), ("/a//b", .doubledSlash), ("/.", .dots), ("/..", .dots),
    ("/a/./b", .dots), ("/a/..", .dots), ("/a/../b", .dots), ("/a\0b", .nul),
    ("/" + String(repeating: "a", count: 4095), .tooLong),
  ]) func refuses(_ text: String, _ problem: TrustPath.Problem) {
    #expect(throws: problem) { try TrustPath(text) }
  }

  @Test func takesTheLongest() throws {
    #expect(try TrustPath("/" + String(repeating: "a", count: 4094)).bytes.count == 4095)
  }

  @Test func travelsThroughJSON() throws {
    let paths = try [
      TrustPath("/plain"), TrustPath("/with blank \"quote\""), TrustPath([0x2F, 0xFF, 0x0A]), TrustPath("/\u{202E}"),
    ]
    let json = try JSONEncoder().encode(paths)
    #expect(try JSONDecoder().decode([TrustPath].self, from: json) == paths)
    #expect(paths.map(\.description) == ["/plain", "/with blank \"quote\"", "\"/\\xff\\n\"", "\"/\\xe2\\x80\\xae\""])
    for bad in ["[\"relative\"]", "[\"\\\"open\"]", "[\"\\\"/a\\\" b\"]"] {
      #expect(throws: (any Error).self) { try JSONDecoder().decode([TrustPath].self, from: Data(bad.utf8)) }
    }
  }
}
