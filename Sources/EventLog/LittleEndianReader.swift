// SPDX-License-Identifier: Apache-2.0

/// Takes little-endian numbers and counted bytes off the front of untrusted bytes, never past their end.
struct LittleEndianReader {
  /// What is not read yet; its indices are offsets in the log.
  private(set) var rest: ArraySlice<UInt8>
  /// For errors: the event being read.
  var record: UInt64 = 0

  init(_ bytes: ArraySlice<UInt8>) {
    rest = bytes
  }

  var offset: Int { rest.startIndex }

  mutating func bytes(_ count: Int, _ expected: @autoclosure () -> String) throws(EventLogError) -> ArraySlice<UInt8> {
    guard count <= rest.count else {
      throw error(.truncated(needed: count, available: rest.count), at: offset, expected())
    }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  mutating func number<Number: FixedWidthInteger & UnsignedInteger>(
    _ type: Number.Type, _ expected: @autoclosure () -> String
  ) throws(EventLogError) -> Number {
    try bytes(Number.bitWidth / 8, expected()).reversed().reduce(0) { $0 << 8 | Number($1) }
  }

  func error(_ problem: EventLogError.Problem, at offset: Int, _ expected: String) -> EventLogError {
    EventLogError(offset: offset, record: record, expected: expected, problem: problem)
  }
}
