// SPDX-License-Identifier: Apache-2.0

/// The kernel's random id of one boot (`/proc/sys/kernel/random/boot_id`).
public struct BootID: Hashable, Sendable {
  /// The 16 bytes, in the order of the text.
  public let bytes: [UInt8]

  /// Nil for anything but 16 bytes.
  public init?(_ bytes: some Sequence<UInt8>) {
    let bytes = Array(bytes)
    guard bytes.count == 16 else { return nil }
    self.bytes = bytes
  }

  /// Reads the form of RFC 9562, section 4, in either case: 8-4-4-4-12 hex digits.
  public init?(text: some StringProtocol) {
    let digits = Array(text.utf8)
    guard digits.count == 36 else { return nil }
    var hex: [UInt8] = []
    for (index, digit) in digits.enumerated() {
      if Self.dashes.contains(index) {
        guard digit == UInt8(ascii: "-") else { return nil }
      } else {
        hex.append(digit)
      }
    }
    guard let value = HexBytes(hexDigits: hex) else { return nil }
    self.bytes = value.bytes
  }

  private static let dashes: Set<Int> = [8, 13, 18, 23]
}

extension BootID: CustomStringConvertible {
  /// Lower-case text with dashes, as the kernel prints it.
  public var description: String {
    var text = HexBytes(bytes).description
    for dash in Self.dashes.sorted() {
      text.insert("-", at: text.index(text.startIndex, offsetBy: dash))
    }
    return text
  }
}

extension BootID: Codable {
  /// Reads the text form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let value = Self(text: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected a UUID")
    }
    self = value
  }

  /// Writes the text form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
