// SPDX-License-Identifier: Apache-2.0

import Inventory
import Testing

@Suite struct LinkerCacheTests {
  static let entries = [("liba.so", "/x/liba.so"), ("libb.so", "/v3/libb.so"), ("libb.so", "/x/libb.so")]

  @Test(arguments: [nil, 0, 3, 4] as [UInt32?]) func readsBothFormats(_ oldEntries: UInt32?) throws {
    let cache = try LinkerCache(linkerCache(Self.entries, oldEntries: oldEntries))
    #expect(cache.count == 2)
    #expect(cache.candidates(for: Array("libb.so".utf8)) == [Array("/v3/libb.so".utf8), Array("/x/libb.so".utf8)])
    #expect(cache.candidates(for: Array("libc.so".utf8)) == [])
  }

  @Test(arguments: [
    ("empty", [UInt8](), "it does not begin as a cache does", 0),
    (
      "text", Array("not a cache, but a text that is long enough to have a header".utf8),
      "it does not begin as a cache does", 0
    ),
    (
      "old format alone", Array("ld.so-1.7.0\0".utf8) + [1, 0, 0, 0] + [UInt8](repeating: 0, count: 12),
      "it does not begin as a cache does", 28
    ),
    (
      "old format of any size", Array("ld.so-1.7.0\0".utf8) + [255, 255, 255, 255], "it does not begin as a cache does",
      16
    ),
  ]) func refusesWhatIsNoCache(_ name: String, _ bytes: [UInt8], _ reason: String, _ offset: Int) {
    let error = #expect(throws: LinkerCache.Problem.self) { try LinkerCache(bytes) }
    #expect(error?.reason == reason)
    #expect(error?.offset == offset)
  }

  @Test(
    arguments: [
      (20, [255, 255, 255, 255], "it says that it has 4294967295 entries", 20),
      (20, [8, 0, 0, 0], "it says that it has 8 entries", 20),
      (28, [3], "its byte order is another", 28),
      (48 + 4, [255, 255, 0, 0], "a text lies beyond the end", 52),
      (48 + 8, [255, 255, 255, 255], "a text lies beyond the end", 56),
    ] as [(Int, [UInt8], String, Int)]) func namesWhatIsMalformed(
      _ place: Int, _ damage: [UInt8], _ reason: String, _ offset: Int
    )
  {
    var bytes = linkerCache(Self.entries)
    bytes.replaceSubrange(place..<(place + damage.count), with: damage)
    let error = #expect(throws: LinkerCache.Problem.self) { try LinkerCache(bytes) }
    #expect(error?.reason == reason)
    #expect(error?.offset == offset)
  }

  @Test func refusesATextWithoutEnd() {
    let error = #expect(throws: LinkerCache.Problem.self) {
      try LinkerCache(linkerCache(Self.entries).dropLast() + [0x61])
    }
    #expect(error?.reason == "a text has no end")
  }

  @Test func survivesEveryTruncation() {
    let bytes = linkerCache(Self.entries, oldEntries: 2)
    for count in 0..<bytes.count {
      #expect(throws: LinkerCache.Problem.self) { try LinkerCache(Array(bytes.prefix(count))) }
    }
  }
}
