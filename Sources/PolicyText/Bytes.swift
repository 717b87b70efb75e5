// SPDX-License-Identifier: Apache-2.0

/// The bytes that the language gives a meaning to.
enum Byte {
  static let tab = UInt8(ascii: "\t")
  static let lineFeed = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let space = UInt8(ascii: " ")
  static let quote = UInt8(ascii: "\"")
  static let hash = UInt8(ascii: "#")
  static let backslash = UInt8(ascii: "\\")
  static let open = UInt8(ascii: "{")
  static let close = UInt8(ascii: "}")
  static let at = UInt8(ascii: "@")
  static let semicolon = UInt8(ascii: ";")
  static let comma = UInt8(ascii: ",")
  static let delete: UInt8 = 0x7F

  static func isControl(_ byte: UInt8) -> Bool { byte < space || byte == delete }

  static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  static func isPunctuation(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
    default: false
    }
  }
}

/// Well-formed UTF-8, as in table 3-7 of the Unicode standard.
enum UTF8Sequence {
  /// The length of the well-formed sequence at an offset; 0 when there is none.
  static func length(in bytes: [UInt8], at offset: Int) -> Int {
    guard offset >= 0, offset < bytes.count else { return 0 }
    let first = bytes[offset]
    if first < 0x80 { return 1 }
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch first {
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: length = 4
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: return 0
    }
    guard offset + length <= bytes.count, second.contains(bytes[offset + 1]) else { return 0 }
    for index in (offset + 2)..<max(offset + 2, offset + length) where bytes[index] & 0xC0 != 0x80 { return 0 }
    return length
  }

  /// The code point of a well-formed sequence of two bytes or more.
  static func scalar(in bytes: [UInt8], at offset: Int, length: Int) -> UInt32 {
    var value = UInt32(bytes[offset]) & (0x7F >> UInt32(length))
    for index in (offset + 1)..<(offset + length) { value = value << 6 | UInt32(bytes[index] & 0x3F) }
    return value
  }

  /// Characters that a reader cannot see or that turn the order of what is read: a policy must mean what it shows.
  ///
  /// C1 controls, soft hyphen, zero-width and bidirectional marks, line and paragraph separators, byte order mark,
  /// interlinear and tag characters.
  static func isDeceptive(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x80...0x9F, 0xAD, 0x61C, 0x180E, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF,
      0xFFF9...0xFFFB, 0xE0000...0xE007F:
      true
    default: false
    }
  }
}
