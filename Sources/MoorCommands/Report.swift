// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials

/// What a command has to say: one value that is both the text and the JSON, so that they cannot drift apart.
protocol Report: Encodable {
  /// The text for a person, without a line ending at its end.
  func text(_ style: Style) -> String
}

/// JSON as moor writes it: keys sorted, slashes as they are.
enum JSON {
  /// Many lines, for a report.
  static func pretty(_ value: some Encodable) throws -> String {
    try encode(value, [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes])
  }

  /// One line, for a stream.
  static func line(_ value: some Encodable) throws -> String {
    try encode(value, [.sortedKeys, .withoutEscapingSlashes])
  }

  private static func encode(_ value: some Encodable, _ format: JSONEncoder.OutputFormatting) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = format
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}

/// Colours for a terminal, or nothing at all (ECMA-48, SGR).
struct Style {
  let isColoured: Bool

  func good(_ text: String) -> String { wrap(text, 32) }
  func bad(_ text: String) -> String { wrap(text, 31) }
  func careful(_ text: String) -> String { wrap(text, 33) }
  func strong(_ text: String) -> String { wrap(text, 1) }

  private func wrap(_ text: String, _ code: Int) -> String {
    isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
