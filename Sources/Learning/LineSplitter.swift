// SPDX-License-Identifier: Apache-2.0

/// Cuts a stream into lines, whatever pieces it comes in, in bounded memory.
struct LineSplitter {
  /// Bytes of a line at most; of a longer one this many are handed on.
  static let longest = 1 << 16

  private var rest: [UInt8] = []
  /// Lines that were handed on.
  private(set) var count = 0

  /// Hands each line that ends in this piece to `body`, with its number from 1; the buffer is valid for that call alone.
  mutating func take(_ piece: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer, Int) -> Void) {
    var start = 0
    while let end = piece.firstPlace(of: UInt8(ascii: "\n"), from: start) {
      count += 1
      if rest.isEmpty, end - start <= Self.longest {
        body(piece.part(start..<end), count)
      } else {
        keep(piece.part(start..<end))
        rest.withUnsafeBytes { body($0, count) }
        rest.removeAll(keepingCapacity: true)
      }
      start = end + 1
    }
    keep(piece.part(start..<piece.count))
  }

  /// Hands on what stands behind the last line's end.
  mutating func finish(_ body: (UnsafeRawBufferPointer, Int) -> Void) {
    guard !rest.isEmpty else { return }
    count += 1
    rest.withUnsafeBytes { body($0, count) }
    rest.removeAll()
  }

  private mutating func keep(_ bytes: UnsafeRawBufferPointer) {
    rest.append(contentsOf: bytes.prefix(Self.longest - rest.count))
  }
}
