// SPDX-License-Identifier: Apache-2.0

/// Bytes that an attacker may have chosen: a path, a policy's or a VM's name.
///
/// They are kept as they are and only ever shown escaped: printable ASCII stands for itself, `\` and `"` get a backslash,
/// each other byte is `\x` and two hex digits. So the text holds no terminal sequence, no line end, no invisible or
/// right-to-left character, cannot leave its quotes, and no two different values look the same.
public struct UntrustedText: Hashable, Sendable {
  /// The bytes as they were found.
  public let bytes: [UInt8]

  /// Holds these bytes.
  public init(_ bytes: some Sequence<UInt8>) {
    self.bytes = Array(bytes)
  }

  /// Holds the UTF-8 of this text.
  public init(_ text: String) {
    self.init(text.utf8)
  }

  /// The bytes as text when they are UTF-8; not escaped, so not for display.
  public var utf8: String? { String(validating: bytes, as: UTF8.self) }

  /// The escaped form between double quotes.
  public var quoted: String { "\"\(description)\"" }

  /// Reads what ``description`` writes; nil for anything that it would not have written.
  public init?(escaped: String) {
    var bytes: [UInt8] = []
    var rest = Substring(escaped).utf8
    while let first = rest.popFirst() {
      guard first == UInt8(ascii: "\\") else {
        bytes.append(first)
        continue
      }
      guard let kind = rest.popFirst() else { return nil }
      if kind == UInt8(ascii: "x") {
        guard let high = rest.popFirst(), let low = rest.popFirst(), let value = HexBytes(hexDigits: [high, low]) else {
          return nil
        }
        bytes += value.bytes
      } else {
        bytes.append(kind)
      }
    }
    self.bytes = bytes
    guard description == escaped else { return nil }
  }
}

extension UntrustedText: CustomStringConvertible {
  /// The escaped form, safe for a terminal and for readers of lines.
  public var description: String {
    var text = ""
    text.reserveCapacity(bytes.count)
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\\"), UInt8(ascii: "\""):
        text += "\\"
        text.unicodeScalars.append(Unicode.Scalar(byte))
      case 0x20...0x7E:
        text.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        text += "\\x\(HexBytes([byte]))"
      }
    }
    return text
  }
}

extension UntrustedText: Codable {
  /// Reads the escaped form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let value = Self(escaped: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected text with \\xhh escapes")
    }
    self = value
  }

  /// Writes the escaped form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
