// SPDX-License-Identifier: Apache-2.0

/// An open-addressing table of numbers from 1, for hash-consing: what a number stands for is kept elsewhere, so that no
/// key is ever allocated.
struct FlatTable {
  private var slots: ContiguousArray<UInt32>
  private var hashes: ContiguousArray<UInt32>
  private var count = 0

  init(capacity: Int = 64) {
    var size = 64
    while size < 2 * capacity { size *= 2 }
    slots = ContiguousArray(repeating: 0, count: size)
    hashes = ContiguousArray(repeating: 0, count: size)
  }

  /// The number with this hash for which `matches` says yes, else 0.
  @inline(__always)
  func find(_ hash: UInt64, matches: (UInt32) -> Bool) -> UInt32 {
    let mask = slots.count - 1
    let short = UInt32(truncatingIfNeeded: hash >> 32)
    var index = Int(truncatingIfNeeded: hash) & mask
    while slots[index] != 0 {
      if hashes[index] == short, matches(slots[index]) { return slots[index] }
      index = (index + 1) & mask
    }
    return 0
  }

  /// Adds a number that is not there yet. A table that grows keeps its order by what it stored of the hash, so the
  /// low half of the hash must be derived from the high half: see ``Hash``.
  @inline(__always)
  mutating func insert(_ number: UInt32, _ hash: UInt64) {
    if 2 * (count + 1) > slots.count { grow() }
    place(number, hash)
    count += 1
  }

  private mutating func place(_ number: UInt32, _ hash: UInt64) {
    let mask = slots.count - 1
    var index = Int(truncatingIfNeeded: hash) & mask
    while slots[index] != 0 { index = (index + 1) & mask }
    slots[index] = number
    hashes[index] = UInt32(truncatingIfNeeded: hash >> 32)
  }

  private mutating func grow() {
    let old = (slots, hashes)
    slots = ContiguousArray(repeating: 0, count: 2 * old.0.count)
    hashes = ContiguousArray(repeating: 0, count: 2 * old.0.count)
    for (number, short) in zip(old.0, old.1) where number != 0 { place(number, Hash.spread(short)) }
  }
}

/// A hash of a sequence of numbers: multiply and fold.
struct Hash {
  private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

  @inline(__always)
  mutating func add(_ number: UInt32) {
    state = (state ^ UInt64(number)) &* 0xFF51_AFD7_ED55_8CCD
    state ^= state >> 32
  }

  /// All 64 bits follow from the upper 32, which the table keeps.
  @inline(__always)
  var value: UInt64 { Self.spread(UInt32(truncatingIfNeeded: state ^ state >> 29)) }

  @inline(__always)
  static func spread(_ short: UInt32) -> UInt64 {
    let low = short &* 0x9E37_79B1
    return UInt64(short) << 32 | UInt64(low ^ low >> 15)
  }
}
