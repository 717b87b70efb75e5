// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EventLog

@Suite("Records in the system log")
struct AuditRecordTests {
  static let boot = "0f2c8f0e-3c5b-4a55-9d1c-7f8a1b2c3d4e"
  static let digest = String(repeating: "14", count: 32)
  static let measured =
    "moor boot=\(boot) seq=7 record=measure kind=exec path=\"/usr/bin/qemu-system-x86_64\" alg=sha256 "
    + "digest=\(digest) vm=\"web1\" pid=512"

  private func parse(_ line: String) throws -> AuditRecord? { try AuditRecord(line: line.utf8) }

  private func expected(stamp: AuditStamp?) throws -> AuditRecord {
    AuditRecord(
      boot: try #require(BootID(text: Self.boot)), sequence: 7, event: SampleLog.measure(), vm: UntrustedText("web1"),
      pid: 512, stamp: stamp)
  }

  static let stamped: [String] = [
    "type=INTEGRITY_RULE msg=audit(1700000000.123:45): ",
    "type=1805 msg=audit(1700000000.123:45): ",
    "type=UNKNOWN[1805] msg=audit(1700000000.123:45): ",
    "node=rack12.example type=INTEGRITY_RULE msg=audit(1700000000.123:45): ",
    "audit: type=1805 audit(1700000000.123:45): ",
    "[   12.345678] audit: type=1805 audit(1700000000.123:45): ",
    "[Mon Nov 23 16:50:32 2026] audit: type=1805 audit(1700000000.123:45): ",
    "<5>[   12.345678] audit: type=1805 audit(1700000000.123:45): ",
    "<5>audit: type=1805 audit(1700000000.123:45): ",
    "5,1234,56789012,-;audit: type=1805 audit(1700000000.123:45): ",
    "Nov 23 16:50:32 rack12 kernel: audit: type=1805 audit(1700000000.123:45): ",
    "Nov 23 16:50:32 rack12 kernel: [   12.345678] audit: type=1805 audit(1700000000.123:45): ",
    "2026-11-23T16:50:32.123456+00:00 rack12 kernel: audit: type=1805 audit(1700000000.123:45): ",
  ]

  @Test("is found behind what each log puts before it, with audit's stamp", arguments: stamped)
  func prefixes(prefix: String) throws {
    let record = try parse(prefix + Self.measured)
    #expect(record == (try expected(stamp: AuditStamp(milliseconds: 1_700_000_000_123, serial: 45))))
  }

  @Test(
    "is found in the journal's own audit messages, which show no stamp",
    arguments: [
      "Nov 23 16:50:32 rack12 audit[812]: INTEGRITY_RULE ", "Nov 23 16:50:32 rack12 audit: INTEGRITY_RULE ",
      "Nov 23 16:50:32 rack12 audit[1]: AUDIT1805 ",
    ])
  func journal(prefix: String) throws {
    #expect(try parse(prefix + Self.measured) == (try expected(stamp: nil)))
  }

  @Test("auditd's interpretation behind the record is not part of it")
  func enriched() throws {
    let line = "type=INTEGRITY_RULE msg=audit(1700000000.123:45): " + Self.measured + "\u{1D}AUID=\"root\" moor boot="
    #expect(try parse(line) == (try expected(stamp: AuditStamp(milliseconds: 1_700_000_000_123, serial: 45))))
  }

  @Test(
    "no other line is taken for it",
    arguments: [
      "", "moor", Self.measured, "type=AVC msg=audit(1700000000.123:45): " + Self.measured,
      "audit: type=1804 audit(1700000000.123:45): " + Self.measured,
      "audit: type=1805 audit(1700000000.123:45): file=\"/x\" " + Self.measured,
      "Nov 23 16:50:32 rack12 root: audit: type=1805 audit(1700000000.123:45): " + Self.measured,
      "Nov 23 16:50:32 rack12 root[4]: type=INTEGRITY_RULE msg=audit(1700000000.123:45): " + Self.measured,
      "Nov 23 16:50:32 rack12 root: [   12.345678] audit: type=1805 audit(1700000000.123:45): " + Self.measured,
      "Nov 23 16:50:32 rack12 root: kernel: audit: type=1805 audit(1700000000.123:45): " + Self.measured,
      "[   12.345678] root: audit: type=1805 audit(1700000000.123:45): " + Self.measured,
      "5 audit: type=1805 audit(1700000000.123:45): " + Self.measured,
      "audit: type=1805 audit(1700000000.123:45", "audit: type=1805 audit(1700000000.123:45)",
      "Nov 23 16:50:32 rack12 audit[812]: AVC " + Self.measured,
    ])
  func foreign(line: String) throws {
    #expect(try parse(line) == nil)
  }

  @Test("every kind of record, with every key, reads back from the text that the module writes")
  func roundTrip() throws {
    let boot = try #require(BootID(text: Self.boot))
    for (index, one) in try SampleLog.events().enumerated() {
      var event = one.event
      // These have no key in the text.
      event.abi = nil
      event.buildID = nil
      event.programTags = nil
      event.pcrBefore = nil
      let record = AuditRecord(
        boot: boot, sequence: UInt64(index + 1), event: event, vm: one.note?.vm, pid: one.note?.pid ?? 1)
      #expect(try parse("Nov 23 16:50:32 rack12 audit: INTEGRITY_RULE " + record.text) == record)
    }
  }

  @Test("strings that could break the line are in hex, both ways")
  func untrusted() throws {
    let boot = try #require(BootID(text: Self.boot))
    for path in ["/a b", "/a\"", "/a\n moor boot=", "/ä", "/\u{1B}[2J", "/x\u{7F}"] {
      let record = AuditRecord(
        boot: boot, sequence: 1, event: SampleLog.measure(path: path), vm: UntrustedText("a b"), pid: 1)
      #expect(record.text.contains(" path=2F"))
      #expect(record.text.contains(" vm=612062 "))
      #expect(try parse("audit: type=1805 audit(1.000:1): " + record.text)?.event.path == UntrustedText(path))
    }
    let plain = AuditRecord(
      boot: boot, sequence: 1, event: SampleLog.measure(path: "/a\\x20'`~!"), vm: nil, pid: 1)
    #expect(plain.text.contains(" path=\"/a\\x20'`~!\" "))
    #expect(try parse("audit: type=1805 audit(1.000:1): " + plain.text)?.event == plain.event)
  }

  struct Damaged: CustomTestStringConvertible, Sendable {
    let text: String
    let column: Int
    let expected: String
    let found: String
    var testDescription: String { text }

    /// `column` counts from the begin of `text`, which stands behind the prefix.
    init(_ text: String, _ column: Int, _ expected: String, _ found: String) {
      self.text = text
      self.column = column
      self.expected = expected
      self.found = found
    }
  }

  private static let prefix = "audit: type=1805 audit(1.000:1): "
  private static let head = "moor boot=\(boot) seq=7 record=refuse"

  static let damaged: [Damaged] = [
    Damaged("moor ", 6, "boot=", ""),
    Damaged("moor bot=1", 6, "boot=", "bot=1"),
    Damaged("moor boot=", 11, "the boot id after boot=", ""),
    Damaged(
      "moor boot=0f2c8f0e-3c5b-4a55-9d1c-7f8a1b2c3d4 seq=1", 11, "the boot id after boot=",
      "0f2c8f0e-3c5b-4a55-9d1c-7f8a1b2c3d4"),
    Damaged("moor boot=\(boot)", 47, "seq=", ""),
    Damaged("moor boot=\(boot) ", 48, "the next key", ""),
    Damaged("moor boot=\(boot) seq=", 52, "a number from 1 after seq=", ""),
    Damaged("moor boot=\(boot) seq=0 record=cap pid=1", 52, "a number from 1 after seq=", "0"),
    Damaged("moor boot=\(boot) seq=+1 record=cap pid=1", 52, "a number from 1 after seq=", "+1"),
    Damaged(
      "moor boot=\(boot) seq=18446744073709551616 record=cap pid=1", 52, "a number from 1 after seq=",
      "18446744073709551616"),
    Damaged("moor boot=\(boot) seq=7", 53, "record=", ""),
    Damaged("moor boot=\(boot) seq=7 record=mesure", 61, "a record's name after record=", "mesure"),
    Damaged("moor boot=\(boot) seq=7 record=5", 61, "a record's name after record=", "5"),
    Damaged(head, 67, tail(from: "kind"), ""),
    Damaged("\(head) ", 68, "the next key", ""),
    Damaged("\(head) kind=exe", 73, "a kind's name after kind=", "exe"),
    Damaged("\(head) kind=exec path=", 83, "a quoted string or hex, 1 to 4095 bytes after path=", ""),
    Damaged("\(head) path=\"/usr", 73, "a quoted string or hex, 1 to 4095 bytes after path=", "\"/usr"),
    Damaged("\(head) path=\"", 73, "a quoted string or hex, 1 to 4095 bytes after path=", "\""),
    Damaged("\(head) path=\"\" pid=1", 73, "a quoted string or hex, 1 to 4095 bytes after path=", "\"\""),
    Damaged("\(head) path=\"/a\"b\" pid=1", 73, "a quoted string or hex, 1 to 4095 bytes after path=", "\"/a\"b\""),
    Damaged("\(head) path=2F6 pid=1", 73, "a quoted string or hex, 1 to 4095 bytes after path=", "2F6"),
    Damaged("\(head) path=2F00 pid=1", 73, "a quoted string or hex, 1 to 4095 bytes after path=", "2F00"),
    Damaged("\(head) path=/usr pid=1", 73, "a quoted string or hex, 1 to 4095 bytes after path=", "/usr"),
    Damaged("\(head) alg=md5", 72, "an algorithm's name after alg=", "md5"),
    Damaged("\(head) alg=sha256 digest=1414 pid=1", 86, "32 bytes in hex after digest=", "1414"),
    Damaged("\(head) alg=sha256 digest=14zz pid=1", 86, "32 bytes in hex after digest=", "14zz"),
    Damaged("\(head) digest= pid=1", 75, "1 to 64 bytes in hex after digest=", ""),
    Damaged("\(head) reason=because pid=1", 75, "a reason's name after reason=", "because"),
    Damaged("\(head) mode=permissive pid=1", 73, "a mode's name after mode=", "permissive"),
    Damaged("\(head) version=-1 pid=1", 76, "a number after version=", "-1"),
    Damaged("\(head) closed=2 pid=1", 75, "0 or 1 after closed=", "2"),
    Damaged("\(head) reason=digest kind=exec pid=1", 82, tail(from: "mode"), "kind=exec pid=1"),
    Damaged("\(head) reason=digest reason=digest pid=1", 82, tail(from: "mode"), "reason=digest pid=1"),
    Damaged("\(head) colour=red pid=1", 68, tail(from: "kind"), "colour=red pid=1"),
    Damaged("\(head) reason=digest", 81, tail(from: "mode"), ""),
    Damaged("\(head) pid=", 72, "a process id after pid=", ""),
    Damaged("\(head) pid=4294967296", 72, "a process id after pid=", "4294967296"),
    Damaged("\(head) pid=1 uid=0", 74, "the end of the line", "uid=0"),
    Damaged("\(head)  pid=1", 68, tail(from: "kind"), " pid=1"),
  ]

  /// The keys that may follow, from this one to the last.
  private static func tail(from key: String) -> String {
    let keys = [
      "kind", "path", "alg", "digest", "expected", "reason", "mode", "name", "version", "generation", "closed", "vm",
      "pid",
    ]
    return keys.drop { $0 != key }.map { "\($0)=" }.joined(separator: ", ")
  }

  @Test("a damaged line is refused with line and column", arguments: damaged)
  func damagedLine(row: Damaged) throws {
    let error = #expect(throws: AuditLineError.self) {
      try AuditRecord(line: (Self.prefix + row.text).utf8, number: 12)
    }
    #expect(
      error
        == AuditLineError(
          line: 12, column: Self.prefix.utf8.count + row.column, expected: row.expected,
          found: UntrustedText(row.found)))
  }

  @Test(
    "a damaged stamp is refused",
    arguments: ["", "1", "1.000", "1.00:1", "1.0000:1", "a.000:1", "1.000:", "1.000:x", "18446744073709551615.000:1"])
  func damagedStamp(stamp: String) throws {
    let error = #expect(throws: AuditLineError.self) { try parse("audit: type=1805 audit(\(stamp)): " + Self.measured) }
    #expect(
      error
        == AuditLineError(
          line: 1, column: 24, expected: "seconds.milliseconds:serial", found: UntrustedText(stamp)))
  }

  @Test("every line cut short, as printk does with long ones, is refused or not moor's")
  func truncations() throws {
    let line = Array((Self.prefix + Self.measured).utf8)
    for length in 0..<line.count {
      // Cut within the last number, the line cannot be told from a whole one.
      if line.count - length < 3 { continue }
      do throws(AuditLineError) {
        #expect(try AuditRecord(line: line[..<length]) == nil, "cut at \(length)")
        #expect(length < Self.prefix.utf8.count + 5, "cut at \(length)")
      } catch {
        #expect(error.column <= length + 1)
      }
    }
  }

  @Test(
    "random damage to a text never crashes, and every record of moor's is read, damaged or gone", arguments: [1, 2])
  func mutations(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let line = Array((Self.prefix + Self.measured).utf8)
    for _ in 0..<5_000 {
      var changed = line
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        changed[Int.random(in: changed.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      let log = AuditLog(changed)
      #expect(log.records.count + log.damaged.count <= 1)
      for error in log.damaged { #expect((1...changed.count + 1).contains(error.column)) }
    }
  }

  @Test("a text gives its records, its damaged lines, and what is missing between")
  func wholeText() throws {
    let other = "ffffffff-ffff-4fff-bfff-ffffffffffff"
    let text = """
      [    1.0] audit: type=1805 audit(1.000:1): moor boot=\(Self.boot) seq=1 record=start closed=0 pid=1
      [    1.1] usb 1-1: new device
      [    1.2] audit: type=1805 audit(1.000:2): moor boot=\(Self.boot) seq=2 record=cap pid=1
      [    1.3] audit: type=1805 audit(1.000:3): moor boot=\(Self.boot) seq=3 record=m
      [    1.4] audit: type=1805 audit(1.000:9): moor boot=\(Self.boot) seq=6 record=lock pid=1
      [    1.5] audit: type=1805 audit(1.000:9): moor boot=\(other) seq=2 record=lock pid=1

      """
    let log = AuditLog(Array(text.utf8))
    #expect(log.records.map(\.sequence) == [1, 2, 6, 2])
    #expect(log.damaged.map(\.line) == [4])
    #expect(
      log.gaps == [
        AuditGap(boot: try #require(BootID(text: Self.boot)), sequences: 3...5),
        AuditGap(boot: try #require(BootID(text: other)), sequences: 1...1),
      ])
    #expect(AuditLog([]).gaps.isEmpty)
  }

  /// Lines of one boot: each number with the rest of its line, stamped by audit when `serial` says from where on.
  private func lines(_ lines: [(sequence: Int, rest: String)], serial: Int? = nil) -> String {
    lines.enumerated().map { index, line in
      let stamp = serial.map { "audit: type=1805 audit(1.000:\($0 + index)): " } ?? "audit[1]: AUDIT1805 "
      return "\(stamp)moor boot=\(Self.boot) seq=\(line.sequence) \(line.rest)\n"
    }.joined()
  }

  /// The numbers that are missing from a text, all of one boot.
  private func missing(_ text: String) -> [ClosedRange<UInt64>] {
    let log = AuditLog(Array(text.utf8))
    #expect(log.records.count == text.split(separator: "\n").count)
    return log.gaps.map(\.sequences)
  }

  @Test("each load of the module in one boot has its own gaps", arguments: [nil, 40])
  func secondLoad(serial: Int?) {
    let later = serial.map { $0 + 10 }
    let first = lines(
      [(1, "record=start closed=0 pid=1"), (2, "record=cap pid=1"), (4, "record=release pid=9")], serial: serial)
    let rest = [(2, "record=cap pid=12"), (3, "record=lock pid=13"), (4, "record=lock pid=13")]
    let second = lines([(1, "record=start closed=0 pid=12")] + rest, serial: later)
    #expect(missing(first + second) == [3...3])
    // Line 1 of the second load is lost: it begins where a number comes again.
    #expect(missing(first + lines(rest, serial: later)) == [3...3, 1...1])
    // Line 1 of the first load is lost.
    let headless = lines([(2, "record=cap pid=1"), (4, "record=release pid=9")], serial: serial)
    #expect(missing(headless + second) == [1...1, 3...3])
  }

  @Test("a line that two sources of one text both have is one line", arguments: [nil, 40])
  func sameLineTwice(serial: Int?) {
    let first = lines([(1, "record=start closed=0 pid=1"), (4, "record=release pid=9")], serial: serial)
    let second = lines([(1, "record=start closed=0 pid=12"), (2, "record=cap pid=12")], serial: serial.map { $0 + 10 })
    #expect(missing(first + second + first + second) == [2...3])
    // journald shows some lines of audit without its stamp.
    #expect(missing(first + second + lines([(1, "record=start closed=0 pid=1")])) == [2...3])
    // What only the second source has, fills the load it stands in.
    let lost = lines([(2, "record=cap pid=1"), (3, "record=lock pid=1")], serial: serial.map { $0 + 1 })
    #expect(missing(first + second + first.prefix { $0 != "\n" } + "\n" + lost) == [])
  }

  @Test("lines out of order are put in order by audit's stamps, and where there are none read as they come")
  func outOfOrder() {
    let first = [(1, "record=start closed=0 pid=1"), (2, "record=cap pid=1"), (3, "record=release pid=1")]
    let second = [(1, "record=start closed=0 pid=2"), (2, "record=cap pid=2")]
    let stamped = lines(first, serial: 1) + lines(second, serial: 10)
    #expect(missing(stamped.split(separator: "\n").reversed().joined(separator: "\n")) == [])
    #expect(missing(lines([first[0], first[2], first[1]]) + lines(second)) == [])
  }

  @Test("an error is one safe line, with the end of the line named")
  func errorText() {
    let error = AuditLineError(line: 3, column: 9, expected: "seq=", found: UntrustedText("\u{1B}[2J"))
    #expect(error.description == "line 3, column 9: expected seq=, found \"\\x1b[2J\"")
    let end = AuditLineError(line: 3, column: 9, expected: "seq=", found: UntrustedText(""))
    #expect(end.description == "line 3, column 9: expected seq=, found the end of the line")
  }
}
