// SPDX-License-Identifier: Apache-2.0

internal import EventLog

/// The fields of one entry of the journal that say what the kernel or audit wrote.
struct JournalEntry {
  /// By name, of those in ``names``.
  var fields: [String: [UInt8]] = [:]

  /// The fields that are of use (systemd.journal-fields(7)).
  static let names: Set<String> = ["MESSAGE", "_TRANSPORT", "_AUDIT_ID", "_SOURCE_REALTIME_TIMESTAMP"]
  /// Bytes of a value that are kept.
  static let longest = LineSplitter.longest

  /// The entry as one of the lines that docs/formats.md lists; nil for an entry of another sender.
  ///
  /// Who sent it is what journald says, and not what stands in the message.
  var line: [UInt8]? { line(of: .integrityRule) }

  /// The same of another type of audit's records.
  func line(of wanted: AuditType) -> [UInt8]? {
    guard let message = fields["MESSAGE"], let transport = fields["_TRANSPORT"] else { return nil }
    if transport.elementsEqual("kernel".utf8) { return message }
    guard transport.elementsEqual("audit".utf8) else { return nil }
    let text = message[...].drop { $0 != UInt8(ascii: " ") }.dropFirst()
    let type = message.prefix(message.count - text.count)
    guard wanted.journalNames.contains(where: { type.elementsEqual("\($0) ".utf8) }) else { return nil }
    guard let id = number("_AUDIT_ID"), let time = number("_SOURCE_REALTIME_TIMESTAMP") else {
      return Array("journal audit: ".utf8) + message
    }
    let milliseconds = String(time / 1_000 % 1_000)
    let padded = String(repeating: "0", count: 3 - milliseconds.count) + milliseconds
    return Array("audit: type=\(wanted.number) audit(\(time / 1_000_000).\(padded):\(id)): ".utf8) + text
  }

  private func number(_ name: String) -> UInt64? {
    fields[name].flatMap { UInt64(String(decoding: $0, as: UTF8.self)) }
  }
}

/// Reads `journalctl -o export` (systemd's Journal Export Format) piece by piece.
///
/// A field whose value is not plain text has its name alone on a line, then its length in eight bytes, little-endian, and
/// the value: what stands in there must not be taken for fields, as any program may have chosen it.
struct JournalExport {
  private enum State {
    case text
    case length(read: Int, value: UInt64)
    case binary(left: UInt64)
    case lineEnd
  }

  private var state = State.text
  private var entry = JournalEntry()
  private var row: [UInt8] = []
  /// Entries that ended.
  private(set) var count = 0

  /// Hands each entry that ends in this piece on.
  mutating func take(_ piece: UnsafeRawBufferPointer, _ body: (JournalEntry, Int) -> Void) {
    var place = 0
    while place < piece.count {
      switch state {
      case .text:
        let end = piece.firstPlace(of: UInt8(ascii: "\n"), from: place) ?? piece.count
        row.append(contentsOf: piece.part(place..<end).prefix(JournalEntry.longest + 64 - row.count))
        place = end + 1
        if end < piece.count { endRow(body) }
      case .length(let read, let value):
        let next = value | UInt64(piece[place]) << UInt64(8 * read)
        place += 1
        state = read < 7 ? .length(read: read + 1, value: next) : next > 0 ? .binary(left: next) : .lineEnd
      case .binary(let left):
        let skipped = min(left, UInt64(piece.count - place))
        place += Int(skipped)
        state = left > skipped ? .binary(left: left - skipped) : .lineEnd
      case .lineEnd:
        place += 1
        state = .text
      }
    }
  }

  /// What is left at the end; false when it is cut off in the middle.
  mutating func finish(_ body: (JournalEntry, Int) -> Void) -> Bool {
    let isWhole = if case .text = state { row.isEmpty } else { false }
    endEntry(body)
    return isWhole
  }

  private mutating func endRow(_ body: (JournalEntry, Int) -> Void) {
    defer { row.removeAll(keepingCapacity: true) }
    guard !row.isEmpty else {
      endEntry(body)
      return
    }
    guard let equals = row.firstIndex(of: UInt8(ascii: "=")) else {
      state = .length(read: 0, value: 0)
      return
    }
    let name = String(decoding: row[..<min(equals, 64)], as: UTF8.self)
    if JournalEntry.names.contains(name) { entry.fields[name] = Array(row[(equals + 1)...]) }
  }

  private mutating func endEntry(_ body: (JournalEntry, Int) -> Void) {
    guard !entry.fields.isEmpty else { return }
    count += 1
    body(entry, count)
    entry = JournalEntry()
  }
}
