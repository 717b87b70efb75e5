// SPDX-License-Identifier: Apache-2.0

/// The digest of a file, and how it is taken.
public struct TrustDigest: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// `enum moor_algorithm` of lsm/uapi/moor.h, without NONE.
  public enum Algorithm: UInt8, Sendable, Hashable, CaseIterable {
    /// SHA-256 of the file's bytes.
    case sha256 = 1
    /// The fs-verity file digest with SHA-256 (kernel: Documentation/filesystems/fsverity.rst).
    case fsveritySHA256 = 2
    /// The fs-verity file digest with SHA-512.
    case fsveritySHA512 = 3

    /// The word before the colon.
    public var word: String {
      switch self {
      case .sha256: "sha256"
      case .fsveritySHA256: "fsverity-sha256"
      case .fsveritySHA512: "fsverity-sha512"
      }
    }

    /// Bytes of a digest.
    public var length: Int { self == .fsveritySHA512 ? 64 : 32 }
  }

  /// How it is taken.
  public let algorithm: Algorithm
  /// The digest, as many bytes as the algorithm has.
  public let bytes: [UInt8]

  /// Makes a digest; nil when the number of bytes is not the algorithm's.
  public init?(_ algorithm: Algorithm, _ bytes: some Collection<UInt8>) {
    guard bytes.count == algorithm.length else { return nil }
    self.algorithm = algorithm
    self.bytes = Array(bytes)
  }

  /// Reads `algorithm:hex`.
  public init?(_ text: String) {
    guard case .success(let digest) = Self.read(Array(text.utf8)) else { return nil }
    self = digest
  }

  /// `algorithm:hex` with small letters, as policies have it.
  public var description: String {
    var text = Array((algorithm.word + ":").utf8)
    let digits = Array("0123456789abcdef".utf8)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// By algorithm, then by bytes: the order of the packed form.
  public static func < (left: Self, right: Self) -> Bool {
    left.algorithm == right.algorithm
      ? left.bytes.lexicographicallyPrecedes(right.bytes) : left.algorithm.rawValue < right.algorithm.rawValue
  }

  enum Problem: Error, Equatable {
    case algorithm
    case length(expected: Int, found: Int)
    /// The index of the first byte of the word that is no hexadecimal digit.
    case digit(Int)
  }

  static func read(_ text: [UInt8]) -> Result<TrustDigest, Problem> {
    guard let colon = text.prefix(24).firstIndex(of: UInt8(ascii: ":")),
      let algorithm = Algorithm.allCases.first(where: { $0.word.utf8.elementsEqual(text[..<colon]) })
    else { return .failure(.algorithm) }
    let digits = text[(colon + 1)...]
    if let bad = digits.firstIndex(where: { hexValue($0) == nil }) { return .failure(.digit(bad)) }
    guard digits.count == 2 * algorithm.length else {
      return .failure(.length(expected: 2 * algorithm.length, found: digits.count))
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(algorithm.length)
    var high: UInt8?
    for digit in digits {
      let value = hexValue(digit) ?? 0
      if let upper = high {
        bytes.append(upper << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    guard let digest = TrustDigest(algorithm, bytes) else { return .failure(.algorithm) }
    return .success(digest)
  }

  static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

extension TrustDigest: Codable {
  /// Writes `algorithm:hex`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// Reads `algorithm:hex`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let digest = TrustDigest(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "this is no digest")
    }
    self = digest
  }
}
