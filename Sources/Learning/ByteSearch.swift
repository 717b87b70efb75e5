// SPDX-License-Identifier: Apache-2.0

internal import CSearch
internal import Glibc

/// Looks for bytes in a line without making text of it.
///
/// A buffer that is passed on is valid for the call alone; ranges are checked in builds for tests, and the callers check
/// them themselves.
extension UnsafeRawBufferPointer {
  /// The place of the first such byte.
  @inline(__always)
  func firstPlace(of byte: UInt8, from start: Int = 0) -> Int? {
    guard let base = baseAddress, start < count else { return nil }
    guard let found = memchr(base + start, Int32(byte), count - start) else { return nil }
    return UnsafeRawPointer(found) - base
  }

  /// The place of the first of these bytes in a row.
  @inline(__always)
  func firstPlace(of needle: StaticString, from start: Int = 0) -> Int? {
    guard let base = baseAddress, start < count else { return nil }
    guard let found = moor_memmem(base + start, count - start, needle.utf8Start, needle.utf8CodeUnitCount) else {
      return nil
    }
    return found - base
  }

  /// Whether these bytes stand at a place.
  @inline(__always)
  func has(_ text: StaticString, at place: Int) -> Bool {
    guard let base = baseAddress, place >= 0, count - place >= text.utf8CodeUnitCount else { return false }
    return memcmp(base + place, text.utf8Start, text.utf8CodeUnitCount) == 0
  }

  /// A part of it.
  @inline(__always)
  func part(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self[range]) }

  /// Whether both hold the same bytes.
  @inline(__always)
  func isSame(as other: UnsafeRawBufferPointer) -> Bool {
    guard count == other.count else { return false }
    guard count > 0, let base = baseAddress, let otherBase = other.baseAddress else { return true }
    return memcmp(base, otherBase, count) == 0
  }

  /// A decimal number of at most 18 digits from a place on, and where it ends; nil when there is none, or a longer one.
  @inline(__always)
  func number(at start: Int) -> (value: UInt64, end: Int)? {
    var value: UInt64 = 0
    var end = start
    while end < count, case let digit = self[end] &- 0x30, digit < 10 {
      value = value &* 10 &+ UInt64(digit)
      end += 1
    }
    return end > start && end - start <= 18 ? (value, end) : nil
  }

  /// A hash of the bytes that somebody who chooses them cannot foresee; eight bytes a step.
  @inline(__always)
  func hashed(_ seed: UInt64) -> UInt64 {
    var hash = seed ^ UInt64(count)
    var place = 0
    while count - place >= 8 {
      hash = Self.mix(hash ^ loadUnaligned(fromByteOffset: place, as: UInt64.self))
      place += 8
    }
    var last: UInt64 = 0
    while place < count {
      last = last << 8 | UInt64(self[place])
      place += 1
    }
    return Self.mix(Self.mix(hash ^ last) ^ seed)
  }

  /// Folds the product with a constant whose bits are half ones (as wyhash does).
  @inline(__always)
  private static func mix(_ value: UInt64) -> UInt64 {
    let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return product.high ^ product.low
  }
}
