// SPDX-License-Identifier: Apache-2.0

/// An algorithm identifier, TPM_ALG_ID (TCG Algorithm Registry, table 3; TPM 2.0 Library Part 2, section 6.3).
///
/// Any 16-bit value is representable, because a TPM may report algorithms that this library does not know.
public struct TPMAlgorithm: RawRepresentable, Hashable, Sendable, Comparable {
  /// The identifier as it stands on the wire.
  public let rawValue: UInt16

  /// Creates an identifier from its value on the wire.
  public init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// SHA-1.
  public static let sha1 = TPMAlgorithm(rawValue: 0x0004)
  /// SHA-256.
  public static let sha256 = TPMAlgorithm(rawValue: 0x000B)
  /// SHA-384.
  public static let sha384 = TPMAlgorithm(rawValue: 0x000C)
  /// SHA-512.
  public static let sha512 = TPMAlgorithm(rawValue: 0x000D)
  /// SM3 with 256 bits.
  public static let sm3_256 = TPMAlgorithm(rawValue: 0x0012)
  /// SHA3-256.
  public static let sha3_256 = TPMAlgorithm(rawValue: 0x0027)
  /// SHA3-384.
  public static let sha3_384 = TPMAlgorithm(rawValue: 0x0028)
  /// SHA3-512.
  public static let sha3_512 = TPMAlgorithm(rawValue: 0x0029)

  /// Creates the identifier of that name, as ``name`` writes it; nil when no such name is known.
  public init?(name: String) {
    guard let id = Self.names.first(where: { $0.value == name })?.key else { return nil }
    self.init(rawValue: id)
  }

  /// The name in lower case, as tpm2-tools and the kernel write it, or `0x` and four digits when it has none here.
  public var name: String {
    Self.names[rawValue] ?? "0x" + hexadecimal(UInt32(rawValue), digits: 4)
  }

  /// The digest's length in bytes; nil when the algorithm is no hash, or not a known one.
  public var digestSize: Int? {
    switch self {
    case .sha1: 20
    case .sha256, .sm3_256, .sha3_256: 32
    case .sha384, .sha3_384: 48
    case .sha512, .sha3_512: 64
    default: nil
    }
  }

  /// Orders by identifier, so that banks are listed in the same order everywhere.
  public static func < (left: TPMAlgorithm, right: TPMAlgorithm) -> Bool {
    left.rawValue < right.rawValue
  }

  private static let names: [UInt16: String] = [
    0x0001: "rsa", 0x0003: "tdes", 0x0004: "sha1", 0x0005: "hmac", 0x0006: "aes", 0x0007: "mgf1",
    0x0008: "keyedhash", 0x000A: "xor", 0x000B: "sha256", 0x000C: "sha384", 0x000D: "sha512", 0x0010: "null",
    0x0012: "sm3_256", 0x0013: "sm4", 0x0014: "rsassa", 0x0015: "rsaes", 0x0016: "rsapss", 0x0017: "oaep",
    0x0018: "ecdsa", 0x0019: "ecdh", 0x001A: "ecdaa", 0x001B: "sm2", 0x001C: "ecschnorr", 0x001D: "ecmqv",
    0x0020: "kdf1_sp800_56a", 0x0021: "kdf2", 0x0022: "kdf1_sp800_108", 0x0023: "ecc", 0x0025: "symcipher",
    0x0026: "camellia", 0x0027: "sha3_256", 0x0028: "sha3_384", 0x0029: "sha3_512", 0x003F: "cmac",
    0x0040: "ctr", 0x0041: "ofb", 0x0042: "cbc", 0x0043: "cfb", 0x0044: "ecb",
  ]
}

extension TPMAlgorithm: CustomStringConvertible {
  /// The name.
  public var description: String { name }
}

/// Writes a number in lower-case hexadecimal with at least that many digits.
func hexadecimal(_ value: UInt32, digits: Int) -> String {
  let text = String(value, radix: 16)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}
