// SPDX-License-Identifier: Apache-2.0

import Testing
import TrustPolicy

@Suite struct PackedTrustTests {
  private func entries() throws -> [TrustEntry] {
    [
      TrustEntry(kind: .exec, path: try TrustPath("/a"), flags: [.domain, .memoryExec], digest: try digest(0x11)),
      TrustEntry(kind: .library, path: try TrustPath("/lib/b.so"), digest: nil),
      TrustEntry(kind: .module, path: try TrustPath("/m.ko"), digest: try digest(0x22, .fsveritySHA512)),
    ]
  }

  @Test func laysBytesOutAsTheKernelHasThem() throws {
    let entry = TrustEntry(kind: .exec, path: try TrustPath("/abc"), flags: .domain, digest: try digest(0x5A))
    let expected: [UInt8] =
      [48, 0, 4, 0, 1, 1, 32, 1] + [UInt8](repeating: 0x5A, count: 32) + Array("/abc".utf8) + [0, 0, 0, 0]
    #expect(PackedTrust.encode([entry]) == expected)
    #expect(PackedTrust.size(of: entry) == 48)
    let bare = TrustEntry(kind: .firmware, path: try TrustPath("/abcdefg"), digest: nil)
    #expect(PackedTrust.encode([bare]) == [16, 0, 8, 0, 3, 0, 0, 0] + Array("/abcdefg".utf8))
  }

  @Test func readsBackWhatItPacks() throws {
    let entries = try entries()
    #expect(try PackedTrust.decode(PackedTrust.encode(entries)) == entries)
    #expect(try PackedTrust.decode([]) == [])
  }

  @Test func packsInOneOrder() throws {
    let paths = try [TrustPath("/b"), TrustPath("/a"), TrustPath("/a/b"), TrustPath("/a.b")]
    var all: [TrustEntry] = []
    for kind in [TrustKind.module, .exec] {
      for path in paths {
        for found in [nil, try digest(2), try digest(1), try digest(0, .fsveritySHA256)] {
          all.append(TrustEntry(kind: kind, path: path, digest: found))
        }
      }
    }
    let bytes = PackedTrust.encode(all)
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20 { #expect(PackedTrust.encode(all.shuffled(using: &random)) == bytes) }
    let order = try PackedTrust.decode(bytes)
    #expect(order == all.sorted())
    #expect(order.prefix(4).map(\.digest) == [nil, try digest(1), try digest(2), try digest(0, .fsveritySHA256)])
    #expect(order.map(\.path.description).prefix(16).filter { $0 != "/a" }.first == "/a.b")
  }

  struct Damage: CustomTestStringConvertible {
    let testDescription: String
    let index: Int
    let value: UInt8
    let reason: String
  }

  @Test(arguments: [
    Damage(testDescription: "size 0", index: 0, value: 0, reason: "its size is 0"),
    Damage(testDescription: "size not a multiple of 8", index: 0, value: 47, reason: "its size is 47"),
    Damage(testDescription: "size beyond the end", index: 1, value: 1, reason: "its size is 304"),
    Damage(
      testDescription: "path beyond the entry", index: 2, value: 9, reason: "its parts have 49 bytes, its size is 48"),
    Damage(testDescription: "kind 0", index: 4, value: 0, reason: "its kind is 0"),
    Damage(testDescription: "kind 5", index: 4, value: 5, reason: "its kind is 5"),
    Damage(testDescription: "algorithm 4", index: 5, value: 4, reason: "its algorithm is 4"),
    Damage(
      testDescription: "digest without algorithm", index: 5, value: 0,
      reason: "it has a digest of 32 bytes without an algorithm"),
    Damage(
      testDescription: "digest of another length", index: 5, value: 3,
      reason: "its digest has 32 bytes, fsverity-sha512 has 64"),
    Damage(testDescription: "unknown flag", index: 7, value: 5, reason: "its flags are 5"),
    Damage(testDescription: "memory-exec without a domain", index: 7, value: 2, reason: "its flags are 2"),
    Damage(testDescription: "flag of another kind", index: 4, value: 2, reason: "its flags are 1"),
    Damage(testDescription: "relative path", index: 40, value: 0x61, reason: "its path is not absolute and normalised"),
    Damage(testDescription: "NUL in the path", index: 42, value: 0, reason: "its path is not absolute and normalised"),
    Damage(testDescription: "doubled slash", index: 41, value: 0x2F, reason: "its path is not absolute and normalised"),
    Damage(testDescription: "filled up with something", index: 47, value: 1, reason: "it is not filled up with zeros"),
  ]) func refusesDamage(_ row: Damage) throws {
    let first = TrustEntry(kind: .exec, path: try TrustPath("/0"), digest: nil)
    let entry = TrustEntry(kind: .exec, path: try TrustPath("/abc"), flags: .domain, digest: try digest(0x5A))
    var bytes = PackedTrust.encode([entry])
    bytes[row.index] = row.value
    let error = #expect(throws: PackedTrust.DecodingError.self) {
      try PackedTrust.decode(PackedTrust.encode([first]) + bytes)
    }
    #expect(error?.offset == 16)
    #expect(error?.reason == row.reason)
  }

  @Test func refusesEveryTruncation() throws {
    let bytes = PackedTrust.encode(try entries())
    let ends = Set([0, 48, 48 + 24, bytes.count])
    for count in 0..<bytes.count where !ends.contains(count) {
      #expect(throws: PackedTrust.DecodingError.self) { try PackedTrust.decode(Array(bytes.prefix(count))) }
    }
  }

  @Test func survivesAnyBytes() throws {
    let good = PackedTrust.encode(try entries())
    for index in good.indices {
      for bit in 0..<8 {
        var bytes = good
        bytes[index] ^= 1 << bit
        if let entries = try? PackedTrust.decode(bytes) { #expect(entries.count <= 3) }
      }
    }
  }

  @Test func boundsEntries() throws {
    let entry = PackedTrust.encode([TrustEntry(kind: .library, path: try TrustPath("/abcdefg"), digest: nil)])
    let full = [UInt8]((0..<PackedTrust.entryLimit).map { _ in entry }.joined())
    #expect(try PackedTrust.decode(full).count == PackedTrust.entryLimit)
    let error = #expect(throws: PackedTrust.DecodingError.self) { try PackedTrust.decode(full + entry) }
    #expect(error?.reason == "there are more than 65536 entries")
  }
}
