// SPDX-License-Identifier: Apache-2.0

/// A digest and the algorithm that made it: what a PCR bank holds or a record extends.
public struct Digest: Hashable, Sendable {
  /// How it was made.
  public let algorithm: HashAlgorithm
  /// The digest, of the algorithm's length where that is known.
  public let bytes: [UInt8]

  /// Nil when the length is not the algorithm's; any length is taken for an algorithm moor does not know.
  public init?(algorithm: HashAlgorithm, bytes: some Sequence<UInt8>) {
    let bytes = Array(bytes)
    if let length = algorithm.digestLength, length != bytes.count { return nil }
    self.init(algorithm: algorithm, checked: bytes)
  }

  /// For callers that know the length to be right.
  init(algorithm: HashAlgorithm, checked bytes: [UInt8]) {
    self.algorithm = algorithm
    self.bytes = bytes
  }

  /// All bytes zero: what PCR 0 to 16 hold after a TPM reset (PC Client Platform TPM Profile, PCR attributes). Nil for an
  /// algorithm whose length is not known.
  public init?(zero algorithm: HashAlgorithm) {
    guard let length = algorithm.digestLength else { return nil }
    self.init(algorithm: algorithm, checked: [UInt8](repeating: 0, count: length))
  }

  /// The hash of these bytes.
  public init(hashing content: [UInt8], with algorithm: HashAlgorithm) throws(HashingError) {
    var hasher = try BankHasher(algorithm)
    self.init(algorithm: algorithm, checked: try hasher.hash(content))
  }
}

extension Digest: CustomStringConvertible {
  /// `sha256:` and the digest in hex.
  public var description: String { "\(algorithm):\(HexBytes(bytes))" }
}

extension Digest: Codable {
  private enum CodingKeys: CodingKey {
    case algorithm, digest
  }

  /// Reads `{"algorithm": "sha256", "digest": "hex"}`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let algorithm = try container.decode(HashAlgorithm.self, forKey: .algorithm)
    let bytes = try container.decode(HexBytes.self, forKey: .digest).bytes
    guard let digest = Self(algorithm: algorithm, bytes: bytes) else {
      throw DecodingError.dataCorruptedError(
        forKey: .digest, in: container, debugDescription: "\(bytes.count) bytes are no \(algorithm) digest")
    }
    self = digest
  }

  /// Writes `{"algorithm": "sha256", "digest": "hex"}`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(algorithm, forKey: .algorithm)
    try container.encode(HexBytes(bytes), forKey: .digest)
  }
}
