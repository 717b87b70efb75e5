// SPDX-License-Identifier: Apache-2.0

/// Reads a line of `journalctl -o json`: one flat object, of which only fields with text are of use.
struct JournalJSON {
  private let bytes: UnsafeRawBufferPointer
  private var place = 0

  /// The entry; nil when the line is no object, or damaged.
  static func entry(_ line: UnsafeRawBufferPointer) -> JournalEntry? {
    var reader = JournalJSON(bytes: line)
    return reader.read()
  }

  private init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func read() -> JournalEntry? {
    var entry = JournalEntry()
    guard take("{") else { return nil }
    if take("}") { return entry }
    repeat {
      guard let name = string(), take(":") else { return nil }
      skipBlanks()
      if next == UInt8(ascii: "\"") {
        guard let value = string() else { return nil }
        let key = String(decoding: name.prefix(64), as: UTF8.self)
        if JournalEntry.names.contains(key) { entry.fields[key] = value }
      } else {
        guard skipValue() else { return nil }
      }
    } while take(",")
    return take("}") ? entry : nil
  }

  private mutating func skipBlanks() {
    while let byte = next, [0x20, 0x09, 0x0D].contains(byte) { place += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard next == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  /// A number, a word, or an array of numbers (what is no text) or of texts (a field that is there twice).
  private mutating func skipValue() -> Bool {
    var depth = 0
    let start = place
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        guard string() != nil else { return false }
        continue
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: ","):
        if depth == 0 { return place > start }
        if byte != UInt8(ascii: ",") { depth -= 1 }
      default: break
      }
      place += 1
    }
    return false
  }

  /// A string, its escapes undone (RFC 8259, section 7).
  private mutating func string() -> [UInt8]? {
    skipBlanks()
    guard next == UInt8(ascii: "\"") else { return nil }
    place += 1
    var value: [UInt8] = []
    while let byte = next {
      place += 1
      switch byte {
      case UInt8(ascii: "\""): return value
      case UInt8(ascii: "\\"):
        guard let escaped = escape() else { return nil }
        value.append(contentsOf: escaped)
      default: value.append(byte)
      }
    }
    return nil
  }

  private mutating func escape() -> [UInt8]? {
    guard let kind = next else { return nil }
    place += 1
    switch kind {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [kind]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      guard let unit = hex() else { return nil }
      // The module's lines are ASCII: what is not, is only read past.
      return Array(String(Unicode.Scalar(unit) ?? "\u{FFFD}").utf8)
    default: return nil
    }
  }

  private mutating func hex() -> UInt32? {
    guard bytes.count - place >= 4 else { return nil }
    let text = String(decoding: bytes.part(place..<(place + 4)), as: UTF8.self)
    place += 4
    return UInt32(text, radix: 16)
  }
}
