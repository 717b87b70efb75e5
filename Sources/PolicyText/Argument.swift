// SPDX-License-Identifier: Apache-2.0

/// What a word says: its bytes with the escapes undone, and which of them are meant literally.
///
/// A quoted string is literal throughout. In a bare word `*`, `?`, `[`, `]`, `{`, `}` and `@{...}` have their
/// meaning unless a backslash or `\xNN` made them literal.
public struct Argument: Sendable {
  /// The bytes.
  public let bytes: [UInt8]
  /// Whether it was written as a quoted string.
  public let isQuoted: Bool
  /// Where it stands.
  public let location: Location
  /// One flag a byte, when a part is literal and another is not.
  private let mask: [Bool]?

  init(bytes: [UInt8], isQuoted: Bool, location: Location, mask: [Bool]?) {
    self.bytes = bytes
    self.isQuoted = isQuoted
    self.location = location
    self.mask = mask
  }

  init(_ word: Word, in source: Source) {
    location = Location(source: source, range: word.range)
    isQuoted = word.isQuoted
    let text = isQuoted ? (word.range.lowerBound + 1)..<(word.range.upperBound - 1) : word.range
    guard word.token.marks.contains(.escapes) else {
      bytes = Array(source.bytes[text])
      mask = nil
      return
    }
    var bytes: [UInt8] = []
    var mask: [Bool] = []
    var offset = text.lowerBound
    while offset < text.upperBound {
      if source.bytes[offset] == Byte.backslash,
        case .byte(let byte, let length) = Escape.read(source.bytes, at: offset, inString: isQuoted)
      {
        bytes.append(byte)
        mask.append(true)
        offset += length
      } else {
        bytes.append(source.bytes[offset])
        mask.append(false)
        offset += 1
      }
    }
    self.bytes = bytes
    self.mask = isQuoted ? nil : mask
  }

  /// Whether the byte at an index stands for itself, whatever it looks like.
  public func isLiteral(at index: Int) -> Bool { isQuoted || mask?[index] ?? false }

  /// Whether it is bare and holds a wildcard: an unescaped `*`, `?`, `[` or `{`.
  public var hasWildcards: Bool { firstWildcard != nil }

  /// The index of the first wildcard.
  public var firstWildcard: Int? {
    if isQuoted { return nil }
    return bytes.indices.first { Self.wildcards.contains(bytes[$0]) && !isLiteral(at: $0) }
  }

  private static let wildcards: [UInt8] = Array("*?[{".utf8)

  /// Whether it is bare, without any escape, and says exactly this.
  public func isWord(_ text: String) -> Bool { !isQuoted && mask == nil && bytes.elementsEqual(text.utf8) }

  /// The bytes as text that is safe to print, for messages.
  public var shown: String { SafeText.render(bytes) }

  func isUnescaped(_ byte: UInt8, at index: Int) -> Bool {
    index < bytes.count && bytes[index] == byte && !isLiteral(at: index)
  }

  /// A part of it, with the same place.
  func part(_ range: Range<Int>) -> (bytes: ArraySlice<UInt8>, mask: [Bool]) {
    (bytes[range], range.map { isLiteral(at: $0) })
  }
}
