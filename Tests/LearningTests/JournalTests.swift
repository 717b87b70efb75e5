// SPDX-License-Identifier: Apache-2.0

import EventLog
import Testing

@testable import Learning

@Suite("The journal's own formats")
struct JournalTests {
  private static let message =
    "audit: type=1805 audit(1700000000.123:45): moor boot=\(Lines.boot) seq=1 \(Lines.path("/a"))"

  private func entry(_ fields: String...) -> [UInt8] {
    Array((["__CURSOR=s=1"] + fields).map { $0 + "\n" }.joined().utf8) + [0x0A]
  }

  /// A field as it comes when its value is not plain text.
  private func binary(_ name: String, _ value: [UInt8]) -> [UInt8] {
    var length = UInt64(value.count)
    let bytes = (0..<8).map { _ in
      defer { length >>= 8 }
      return UInt8(truncatingIfNeeded: length)
    }
    return Array("\(name)\n".utf8) + bytes + value + [0x0A]
  }

  private func check(_ log: AccessLog) {
    #expect(log.learned.entries.map(\.access.object) == [.path(UntrustedText("/a"))])
    #expect(log.learned.entries.first?.tally.first == 1_700_000_000_123)
    #expect(!log.isBlemished)
  }

  @Test("an exported message of the kernel, and one of audit, are read, and are one line")
  func export() {
    let kernel = entry("_TRANSPORT=kernel", "MESSAGE=\(Self.message)")
    let text = Self.message.replacing("audit: type=1805 audit(1700000000.123:45): ", with: "INTEGRITY_RULE ")
    let audit = entry(
      "MESSAGE=\(text)", "_TRANSPORT=audit", "_AUDIT_ID=45", "_SOURCE_REALTIME_TIMESTAMP=1700000000123000")
    check(read(bytes: [kernel]))
    check(read(bytes: [audit]))
    let both = read(bytes: [kernel + audit])
    #expect(both.accessLines == 1)
    #expect(both.repeated == 1)
  }

  @Test("who sent a message is what journald says, whatever stands in the message")
  func forged() {
    let message = "MESSAGE=\(Self.message)"
    for transport in ["syslog", "stdout", "journal"] {
      let log = read(bytes: [entry(message, "_TRANSPORT=\(transport)")])
      #expect(log.accessLines == 0)
      #expect(log.foreign == 1)
    }
    // A whole entry within a value.
    let inner = Array("x\n\n__CURSOR=s=2\n_TRANSPORT=kernel\n\(message)\n\n".utf8)
    let log = read(bytes: [
      Array("__CURSOR=s=1\n".utf8) + binary("MESSAGE", inner) + Array("_TRANSPORT=syslog\n\n".utf8)
    ])
    #expect(log.accessLines == 0)
    #expect(log.problems == [])
    let after = read(bytes: [Array("__CURSOR=s=1\n".utf8) + binary("X", inner) + entry("_TRANSPORT=kernel", message)])
    check(after)
  }

  @Test("every cut is told, or leaves whole entries", arguments: [1, 5])
  func truncated(piece: Int) {
    let whole = entry("_TRANSPORT=kernel", "MESSAGE=\(Self.message)")
    for length in 1..<(whole.count - 1) {
      let log = read(bytes: [Array(whole[..<length])])
      #expect(log.accessLines == 0 || length >= whole.count - 3, "cut at \(length)")
    }
    check(read(bytes: [Array(whole.dropLast())]))
  }

  @Test("JSON is read, its escapes undone, and what is no text passed over")
  func json() {
    let message = Self.message.replacing("\"", with: "\\\"").replacing("/a", with: "\\/\\u0061")
    let line =
      "{\"__CURSOR\" : \"x\",\"N\":[1,2],\"M\":null,\"O\":{\"a\":[\"]\"]}, \"MESSAGE\":\"\(message)\",\"_TRANSPORT\":\"kernel\"}\n"
    check(read(line))
    check(read("{\"MESSAGE\":\"hello\"}\n" + line))
    let forged = read(line.replacing("kernel", with: "stdout"))
    #expect(forged.accessLines == 0)
    #expect(forged.foreign == 1)
    let cut = read(String(line.dropLast(10)))
    #expect(cut.damagedCount == 1)
    #expect(read(bytes: [Array(line.utf8).dropLast(40) + [0x0A]]).accessLines == 0)
  }
}
