// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import KernelModule

@Suite struct TrustEntryTests {
  private static func path(_ length: Int) -> [UInt8] {
    [UInt8(ascii: "/")] + [UInt8](repeating: UInt8(ascii: "a"), count: length - 1)
  }

  @Test(arguments: ["/a", "/usr/bin/qemu-system-x86_64", "/...", "/a b", "/.hidden/..b"])
  func acceptsAPath(path: String) throws {
    #expect(try TrustEntry(kind: .library, path: Array(path.utf8)).path == Array(path.utf8))
  }

  @Test(arguments: ["", "a", "usr/bin/x", "/", "/a/", "//a", "/a//b", "/a/./b", "/../a", "/a/..", "/a\0b"])
  func rejectsAPath(path: String) {
    #expect(rejection { _ = try TrustEntry(kind: .exec, path: Array(path.utf8)) } == .path)
  }

  @Test func aPathMayHave4095Bytes() throws {
    _ = try TrustEntry(kind: .exec, path: Self.path(4095))
    #expect(rejection { _ = try TrustEntry(kind: .exec, path: Self.path(4096)) } == .path)
  }

  @Test(arguments: [
    (TrustEntry.Algorithm.sha256, 0), (.sha256, 31), (.sha256, 33), (.sha256, 64), (.fsveritySHA256, 64),
    (.fsveritySHA512, 32), (.fsveritySHA512, 63), (.fsveritySHA512, 65),
  ])
  func rejectsADigestOfAnotherLength(algorithm: TrustEntry.Algorithm, length: Int) {
    let digest = [UInt8](repeating: 1, count: length)
    #expect(rejection { _ = try TrustEntry(kind: .exec, path: [0x2F, 0x61], digest: (algorithm, digest)) } == .digest)
  }

  @Test(arguments: [
    (TrustEntry.Kind.library, TrustEntry.Flags.domain), (.firmware, .memoryExec), (.module, .domain),
    (.exec, TrustEntry.Flags(rawValue: 4)),
  ])
  func rejectsFlagsThatTheKindCannotHave(kind: TrustEntry.Kind, flags: TrustEntry.Flags) {
    #expect(rejection { _ = try TrustEntry(kind: kind, path: [0x2F, 0x61], flags: flags) } == .flags)
  }
}

@Suite struct PackedTrustTests {
  @Test func packsHeaderDigestPathAndPadding() throws {
    let entry = try TrustEntry(
      kind: .exec, path: Array("/a".utf8), digest: (.sha256, Array(1...32)), flags: [.domain, .memoryExec])
    let packed = try PackedTrust([entry])
    #expect(packed.bytes == [48, 0, 2, 0, 1, 1, 32, 3] + Array(1...32) + [0x2F, 0x61, 0, 0, 0, 0, 0, 0])
    #expect(packed.count == 1)
  }

  @Test func anUnknownDigestTakesNoRoom() throws {
    let packed = try PackedTrust([TrustEntry(kind: .module, path: Array("/abcdefg".utf8))])
    #expect(packed.bytes == [16, 0, 8, 0, 4, 0, 0, 0] + Array("/abcdefg".utf8))
  }

  /// FIPS 180-4: the digest of no bytes at all.
  @Test func digestIsSHA256OfTheBytes() throws {
    let empty = try PackedTrust([]).digest.map { String($0, radix: 16) }.joined(separator: " ")
    #expect(
      empty
        == "e3 b0 c4 42 98 fc 1c 14 9a fb f4 c8 99 6f b9 24 27 ae 41 e4 64 9b 93 4c a4 95 99 1b 78 52 b8 55")
  }

  @Test func rejectsMoreEntriesThanTheModuleTakes() throws {
    let entry = try TrustEntry(kind: .library, path: Array("/a".utf8))
    #expect(try PackedTrust(Array(repeating: entry, count: 65536)).count == 65536)
    #expect(rejection { _ = try PackedTrust(Array(repeating: entry, count: 65537)) } == .size)
  }

  @Test func rejectsMoreBytesThanTheModuleTakes() throws {
    // 4104 bytes each: 4088 fit in 16 MiB, 4089 do not.
    let path = [UInt8(ascii: "/")] + [UInt8](repeating: 0x61, count: 4094)
    let entry = try TrustEntry(kind: .library, path: path)
    #expect(try PackedTrust(Array(repeating: entry, count: 4088)).bytes.count == 4088 * 4104)
    #expect(rejection { _ = try PackedTrust(Array(repeating: entry, count: 4089)) } == .size)
  }

  @Test(arguments: [
    (24, [0..<24, 24..<48, 48..<72]), (47, [0..<24, 24..<48, 48..<72]), (48, [0..<48, 48..<72]), (1 << 20, [0..<72]),
  ])
  func chunksEndAtEntries(limit: Int, expected: [Range<Int>]) throws {
    let packed = try PackedTrust(
      ["/a", "/b", "/c"].map { try TrustEntry(kind: .library, path: Array(($0 + "123456789").utf8)) })
    #expect(packed.bytes.count == 72)
    #expect(packed.chunks(of: limit) == expected)
  }

  @Test func rejectsAPolicyNameThatDoesNotFit() throws {
    let entries = try PackedTrust([])
    for name in [String(repeating: "n", count: 128), "a\0b"] {
      #expect(
        rejection { _ = try TrustCommit(name: name, version: 1, isEnforcing: false, entries: entries) } == .policyName)
    }
    _ = try TrustCommit(name: String(repeating: "n", count: 127), version: 1, isEnforcing: false, entries: entries)
  }
}

@Suite struct VMNameTests {
  @Test(arguments: ["web1", "0", "a.b-c_D", String(repeating: "v", count: 63)])
  func acceptsAName(name: String) throws {
    #expect(try VMName(name).rawValue == name)
  }

  @Test(arguments: [
    "", ".", "-web", "_x", "a b", "a/b", "web\u{301}", "a\0", "a\n", String(repeating: "v", count: 64),
  ])
  func rejectsAName(name: String) {
    #expect(rejection { _ = try VMName(name) } == .vmName)
  }
}
