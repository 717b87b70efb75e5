// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EventLog

@Suite("Digests, algorithms and boot ids")
struct DigestTests {
  /// The hash of "abc": FIPS 180-4 and FIPS 202 example values (NIST, Cryptographic Standards and Guidelines, Example
  /// Values) and GB/T 32905-2016, annex A.1.
  static let abc: [(HashAlgorithm, String)] = [
    (.sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
    (.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      .sha384,
      "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
    ),
    (
      .sha512,
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
        + "454d4423643ce80e2a9ac94fa54ca49f"
    ),
    (.sm3, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
    (.sha3_256, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"),
    (
      .sha3_384,
      "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376d25"
    ),
    (
      .sha3_512,
      "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e39340"
        + "57340b4cf408d5a56592f8274eec53f0"
    ),
  ]

  @Test("hashes as the standards' examples say", arguments: abc)
  func vectors(algorithm: HashAlgorithm, hex: String) throws {
    let digest = try Digest(hashing: Array("abc".utf8), with: algorithm)
    #expect(digest.description == "\(algorithm):\(hex)")
    #expect(digest.bytes.count == algorithm.digestLength)
  }

  @Test("one hasher gives the same again, also after nothing")
  func reuse() throws {
    var hasher = try BankHasher(.sha256)
    let empty = try hasher.hash([])
    #expect(HexBytes(empty).description == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(try hasher.hash(Array("abc".utf8)) == Digest(hashing: Array("abc".utf8), with: .sha256).bytes)
    #expect(try hasher.hash([]) == empty)
  }

  @Test("an algorithm that is not known cannot hash, and has no zero")
  func unknown() {
    let algorithm = HashAlgorithm(rawValue: 0x1234)
    #expect(throws: HashingError(algorithm: algorithm, function: nil, reason: "")) {
      try Digest(hashing: [], with: algorithm)
    }
    #expect(Digest(zero: algorithm) == nil)
    #expect(algorithm.digestLength == nil)
    #expect(algorithm.description == "0x1234")
  }

  @Test("a digest has its algorithm's length")
  func length() {
    #expect(Digest(algorithm: .sha256, bytes: [UInt8](repeating: 0, count: 31)) == nil)
    #expect(Digest(algorithm: .sha256, bytes: [UInt8](repeating: 0, count: 33)) == nil)
    #expect(Digest(algorithm: .sha256, bytes: [UInt8](repeating: 0, count: 32)) == Digest(zero: .sha256))
    #expect(Digest(algorithm: HashAlgorithm(rawValue: 0x99), bytes: [1])?.bytes == [1])
  }

  @Test("every algorithm is found by its name, by nothing else")
  func names() {
    for (algorithm, _) in Self.abc { #expect(HashAlgorithm(name: algorithm.description) == algorithm) }
    #expect(HashAlgorithm(name: "0x1234") == HashAlgorithm(rawValue: 0x1234))
    for name in ["", "SHA256", "sha-256", "md5", "0x", "0x12345", "11"] { #expect(HashAlgorithm(name: name) == nil) }
  }

  @Test("hex is read in pairs of digits only")
  func hex() {
    #expect(HexBytes(hex: "00fFAb")?.bytes == [0, 255, 171])
    #expect(HexBytes([0, 255, 171]).description == "00ffab")
    #expect(HexBytes(hex: "")?.bytes == [])
    for text in ["0", "0g", "0x00", " 00", "00 ", "+1", "٠٠"] { #expect(HexBytes(hex: text) == nil) }
  }

  @Test("a boot id is read and written as the kernel prints it")
  func bootID() {
    let text = "0f2c8f0e-3c5b-4a55-9d1c-7f8a1b2c3d4e"
    #expect(BootID(text: text)?.description == text)
    #expect(BootID(text: text.uppercased())?.description == text)
    #expect(BootID([UInt8](repeating: 0, count: 15)) == nil)
    for bad in [
      "", "0f2c8f0e3c5b4a559d1c7f8a1b2c3d4e", "0f2c8f0e-3c5b-4a55-9d1c-7f8a1b2c3d4", "\(text)0",
      "0f2c8f0e-3c5b-4a55-9d1c_7f8a1b2c3d4e", "0f2c8f0g-3c5b-4a55-9d1c-7f8a1b2c3d4e",
    ] {
      #expect(BootID(text: bad) == nil)
    }
  }
}
