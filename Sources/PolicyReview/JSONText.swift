// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

/// A value of a JSON text (RFC 8259) and where it stands: what a person wrote is judged with its place.
struct JSONText {
  enum Value {
    case object([Member])
    case array([JSONText])
    case string(String)
    /// A number, true, false or null, as it is written.
    case word(String)
  }

  struct Member {
    let key: String
    let keyRange: Range<Int>
    let value: JSONText
  }

  let value: Value
  let range: Range<Int>

  /// What it is, for messages.
  var kind: String {
    switch value {
    case .object: "an object"
    case .array: "a list"
    case .string: "a string"
    case .word(let text): text
    }
  }

  /// Reads a whole text.
  ///
  /// - Throws: PolicyError with the first thing that is wrong.
  static func read(_ source: Source) throws(PolicyError) -> JSONText {
    var reader = JSONReader(source: source)
    return try reader.read()
  }
}

private struct JSONReader {
  let source: Source
  private var index = 0
  private static let deepest = 16

  init(source: Source) { self.source = source }

  private var byte: UInt8? { index < source.bytes.count ? source.bytes[index] : nil }

  mutating func read() throws(PolicyError) -> JSONText {
    let value = try self.value(depth: 0)
    skipBlanks()
    if index < source.bytes.count { throw problem("something stands behind the end; expected nothing") }
    return value
  }

  private func problem(_ message: String, _ range: Range<Int>? = nil) -> PolicyError {
    let place = range ?? index..<min(index + 1, source.bytes.count)
    return PolicyError([Diagnostic(.json, at: Location(source: source, range: place), message)])
  }

  private mutating func skipBlanks() {
    while let byte, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { index += 1 }
  }

  private mutating func take(_ wanted: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard byte == UInt8(ascii: wanted) else { return false }
    index += 1
    return true
  }

  private mutating func value(depth: Int) throws(PolicyError) -> JSONText {
    guard depth < Self.deepest else { throw problem("values are nested deeper than \(Self.deepest)") }
    skipBlanks()
    let start = index
    switch byte {
    case UInt8(ascii: "{"): return JSONText(value: .object(try members(depth)), range: start..<index)
    case UInt8(ascii: "["): return JSONText(value: .array(try elements(depth)), range: start..<index)
    case UInt8(ascii: "\""): return JSONText(value: .string(try string()), range: start..<index)
    default: return try word()
    }
  }

  private mutating func members(_ depth: Int) throws(PolicyError) -> [JSONText.Member] {
    index += 1
    var members: [JSONText.Member] = []
    if take("}") { return members }
    repeat {
      skipBlanks()
      let start = index
      guard byte == UInt8(ascii: "\"") else { throw problem("a key is missing; expected a string") }
      let key = try string()
      let range = start..<index
      if members.contains(where: { $0.key == key }) { throw problem("the key stands twice", range) }
      guard take(":") else { throw problem("':' is missing behind the key") }
      members.append(JSONText.Member(key: key, keyRange: range, value: try value(depth: depth + 1)))
    } while take(",")
    guard take("}") else { throw problem("the object is not closed; expected ',' or '}'") }
    return members
  }

  private mutating func elements(_ depth: Int) throws(PolicyError) -> [JSONText] {
    index += 1
    var elements: [JSONText] = []
    if take("]") { return elements }
    repeat { elements.append(try value(depth: depth + 1)) } while take(",")
    guard take("]") else { throw problem("the list is not closed; expected ',' or ']'") }
    return elements
  }

  private mutating func word() throws(PolicyError) -> JSONText {
    let start = index
    while let byte, PathBytes.isAlphanumeric(byte) || "+-.".utf8.contains(byte) { index += 1 }
    let text = String(decoding: source.bytes[start..<index], as: UTF8.self)
    let isNumber = text.first.map { $0 == "-" || $0.isNumber } == true && Double(text) != nil
    guard ["true", "false", "null"].contains(text) || isNumber else {
      index = start
      throw problem("a value is missing; expected a string, a list or an object")
    }
    return JSONText(value: .word(text), range: start..<index)
  }

  private mutating func string() throws(PolicyError) -> String {
    let start = index
    index += 1
    var bytes: [UInt8] = []
    while let byte, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw problem("a control character stands in the string; expected an escape") }
      if byte == UInt8(ascii: "\\") {
        bytes += try escape()
      } else {
        bytes.append(byte)
        index += 1
      }
    }
    guard byte != nil else { throw problem("the string is not closed; expected '\"'", start..<(start + 1)) }
    index += 1
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw problem("the string is not UTF-8", start..<index)
    }
    return text
  }

  private mutating func escape() throws(PolicyError) -> [UInt8] {
    let start = index
    let next = index + 1 < source.bytes.count ? source.bytes[index + 1] : 0
    index += 2
    switch next {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [next]
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "u"):
      guard let first = unit() else { break }
      if let scalar = Unicode.Scalar(first) { return Array(String(Character(scalar)).utf8) }
      guard (0xD800...0xDBFF).contains(first), index + 1 < source.bytes.count,
        source.bytes[index] == UInt8(ascii: "\\"), source.bytes[index + 1] == UInt8(ascii: "u")
      else { break }
      index += 2
      guard let second = unit(), (0xDC00...0xDFFF).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
      else { break }
      return Array(String(Character(scalar)).utf8)
    default: break
    }
    let end = min(index, source.bytes.count)
    throw problem("the escape is not one of JSON's", start..<max(end, start))
  }

  private mutating func unit() -> UInt16? {
    guard index + 4 <= source.bytes.count else { return nil }
    let digits = source.bytes[index..<(index + 4)]
    index += 4
    guard digits.allSatisfy(PathBytes.isHexDigit) else { return nil }
    return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
  }
}

extension PathBytes {
  static func isHexDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
      || (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte)
  }
}

extension Diagnostic.Code {
  /// A text that is no JSON.
  static let json = Self(rawValue: "json")
}
