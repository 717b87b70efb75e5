// SPDX-License-Identifier: Apache-2.0

/// Writes bytes so that reading gives the same bytes back.
public enum Quote {
  /// A bare word where that is possible and plain, else a quoted string.
  ///
  /// Bare stays what consists of ASCII letters, digits and `/ . _ - + : = % ~ ^` and does not begin with `=` or
  /// `-`; the rest is quoted, well-formed UTF-8 kept readable, all else as `\xNN`.
  public static func word(_ bytes: some Collection<UInt8>) -> String {
    guard let first = bytes.first, first != UInt8(ascii: "="), first != UInt8(ascii: "-"),
      bytes.allSatisfy({ plain[Int($0)] })
    else { return string(bytes) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A quoted string.
  public static func string(_ bytes: some Collection<UInt8>) -> String {
    let bytes = Array(bytes)
    var text = "\""
    var offset = 0
    while offset < bytes.count {
      let byte = bytes[offset]
      let length = max(1, UTF8Sequence.length(in: bytes, at: offset))
      switch byte {
      case Byte.quote: text += "\\\""
      case Byte.backslash: text += "\\\\"
      case Byte.lineFeed: text += "\\n"
      case Byte.carriageReturn: text += "\\r"
      case Byte.tab: text += "\\t"
      default: text += SafeText.piece(of: bytes, at: offset)
      }
      offset += length
    }
    return text + "\""
  }

  private static let plain: [Bool] = (0...255).map { (value: Int) -> Bool in
    switch UInt8(value) {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "/._-+:=%~^".utf8.contains(UInt8(value))
    }
  }
}
