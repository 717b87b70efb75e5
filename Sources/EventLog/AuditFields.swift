// SPDX-License-Identifier: Apache-2.0

/// Takes `key=value` words off the front of a record's text, in the order in which the module writes them.
struct AuditFields {
  private var rest: ArraySlice<UInt8>
  private let line: Int
  /// The word that was looked for last, for errors: the keys between are optional.
  private var wanted: [String] = []

  init(_ text: ArraySlice<UInt8>, line: Int) {
    rest = text
    self.line = line
  }

  func error(at index: Int, _ expected: String, _ found: some Sequence<UInt8>) -> AuditLineError {
    // The slice comes from an array that holds the line alone, so that its indices count from the line's begin.
    AuditLineError(line: line, column: index + 1, expected: expected, found: UntrustedText(found.prefix(40)))
  }

  /// What should stand where reading stopped.
  func error(expected: String) -> AuditLineError { error(at: rest.startIndex, expected, rest) }

  func stamp(_ text: ArraySlice<UInt8>) throws(AuditLineError) -> AuditStamp {
    let seconds = text.prefix { $0 != UInt8(ascii: ".") }
    let fraction = text.dropFirst(seconds.count + 1).prefix { $0 != UInt8(ascii: ":") }
    let serial = text.dropFirst(seconds.count + fraction.count + 2)
    guard fraction.count == 3, let whole: UInt64 = seconds.decimal(), let part: UInt64 = fraction.decimal(),
      let number: UInt64 = serial.decimal(), whole < UInt64.max / 1_000 - 1
    else {
      throw error(at: text.startIndex, "seconds.milliseconds:serial", text)
    }
    return AuditStamp(milliseconds: whole * 1_000 + part, serial: number)
  }

  /// The value of this key when it is next; reads past it.
  mutating func optional<Value>(
    _ key: String, _ expected: String, _ read: (ArraySlice<UInt8>) -> Value?
  ) throws(AuditLineError) -> Value? {
    guard let text = rest.dropping("\(key)=") else {
      wanted.append(key)
      return nil
    }
    let value = text.prefix { $0 != UInt8(ascii: " ") }
    guard let result = read(value) else { throw error(at: value.startIndex, "\(expected) after \(key)=", value) }
    rest = text[value.endIndex...].dropFirst()
    // A space with nothing behind it is the end of a line that was cut off.
    if rest.isEmpty, text.endIndex != value.endIndex { throw error(at: text.endIndex, "the next key", []) }
    wanted = []
    return result
  }

  mutating func required<Value>(
    _ key: String, _ expected: String, _ read: (ArraySlice<UInt8>) -> Value?
  ) throws(AuditLineError) -> Value {
    if let value = try optional(key, expected, read) { return value }
    throw error(at: rest.startIndex, wanted.map { "\($0)=" }.joined(separator: ", "), rest)
  }

  /// A string as audit writes it: quoted, or in hex.
  mutating func string(_ key: String, _ lengths: ClosedRange<Int>) throws(AuditLineError) -> UntrustedText? {
    try optional(key, Self.stringForm(lengths)) { Self.untrusted($0, lengths) }
  }

  static func stringForm(_ lengths: ClosedRange<Int>) -> String {
    "a quoted string or hex, \(lengths.lowerBound) to \(lengths.upperBound) bytes"
  }

  /// Undoes what audit does to a string of somebody else's choice; nil where it would not have written this.
  static func untrusted(_ text: ArraySlice<UInt8>, _ lengths: ClosedRange<Int>) -> UntrustedText? {
    let bytes: [UInt8]
    if text.first == UInt8(ascii: "\"") {
      guard text.count >= 2, text.last == UInt8(ascii: "\"") else { return nil }
      bytes = Array(text.dropFirst().dropLast())
      guard bytes.allSatisfy(AuditRecord.isPlain) else { return nil }
    } else {
      guard !text.isEmpty, let value = HexBytes(hexDigits: text) else { return nil }
      bytes = value.bytes
    }
    guard lengths.contains(bytes.count), !bytes.contains(0) else { return nil }
    return UntrustedText(bytes)
  }

  mutating func hex(_ key: String, _ lengths: ClosedRange<Int>) throws(AuditLineError) -> HexBytes? {
    let size =
      lengths.count == 1 ? "\(lengths.lowerBound) bytes" : "\(lengths.lowerBound) to \(lengths.upperBound) bytes"
    return try optional(key, "\(size) in hex") { text in
      HexBytes(hexDigits: text).flatMap { lengths.contains($0.bytes.count) ? $0 : nil }
    }
  }

  /// The next word, whatever its key is; nil at the end of the line.
  mutating func next() throws(AuditLineError) -> (key: String, value: ArraySlice<UInt8>)? {
    guard !rest.isEmpty else { return nil }
    let word = rest.prefix { $0 != UInt8(ascii: " ") }
    let key = word.prefix(Self.longestKey + 1).prefix { $0 != UInt8(ascii: "=") }
    guard !key.isEmpty, key.count <= Self.longestKey, key.allSatisfy(Self.isOfKey), key.endIndex < word.endIndex else {
      throw error(at: word.startIndex, "key=value", word)
    }
    let value = word[(key.endIndex + 1)...]
    rest = rest[value.endIndex...].dropFirst()
    if rest.isEmpty, value.endIndex != rest.endIndex { throw error(at: rest.endIndex, "the next key", []) }
    return (String(decoding: key, as: UTF8.self), value)
  }

  /// Whether the next word has this key; reads nothing.
  func isNext(_ key: String, among values: [String]) -> String? {
    guard let text = rest.dropping("\(key)=") else { return nil }
    let value = text.prefix { $0 != UInt8(ascii: " ") }
    return values.first { value.elementsEqual($0.utf8) }
  }

  private static let longestKey = 32

  /// Whether a key, and a name of the module's own, may have this byte.
  static func isOfKey(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || AuditLine.isDigit(byte) || byte == UInt8(ascii: "-")
      || byte == UInt8(ascii: "_")
  }

  /// Nothing may follow.
  func finish() throws(AuditLineError) {
    if !rest.isEmpty { throw error(at: rest.startIndex, "the end of the line", rest) }
  }

  static func code<Code: NamedCode>(_ text: ArraySlice<UInt8>) -> Code? {
    Code(name: String(decoding: text, as: UTF8.self))
  }
}
