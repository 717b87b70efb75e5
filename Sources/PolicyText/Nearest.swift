// SPDX-License-Identifier: Apache-2.0

/// Finds what was probably meant.
public enum Nearest {
  /// The candidate that is closest to a word, or nil when none is close enough to be worth a word.
  ///
  /// Distance is the number of single letters to insert, delete, replace or swap with their neighbour (optimal
  /// string alignment), upper and lower case being the same; at most a third of the longer word may differ, and
  /// at least one letter. Among equals the first wins.
  public static func match(_ word: some Sequence<UInt8>, among candidates: some Sequence<String>) -> String? {
    let word = word.prefix(longest + 1).map(lowercase)
    guard !word.isEmpty, word.count <= longest else { return nil }
    var best: (candidate: String, distance: Int)?
    for candidate in candidates {
      let bytes = candidate.utf8.map(lowercase)
      let allowed = max(1, max(word.count, bytes.count) / 3)
      guard abs(bytes.count - word.count) <= allowed, bytes.count <= longest else { continue }
      let distance = distance(word, bytes)
      if distance <= allowed, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.candidate
  }

  /// Words longer than this have no nearest form: the cost is quadratic.
  private static let longest = 64

  static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforeLast = [Int](repeating: 0, count: right.count + 1)
    var last = Array(0...right.count)
    for i in 0..<left.count {
      var row = [Int](repeating: i + 1, count: right.count + 1)
      for j in 0..<right.count {
        row[j + 1] = min(last[j + 1] + 1, row[j] + 1, last[j] + (left[i] == right[j] ? 0 : 1))
        if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
          row[j + 1] = min(row[j + 1], beforeLast[j - 1] + 1)
        }
      }
      beforeLast = last
      last = row
    }
    return last[right.count]
  }

  private static func lowercase(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}
