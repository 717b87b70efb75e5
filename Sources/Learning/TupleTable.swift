// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Finds the number that belongs to a row of bytes, and keeps each row once: what says the same in many lines is parsed
/// only the first time.
///
/// Open addressing over a flat array; a row of bytes is compared whole, so that two rows with one hash are two.
struct TupleTable {
  private struct Row {
    let hash: UInt64
    let start: Int
    let length: Int32
    let value: Int32
  }

  /// Rows, and bytes of them, at most: beyond, nothing is kept.
  let mostRows: Int
  private let mostBytes: Int
  private let seed = UInt64.random(in: .min ... .max)
  private var bytes: [UInt8] = []
  private var rows: [Row] = []
  /// Places in `rows` from 1; 0 is free. Its size is a power of two, at least twice the rows.
  private var slots = [Int32](repeating: 0, count: 1 << 10)

  init(mostRows: Int = 1 << 20, mostBytes: Int = 512 << 20) {
    self.mostRows = mostRows
    self.mostBytes = mostBytes
  }

  var count: Int { rows.count }

  /// The number that was kept for these bytes.
  @inline(__always)
  func value(of key: UnsafeRawBufferPointer) -> Int32? {
    let hash = key.hashed(seed)
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while case let number = slots[slot], number > 0 {
      let row = rows[Int(number) - 1]
      if row.hash == hash, Int(row.length) == key.count, isSame(row, key) { return row.value }
      slot = (slot + 1) & mask
    }
    return nil
  }

  @inline(__always)
  private func isSame(_ row: Row, _ key: UnsafeRawBufferPointer) -> Bool {
    bytes.withUnsafeBytes { $0.part(row.start..<(row.start + Int(row.length))).isSame(as: key) }
  }

  /// Keeps a number for bytes that are not there yet; false when there is no room for more.
  mutating func insert(_ key: UnsafeRawBufferPointer, _ value: Int32) -> Bool {
    guard rows.count < mostRows, bytes.count + key.count <= mostBytes else { return false }
    rows.append(Row(hash: key.hashed(seed), start: bytes.count, length: Int32(key.count), value: value))
    bytes.append(contentsOf: key)
    if rows.count * 2 > slots.count {
      slots = [Int32](repeating: 0, count: slots.count * 2)
      for number in rows.indices { place(number) }
    } else {
      place(rows.count - 1)
    }
    return true
  }

  private mutating func place(_ number: Int) {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: rows[number].hash) & mask
    while slots[slot] > 0 { slot = (slot + 1) & mask }
    slots[slot] = Int32(number + 1)
  }
}
