// SPDX-License-Identifier: Apache-2.0

/// The part of a source line that a diagnostic shows: bounded, and without a byte that a terminal would obey.
struct Excerpt {
  let text: String
  let caretColumn: Int
  let caretWidth: Int

  /// Columns shown at most; long lines are cut around what is marked.
  static let width = 110
  private static let lead = 40

  init(_ location: Location) {
    let source = location.source
    let line = source.lineRange(at: location.range.lowerBound)
    let marked = location.range.clamped(to: line.lowerBound..<max(line.upperBound, line.lowerBound))
    // Bounded before anything is rendered: a line may be as long as the file.
    let from = max(line.lowerBound, min(location.range.lowerBound, line.upperBound) - Self.lead * 4)
    var pieces: [(text: String, offset: Int)] = []
    var offset = from
    while offset < line.upperBound, pieces.count < Self.width + Self.lead * 4 {
      let length = max(1, UTF8Sequence.length(in: source.bytes, at: offset))
      pieces.append((SafeText.piece(of: source.bytes, at: offset), offset))
      offset += length
    }
    let first = pieces.firstIndex { $0.offset >= marked.lowerBound } ?? pieces.count
    let start = first > Self.width - Self.lead || from > line.lowerBound ? max(0, first - Self.lead) : 0
    var text = start > 0 || from > line.lowerBound ? "..." : ""
    var caretColumn = text.count
    var caretWidth = 0
    for piece in pieces[start...] {
      guard text.count + piece.text.count <= Self.width else {
        text += "..."
        break
      }
      text += piece.text
      if piece.offset < marked.lowerBound { caretColumn += piece.text.count }
      if marked.contains(piece.offset) { caretWidth += piece.text.count }
    }
    self.text = text
    self.caretColumn = caretColumn
    self.caretWidth = max(1, caretWidth)
  }
}

/// Bytes from outside as text that is safe to print on one line.
public enum SafeText {
  /// The bytes as text: controls, deceptive characters and what is not UTF-8 as `\xNN`, a tab as a space.
  ///
  /// - Parameter limit: Bytes rendered at most; what is cut off is replaced by `...`.
  public static func render(_ bytes: some Sequence<UInt8>, limit: Int = 200) -> String {
    let bytes = Array(bytes)
    var text = ""
    var offset = 0
    while offset < bytes.count {
      if offset >= limit { return text + "..." }
      text += piece(of: bytes, at: offset)
      offset += max(1, UTF8Sequence.length(in: bytes, at: offset))
    }
    return text
  }

  static func piece(of bytes: [UInt8], at offset: Int) -> String {
    let byte = bytes[offset]
    if byte == Byte.tab { return " " }
    if byte < 0x80 { return Byte.isControl(byte) ? hex(byte) : String(UnicodeScalar(byte)) }
    let length = UTF8Sequence.length(in: bytes, at: offset)
    guard length > 0 else { return hex(byte) }
    let sequence = bytes[offset..<(offset + length)]
    if UTF8Sequence.isDeceptive(UTF8Sequence.scalar(in: bytes, at: offset, length: length)) {
      return sequence.map(hex).joined()
    }
    return String(decoding: sequence, as: UTF8.self)
  }

  static func hex(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: false)
    return "\\x" + (digits.count == 1 ? "0" + digits : digits)
  }
}
