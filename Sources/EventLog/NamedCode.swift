// SPDX-License-Identifier: Apache-2.0

/// A number of the ABI that has a name: what a record is, why something was refused.
///
/// A number without a name is kept as it is, so that the log of a newer module stays readable; its name is then the number.
public protocol NamedCode: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible
where RawValue == UInt8 {
  /// The value of this number, named or not.
  init(rawValue: UInt8)

  /// Every named value, in ascending order: the header's constant without its prefix, lower case, `_` as `-`.
  static var names: [(value: Self, name: String)] { get }
}

extension NamedCode {
  /// The name, or the number in decimal.
  public var description: String {
    Self.names.first { $0.value == self }?.name ?? String(rawValue)
  }

  /// Whether the header names this value.
  public var isKnown: Bool { Self.names.contains { $0.value == self } }

  /// The value of this name (never of a number); nil when there is none.
  public init?(name: some StringProtocol) {
    guard let match = Self.names.first(where: { $0.name == name }) else { return nil }
    self = match.value
  }

  /// Reads the name or the number in decimal.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    if let named = Self(name: text) {
      self = named
    } else if let number = UInt8(text) {
      self.init(rawValue: number)
    } else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(text) is no name of a \(Self.self)")
    }
  }

  /// Writes the name, or the number in decimal.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
