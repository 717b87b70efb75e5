// SPDX-License-Identifier: Apache-2.0

import Testing
import TrustPolicy

@Suite struct TrustDigestTests {
  static let hex32 = String(repeating: "0f", count: 32)
  static let hex64 = String(repeating: "a5", count: 64)

  @Test(arguments: ["sha256:\(hex32)", "fsverity-sha256:\(hex32)", "fsverity-sha512:\(hex64)"])
  func readsWhatItWrites(_ text: String) throws {
    let digest = try #require(TrustDigest(text))
    #expect(digest.description == text)
    #expect(digest.bytes.count == digest.algorithm.length)
  }

  @Test func writesSmallLetters() throws {
    #expect(try #require(TrustDigest("sha256:\(Self.hex32.uppercased())")).description == "sha256:\(Self.hex32)")
  }

  @Test(arguments: [
    "", ":", "sha256", "sha256:", "sha256:\(hex32)0", "sha256:\(hex32)00", "sha256:\(hex32.dropLast())",
    "sha256:\(hex64)",
    "fsverity-sha512:\(hex32)", "SHA256:\(hex32)", "sha512:\(hex64)", "sha256:\(hex32.dropLast())g", " sha256:\(hex32)",
  ]) func refuses(_ text: String) {
    #expect(TrustDigest(text) == nil)
  }

  @Test func refusesBytesOfAnotherLength() {
    #expect(TrustDigest(.sha256, [UInt8](repeating: 0, count: 31)) == nil)
    #expect(TrustDigest(.fsveritySHA512, [UInt8](repeating: 0, count: 32)) == nil)
  }
}
