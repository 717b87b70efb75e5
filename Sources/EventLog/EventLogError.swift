// SPDX-License-Identifier: Apache-2.0

/// A log that is not what its format says: where, in which record, what was expected there.
public struct EventLogError: Error, Hashable, Sendable {
  /// What was wrong.
  public enum Problem: Hashable, Sendable {
    /// Fewer bytes are left, in the log or in the element around it, than are needed.
    case truncated(needed: Int, available: Int)
    /// An element with another tag stands here.
    case unexpectedTag(UInt8)
    /// A tag that does not ascend: doubled, or out of order.
    case tagOrder(tag: UInt8, previous: UInt8)
    /// An element's length, in bytes, is not one that it can have.
    case wrongLength(Int)
    /// A number that does not fit.
    case wrongNumber(UInt64)
    /// The bytes do not say what they should.
    case wrongContent
    /// Bytes of an element are left over after its content.
    case trailingBytes(Int)
    /// A hash algorithm (TPM_ALG_ID) that moor does not know.
    case unknownAlgorithm(UInt16)
  }

  /// Where it is wrong: bytes from the begin of the log.
  public let offset: Int
  /// The number of the record that was being read.
  public let record: UInt64
  /// What should have been there.
  public let expected: String
  /// What was wrong.
  public let problem: Problem
}

extension EventLogError: CustomStringConvertible {
  /// `record 3, byte 412: expected …, found …`.
  public var description: String {
    let found =
      switch problem {
      case .truncated(let needed, let available): "\(needed) bytes needed, \(available) left"
      case .unexpectedTag(let tag): "found tag \(tag)"
      case .tagOrder(let tag, let previous): "found tag \(tag) after tag \(previous)"
      case .wrongLength(let length): "found \(length) bytes"
      case .wrongNumber(let number): "found \(number)"
      case .wrongContent: "found something else"
      case .trailingBytes(let count): "\(count) bytes are left over"
      case .unknownAlgorithm(let id): "found the unknown algorithm 0x\(String(id, radix: 16))"
      }
    return "record \(record), byte \(offset): expected \(expected), \(found)"
  }
}
