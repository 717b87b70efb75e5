// SPDX-License-Identifier: Apache-2.0

internal import CMoor
internal import PolicyText

/// An absolute, normalised path: bytes, as the kernel has them, not necessarily text.
public struct TrustPath: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The bytes, without a NUL.
  public let bytes: [UInt8]

  /// Why bytes are no such path.
  public enum Problem: Error, Sendable, Hashable {
    /// It does not begin with a slash.
    case relative
    /// It holds two slashes in a row.
    case doubledSlash
    /// It has a component `.` or `..`.
    case dots
    /// It ends with a slash: a folder.
    case trailingSlash
    /// It is longer than MOOR_PATH_MAX.
    case tooLong
    /// It holds a NUL.
    case nul
  }

  /// Bytes of a path at most, without the NUL.
  public static let lengthLimit = Int(MOOR_PATH_MAX)

  /// Checks and takes a path.
  public init(_ bytes: some Collection<UInt8>) throws(Problem) {
    if let problem = Self.problem(of: Array(bytes)) { throw problem }
    self.bytes = Array(bytes)
  }

  /// Checks and takes a path.
  public init(_ text: String) throws(Problem) { try self.init(Array(text.utf8)) }

  static func problem(of bytes: [UInt8]) -> Problem? {
    let slash = UInt8(ascii: "/")
    let dot = UInt8(ascii: ".")
    guard bytes.first == slash else { return .relative }
    if bytes.count > lengthLimit { return .tooLong }
    if bytes.contains(0) { return .nul }
    // One pass: what stands between two slashes is judged when the second is reached.
    var start = 1
    for index in 1...bytes.count where index == bytes.count || bytes[index] == slash {
      let length = index - start
      if length == 0 { return index == bytes.count ? .trailingSlash : .doubledSlash }
      if length <= 2, bytes[start] == dot, length == 1 || bytes[start + 1] == dot { return .dots }
      start = index + 1
    }
    return nil
  }

  /// The nearest absolute, normalised path: slashes joined, `.` left out, `..` undone.
  static func normalised(_ bytes: [UInt8]) -> [UInt8]? {
    var components: [ArraySlice<UInt8>] = []
    for component in bytes.split(separator: UInt8(ascii: "/")) where !component.elementsEqual(".".utf8) {
      if component.elementsEqual("..".utf8) {
        if components.popLast() == nil { return nil }
      } else {
        components.append(component)
      }
    }
    return components.isEmpty ? nil : components.flatMap { [UInt8(ascii: "/")] + $0 }
  }

  /// The last component.
  public var name: ArraySlice<UInt8> { bytes[((bytes.lastIndex(of: UInt8(ascii: "/")) ?? -1) + 1)...] }

  /// The path as it stands in a policy: bare where possible, else quoted.
  public var word: String { Quote.word(bytes) }

  /// The path as it is, when it is plain text; else quoted with escapes, as in a policy. Safe to print.
  public var description: String {
    let text = String(decoding: bytes, as: UTF8.self)
    return SafeText.render(bytes, limit: .max) == text && text.utf8.elementsEqual(bytes) ? text : Quote.string(bytes)
  }

  /// Hashes all bytes at once; one at a time costs more than all else that is done with a path.
  public func hash(into hasher: inout Hasher) {
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
  }

  /// By bytes: the order of the packed form.
  public static func < (left: Self, right: Self) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }
}

extension TrustPath: Codable {
  /// Writes ``description``.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// Reads what ``description`` writes.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    let bytes: [UInt8]
    if text.hasPrefix("\"") {
      let document = try Document(parsing: Source(name: "path", text: text))
      guard document.statements.count == 1, document.statements[0].words.count == 1 else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "this is no quoted path")
      }
      bytes = document.argument(document.statements[0].words[0]).bytes
    } else {
      bytes = Array(text.utf8)
    }
    try self.init(bytes)
  }
}
