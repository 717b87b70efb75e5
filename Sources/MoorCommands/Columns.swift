// SPDX-License-Identifier: Apache-2.0

/// Rows of words below each other, two blanks between columns; none at a row's end.
struct Columns {
  /// Words longer than this do not push the others to the right.
  private static let widest = 60

  private let rows: [[String]]
  private let widths: [Int]

  init(_ rows: [[String]]) {
    self.rows = rows
    let count = rows.map(\.count).max() ?? 0
    widths = (0..<count).map { column in
      rows.compactMap { $0.indices.contains(column) ? $0[column].count : nil }.filter { $0 <= Self.widest }.max() ?? 0
    }
  }

  func line(_ index: Int) -> String {
    var text = ""
    for (word, width) in zip(rows[index], widths) where width > 0 || !word.isEmpty {
      text += word + String(repeating: " ", count: max(0, width - word.count)) + "  "
    }
    while text.last == " " { text.removeLast() }
    return text
  }

  /// All rows.
  var lines: [String] { rows.indices.map(line) }
}
