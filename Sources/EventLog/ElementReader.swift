// SPDX-License-Identifier: Apache-2.0

/// One TLV element as it was found.
struct Element {
  let tag: UInt8
  /// The value; its indices are offsets in the log.
  let value: ArraySlice<UInt8>
  /// Where the tag stands.
  let offset: Int
}

/// Takes TLV elements (1 byte type, 4 bytes length big-endian, value; TCG Canonical Event Log Format 1.0, section 5) off
/// the front of untrusted bytes.
///
/// It never reads past its slice, nothing is copied or allocated by a length that was not checked against what is there,
/// and each level of nesting is a reader over the value of the level above: no recursion.
struct ElementReader {
  /// What is not read yet; its indices are offsets in the log.
  private(set) var rest: ArraySlice<UInt8>
  /// For errors: the record being read.
  var record: UInt64

  init(_ bytes: ArraySlice<UInt8>, record: UInt64) {
    rest = bytes
    self.record = record
  }

  var offset: Int { rest.startIndex }

  /// The next element, whatever its tag.
  mutating func next(_ expected: @autoclosure () -> String) throws(EventLogError) -> Element {
    let start = rest.startIndex
    guard rest.count >= 5 else {
      throw error(.truncated(needed: 5, available: rest.count), at: start, expected())
    }
    let length = rest[start + 1..<start + 5].bigEndianNumber
    let available = rest.count - 5
    guard length <= UInt64(available) else {
      throw error(.truncated(needed: Int(length), available: available), at: start + 1, expected())
    }
    let end = start + 5 + Int(length)
    defer { rest = rest[end...] }
    return Element(tag: rest[start], value: rest[start + 5..<end], offset: start)
  }

  /// The next element, which must have this tag.
  mutating func next(_ tag: UInt8, _ expected: @autoclosure () -> String) throws(EventLogError) -> Element {
    let start = offset
    if let found = rest.first, found != tag { throw error(.unexpectedTag(found), at: start, expected()) }
    return try next(expected())
  }

  func error(_ problem: EventLogError.Problem, at offset: Int, _ expected: String) -> EventLogError {
    EventLogError(offset: offset, record: record, expected: expected, problem: problem)
  }
}

/// Reads the elements of one value whose tags must ascend, each at most once.
struct AscendingElements {
  private var reader: ElementReader
  private var previous: UInt8?
  private let name: String

  /// - Parameter name: what one element is called in an error.
  init(_ value: ArraySlice<UInt8>, record: UInt64, name: String) {
    reader = ElementReader(value, record: record)
    self.name = name
  }

  /// The next element, nil at the end of the value.
  mutating func next() throws(EventLogError) -> Element? {
    guard !reader.rest.isEmpty else { return nil }
    let element = try reader.next(name)
    if let previous, element.tag <= previous {
      throw reader.error(
        .tagOrder(tag: element.tag, previous: previous), at: element.offset, "\(name) with a tag above \(previous)")
    }
    previous = element.tag
    return element
  }

  func error(_ problem: EventLogError.Problem, at offset: Int, _ expected: String) -> EventLogError {
    reader.error(problem, at: offset, expected)
  }

  /// The element's value, which must have this many bytes.
  func value(_ element: Element, of length: Int, _ expected: String) throws(EventLogError) -> ArraySlice<UInt8> {
    guard element.value.count == length else {
      throw error(.wrongLength(element.value.count), at: element.offset + 1, "\(expected) of \(length) bytes")
    }
    return element.value
  }

  /// The element's value, whose length must lie in this range.
  func bytes(_ element: Element, _ lengths: ClosedRange<Int>, _ expected: String) throws(EventLogError) -> [UInt8] {
    guard lengths.contains(element.value.count) else {
      throw error(
        .wrongLength(element.value.count), at: element.offset + 1,
        "\(expected) of \(lengths.lowerBound) to \(lengths.upperBound) bytes")
    }
    return Array(element.value)
  }

  /// Text of an attacker's choice, without NUL.
  func text(
    _ element: Element, _ lengths: ClosedRange<Int>, _ expected: String
  ) throws(EventLogError) -> UntrustedText {
    let bytes = try bytes(element, lengths, expected)
    if let zero = element.value.firstIndex(of: 0) { throw error(.wrongContent, at: zero, "\(expected) without NUL") }
    return UntrustedText(bytes)
  }
}

extension ArraySlice<UInt8> {
  /// The bytes as one unsigned number, most significant first; at most 8 bytes count.
  var bigEndianNumber: UInt64 {
    var number: UInt64 = 0
    for byte in self { number = number << 8 | UInt64(byte) }
    return number
  }
}
