// SPDX-License-Identifier: Apache-2.0

/// A hash algorithm by its TPM_ALG_ID (TCG Algorithm Registry, section 6.10).
///
/// Any number can be held, so that a log with a bank moor does not know is still readable; ``digestLength`` and hashing
/// exist for those it knows.
public struct HashAlgorithm: RawRepresentable, Hashable, Sendable {
  /// The TPM_ALG_ID.
  public let rawValue: UInt16

  /// The algorithm with this TPM_ALG_ID, known or not.
  public init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// TPM_ALG_SHA1, 20 bytes. Old firmware logs hold this bank alone.
  public static let sha1 = Self(rawValue: 0x0004)
  /// TPM_ALG_SHA256, 32 bytes.
  public static let sha256 = Self(rawValue: 0x000B)
  /// TPM_ALG_SHA384, 48 bytes.
  public static let sha384 = Self(rawValue: 0x000C)
  /// TPM_ALG_SHA512, 64 bytes.
  public static let sha512 = Self(rawValue: 0x000D)
  /// TPM_ALG_SM3_256, 32 bytes.
  public static let sm3 = Self(rawValue: 0x0012)
  /// TPM_ALG_SHA3_256, 32 bytes.
  public static let sha3_256 = Self(rawValue: 0x0027)
  /// TPM_ALG_SHA3_384, 48 bytes.
  public static let sha3_384 = Self(rawValue: 0x0028)
  /// TPM_ALG_SHA3_512, 64 bytes.
  public static let sha3_512 = Self(rawValue: 0x0029)

  /// What moor knows of one algorithm: the name as tpm2-tools write it, OpenSSL's name, the digest's length in bytes.
  private struct Known {
    let name: String
    let openSSLName: String
    let length: Int
  }

  private static let known: [Self: Known] = [
    .sha1: Known(name: "sha1", openSSLName: "SHA1", length: 20),
    .sha256: Known(name: "sha256", openSSLName: "SHA2-256", length: 32),
    .sha384: Known(name: "sha384", openSSLName: "SHA2-384", length: 48),
    .sha512: Known(name: "sha512", openSSLName: "SHA2-512", length: 64),
    .sm3: Known(name: "sm3_256", openSSLName: "SM3", length: 32),
    .sha3_256: Known(name: "sha3_256", openSSLName: "SHA3-256", length: 32),
    .sha3_384: Known(name: "sha3_384", openSSLName: "SHA3-384", length: 48),
    .sha3_512: Known(name: "sha3_512", openSSLName: "SHA3-512", length: 64),
  ]

  /// The digest's length in bytes; nil for an algorithm moor does not know.
  public var digestLength: Int? { Self.known[self]?.length }

  /// OpenSSL's name of the algorithm; nil for one moor does not know.
  var openSSLName: String? { Self.known[self]?.openSSLName }

  /// The algorithm of this name, as ``description`` writes it; nil when there is none.
  public init?(name: String) {
    if let match = Self.known.first(where: { $0.value.name == name }) {
      self = match.key
      return
    }
    guard name.hasPrefix("0x"), let number = UInt16(name.dropFirst(2), radix: 16) else { return nil }
    self.init(rawValue: number)
  }
}

extension HashAlgorithm: CustomStringConvertible {
  /// The name tpm2-tools use (`sha256`), or the number in hex.
  public var description: String {
    Self.known[self]?.name ?? "0x" + String(rawValue, radix: 16)
  }
}

extension HashAlgorithm: Codable {
  /// Reads the name.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let algorithm = Self(name: name) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no hash algorithm has the name \(name)")
    }
    self = algorithm
  }

  /// Writes the name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
