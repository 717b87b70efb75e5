// SPDX-License-Identifier: Apache-2.0

extension AuditRecord {
  /// Reads a line of a system log of any form that docs/formats.md lists; nil when the line is not moor's.
  ///
  /// - Parameters:
  ///   - line: the line's bytes, without its end.
  ///   - number: the line's number, for errors.
  /// - Throws: the place of what cannot be read in a line that is moor's.
  public init?(line: some Sequence<UInt8>, number: Int = 1) throws(AuditLineError) {
    let line = Array(line)
    guard let found = AuditLine(line[...]) else { return nil }
    var parser = AuditFields(found.body.dropFirst(AuditLine.marker.count), line: number)
    let stamp = try found.stamp.map { stamp throws(AuditLineError) in try parser.stamp(stamp) }
    try self.init(&parser, stamp: stamp)
  }

  private init(_ fields: inout AuditFields, stamp: AuditStamp?) throws(AuditLineError) {
    let boot = try fields.required("boot", "the boot id") { BootID(text: String(decoding: $0, as: UTF8.self)) }
    let sequence = try fields.required("seq", "a number from 1") {
      $0.decimal(UInt64.self).flatMap { $0 > 0 ? $0 : nil }
    }
    var event = MeasurementEvent(try fields.required("record", "a record's name", AuditFields.code))
    event.kind = try fields.optional("kind", "a kind's name", AuditFields.code)
    event.path = try fields.string("path", 1...Field.longestPath)
    event.algorithm = try fields.optional("alg", "an algorithm's name", AuditFields.code)
    let lengths = event.algorithm?.digestLength.map { $0...$0 } ?? 1...Field.longestDigest
    event.digest = try fields.hex("digest", lengths)
    event.expected = try fields.hex("expected", 1...Field.longestDigest)
    event.reason = try fields.optional("reason", "a reason's name", AuditFields.code)
    event.mode = try fields.optional("mode", "a mode's name", AuditFields.code)
    event.name = try fields.string("name", 0...Field.longestPolicyName)
    event.version = try fields.optional("version", "a number") { $0.decimal() }
    event.generation = try fields.optional("generation", "a number") { $0.decimal() }
    event.closed = try fields.optional("closed", "0 or 1") {
      $0.decimal(UInt8.self).flatMap { [false, true][safe: $0] }
    }
    let vm = try fields.string("vm", 1...Field.longestVMName)
    // Always there and last: without it the line was cut off.
    let pid = try fields.required("pid", "a process id") { $0.decimal(UInt32.self) }
    try fields.finish()
    self.init(boot: boot, sequence: sequence, event: event, vm: vm, pid: pid, stamp: stamp)
  }
}

/// Takes `key=value` words off the front of a record's text, in the order in which the module writes them.
private struct AuditFields {
  private var rest: ArraySlice<UInt8>
  private let line: Int
  /// The word that was looked for last, for errors: the keys between are optional.
  private var wanted: [String] = []

  init(_ text: ArraySlice<UInt8>, line: Int) {
    rest = text
    self.line = line
  }

  func error(at index: Int, _ expected: String, _ found: ArraySlice<UInt8>) -> AuditLineError {
    // The slice comes from an array that holds the line alone, so that its indices count from the line's begin.
    AuditLineError(line: line, column: index + 1, expected: expected, found: UntrustedText(found.prefix(40)))
  }

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
    try optional(key, "a quoted string or hex, \(lengths.lowerBound) to \(lengths.upperBound) bytes") { text in
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
  }

  mutating func hex(_ key: String, _ lengths: ClosedRange<Int>) throws(AuditLineError) -> HexBytes? {
    let size =
      lengths.count == 1 ? "\(lengths.lowerBound) bytes" : "\(lengths.lowerBound) to \(lengths.upperBound) bytes"
    return try optional(key, "\(size) in hex") { text in
      HexBytes(hexDigits: text).flatMap { lengths.contains($0.bytes.count) ? $0 : nil }
    }
  }

  /// Nothing may follow.
  func finish() throws(AuditLineError) {
    if !rest.isEmpty { throw error(at: rest.startIndex, "the end of the line", rest) }
  }

  static func code<Code: NamedCode>(_ text: ArraySlice<UInt8>) -> Code? {
    Code(name: String(decoding: text, as: UTF8.self))
  }
}

extension [Bool] {
  fileprivate subscript(safe index: UInt8) -> Bool? {
    index < count ? self[Int(index)] : nil
  }
}
