// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import KernelModule

/// One packed library entry without a digest, as lsm/uapi/moor.h has it.
func packedEntry(path: String) -> [UInt8] {
  let length = path.utf8.count
  let size = (8 + length + 7) & ~7
  return [UInt8(size & 0xFF), UInt8(size >> 8), UInt8(length & 0xFF), UInt8(length >> 8), 2, 0, 0, 0] + Array(path.utf8)
    + [UInt8](repeating: 0, count: size - 8 - length)
}

@Suite struct TrustImageTests {
  @Test func countsItsEntries() throws {
    #expect(try TrustImage(packed: []).count == 0)
    #expect(try TrustImage(packed: packedEntry(path: "/a") + packedEntry(path: "/usr/lib/b.so")).count == 2)
  }

  /// FIPS 180-4: the digest of no bytes at all.
  @Test func digestIsSHA256OfTheBytes() throws {
    let empty = try TrustImage(packed: []).digest.map { String($0, radix: 16) }.joined(separator: " ")
    #expect(
      empty == "e3 b0 c4 42 98 fc 1c 14 9a fb f4 c8 99 6f b9 24 27 ae 41 e4 64 9b 93 4c a4 95 99 1b 78 52 b8 55")
  }

  @Test(
    arguments: [
      ("fewer bytes than a header", [16, 0, 2, 0, 2, 0, 0]),
      ("a size of zero", [0, 0, 0, 0, 2, 0, 0, 0]),
      ("a size that is no multiple of 8", [12, 0, 2, 0, 2, 0, 0, 0, 47, 97, 0, 0]),
      ("a size beyond the end", [24, 0, 2, 0, 2, 0, 0, 0, 47, 97, 0, 0, 0, 0, 0, 0]),
      ("a path beyond the entry", [16, 0, 9, 0, 2, 0, 0, 0, 47, 97, 0, 0, 0, 0, 0, 0]),
      ("a digest beyond the entry", [16, 0, 2, 0, 2, 0, 7, 0, 47, 97, 0, 0, 0, 0, 0, 0]),
      ("bytes behind the last entry", [16, 0, 2, 0, 2, 0, 0, 0, 47, 97, 0, 0, 0, 0, 0, 0, 1]),
    ] as [(String, [UInt8])])
  func rejectsSizesThatDoNotAddUp(what: String, bytes: [UInt8]) {
    #expect(rejection { _ = try TrustImage(packed: bytes) } == .malformed, "\(what)")
  }

  @Test func rejectsMoreEntriesThanTheModuleTakes() throws {
    let entry = packedEntry(path: "/a")
    #expect(try TrustImage(packed: Array(repeatElement(entry, count: 65536).joined())).count == 65536)
    #expect(
      rejection { _ = try TrustImage(packed: Array(repeatElement(entry, count: 65537).joined())) } == .size)
  }

  @Test func rejectsMoreBytesThanTheModuleTakes() throws {
    // 4104 bytes each: 4088 fit in 16 MiB, 4089 do not.
    let entry = packedEntry(path: "/" + String(repeating: "a", count: 4094))
    #expect(entry.count == 4104)
    #expect(try TrustImage(packed: Array(repeatElement(entry, count: 4088).joined())).count == 4088)
    #expect(rejection { _ = try TrustImage(packed: Array(repeatElement(entry, count: 4089).joined())) } == .size)
  }

  @Test(
    arguments: [
      (24, [0..<24, 24..<48, 48..<72]), (47, [0..<24, 24..<48, 48..<72]), (48, [0..<48, 48..<72]), (1 << 20, [0..<72]),
      (8, [0..<24, 24..<48, 48..<72]),
    ] as [(Int, [Range<Int>])])
  func chunksEndAtEntries(limit: Int, expected: [Range<Int>]) throws {
    let image = try TrustImage(packed: ["/a", "/b", "/c"].flatMap { packedEntry(path: $0 + "123456789") })
    #expect(image.bytes.count == 72)
    #expect(image.chunks(of: limit) == expected)
  }

  @Test func namesTheEntryAtAnOffset() throws {
    let image = try TrustImage(packed: packedEntry(path: "/a") + packedEntry(path: "/usr/lib/b.so"))
    #expect(image.describeEntry(at: 0) == "entry 1, /a")
    #expect(image.describeEntry(at: 15) == "entry 1, /a")
    #expect(image.describeEntry(at: 16) == "entry 2, /usr/lib/b.so")
    #expect(image.describeEntry(at: 1 << 20) == "entry 2, /usr/lib/b.so")
    #expect(try TrustImage(packed: []).describeEntry(at: 0) == "")
  }

  @Test func rejectsAPolicyNameThatDoesNotFit() throws {
    let image = try TrustImage(packed: [])
    for name in [String(repeating: "n", count: 128), "a\0b"] {
      #expect(
        rejection { _ = try TrustCommit(name: name, version: 1, isEnforcing: false, image: image) } == .policyName)
    }
    _ = try TrustCommit(name: String(repeating: "n", count: 127), version: 1, isEnforcing: false, image: image)
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
