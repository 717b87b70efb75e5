// SPDX-License-Identifier: Apache-2.0

import EventLog
import Foundation
import Testing

@testable import Learning

@Suite("Reading logs")
struct LogReaderTests {
  private static let three = [Lines.path("/a"), Lines.path("/b"), Lines.path("/a", verdict: "deny")]

  private func check(_ log: AccessLog, lines: UInt64 = 3) {
    #expect(log.accessLines == lines)
    #expect(log.learned.entries.map(\.access.object) == [.path(UntrustedText("/a")), .path(UntrustedText("/b"))])
    #expect(log.learned.entries.map(\.tally.count) == [2, 1])
    #expect(!log.isBlemished, "\(log.damaged) \(log.gaps) \(log.problems)")
  }

  @Test("lines are found behind what each log puts before them, between other programs' lines")
  func forms() {
    let prefixes = [
      "type=INTEGRITY_RULE msg=audit(1700000000.123:", "type=1805 msg=audit(1700000000.123:",
      "node=rack12 type=INTEGRITY_RULE msg=audit(1700000000.123:",
      "[   12.345678] audit: type=1805 audit(1700000000.123:",
      "5,1234,56789012,-;audit: type=1805 audit(1700000000.123:",
      "Nov 23 16:50:32 moor kernel: audit: type=1805 audit(1700000000.123:",
      "2026-11-23T16:50:32+0000 rack12 kernel: [   12.3] audit: type=1805 audit(1700000000.123:",
    ]
    for prefix in prefixes {
      let lines = Self.three.enumerated().map {
        "\(prefix)\($0.offset + 7)): moor boot=\(Lines.boot) seq=\($0.offset + 1) \($0.element)"
      }
      let log = read("type=SYSCALL msg=audit(1.000:1): moor\n" + lines.joined(separator: "\nusb 1-1: moor \n") + "\n")
      check(log)
      #expect(log.lines == 6)
      #expect(log.learned.entries.first?.tally.first == 1_700_000_000_123)
    }
  }

  @Test("lines without audit's stamp count, and their gaps are known")
  func unstamped() {
    let lines = Self.three.enumerated().map {
      "Nov 23 16:50:32 rack12 audit[812]: INTEGRITY_RULE moor boot=\(Lines.boot) seq=\($0.offset + 1) \($0.element)\n"
    }
    check(read(lines.joined()))
    #expect(read(lines.joined(), lines.joined()).repeated == 3)
    #expect(read(lines[0] + lines[2]).gaps.map(\.sequences) == [2...2])
  }

  @Test("auditd's interpretation behind a line is not part of it")
  func enriched() {
    check(read(Lines.text(Self.three).replacing("\n", with: "\u{1D}UID=\"root\" moor boot=1 pid=9\n")))
  }

  @Test("a line that two logs have is counted once, and said to be repeated")
  func repeated() {
    let text = Lines.text(Self.three)
    let log = read(text, text.replacing("type=INTEGRITY_RULE msg=", with: "audit: type=1805 "))
    #expect(log.accessLines == 3)
    #expect(log.counted == 3)
    #expect(log.repeated == 3)
    #expect(log.gaps == [])
  }

  @Test("records of the measurement log share the sequence, and what is missing is told")
  func gaps() {
    let rests = ["record=start closed=0 pid=1", Lines.path("/a"), "record=cap pid=1", Lines.path("/b")]
    let whole = read(Lines.text(rests))
    #expect(!whole.isBlemished)
    #expect([whole.accessLines, whole.recordLines] == [2, 2])
    let lines = Lines.text(rests).split(separator: "\n").map { $0 + "\n" }
    #expect(read(String(lines[0] + lines[3])).gaps.map(\.sequences) == [2...3])
    #expect(read(String(lines[1])).gaps.map(\.sequences) == [1...1])
  }

  @Test("the order of logs does not matter, and a second load of the module is told from the first")
  func loads() {
    let first = (1...4).map { Lines.audit($0, Lines.path("/a"), serial: $0 + 10) + "\n" }
    let second = (1...3).map { Lines.audit($0, Lines.path("/b"), serial: $0 + 50) + "\n" }
    for log in [read(first.joined(), second.joined()), read(second.joined(), first.joined())] {
      #expect(log.accessLines == 7)
      #expect(!log.isBlemished)
    }
    let log = read(first[0] + first[3], second[0] + second[2])
    #expect(log.gaps.map(\.sequences) == [2...3, 2...2])
    #expect(read(first.joined(), String(second[1])).gaps.map(\.sequences) == [1...1])
    #expect(read(first.reversed().joined()).gaps == [])
  }

  @Test("a damaged line is told with log, line and column, and is not lost as well")
  func damaged() {
    let lines = Lines.text(Self.three).split(separator: "\n").map(String.init)
    let log = read(([lines[0], String(lines[1].dropLast(20)), lines[2]]).joined(separator: "\n") + "\n")
    #expect(log.accessLines == 2)
    #expect(log.damagedCount == 1)
    #expect(log.damaged.map(\.source) == ["log 0"])
    #expect(log.damaged.map(\.error.line) == [2])
    #expect(log.gaps == [])
    // Two lines that were written into each other.
    let joined = read(lines[0] + "\n" + lines[1].prefix(150) + lines[2] + "\n")
    #expect(joined.damagedCount == 1)
    #expect(joined.accessLines == 1)
    #expect(joined.gaps == [] || joined.gaps.map(\.sequences) == [2...2])
  }

  @Test("of many damaged lines all are counted and the first are kept")
  func manyDamaged() {
    let log = read((1...500).map { Lines.audit($0, "record=deny class=") + "\n" }.joined())
    #expect(log.damagedCount == 500)
    #expect(log.damaged.count == AccessCollector.mostDamaged)
  }

  @Test("what another program wrote in moor's name is not taken, but counted")
  func forged() {
    let line = Lines.audit(1, Lines.path("/a"))
    let log = read("Nov 23 16:50:32 rack12 root: \(line)\n")
    #expect(log.accessLines == 0)
    #expect(log.foreign == 1)
  }

  @Test("files are read with what was rotated away, the oldest first, packed or not")
  func rotated() throws {
    let folder = try TemporaryFolder()
    let lines = (1...5).map { Lines.audit($0, Lines.path("/\($0)")) + "\n" }
    let names = ["audit.log-20261101", "audit.log.10", "audit.log.2", "audit.log.1", "audit.log"]
    for (name, line) in zip(names, lines) { _ = try folder.write(name, line) }
    for name in ["audit.log-20261101", "audit.log.10", "audit.log.2"] { try folder.pack("\(folder.path)/\(name)") }
    _ = try folder.write("audit.log.old", "x")
    _ = try folder.write("audit.logs.1", "x")
    var reader = LogReader()
    try reader.readRotated("\(folder.path)/audit.log")
    let log = reader.finish()
    #expect(
      log.sources.map { $0.replacing("\(folder.path)/audit.log", with: "") } == [
        "-20261101.gz", ".10.gz", ".2.gz", ".1", "",
      ])
    #expect(log.learned.entries.map { $0.access.object.path?.description } == ["/1", "/2", "/3", "/4", "/5"])
    #expect(!log.isBlemished)
  }

  @Test("what is packed and cut off, or damaged, is read as far as it goes and told")
  func damagedGzip() throws {
    let folder = try TemporaryFolder()
    // Different enough that packing does not make one block of them.
    let text = Lines.text((1...2_000).map { Lines.path("/srv/\($0 &* 2_654_435_761 % 1_000_003)") })
    let path = try folder.write("log", text)
    try folder.pack(path)
    let bytes = Array(try Data(contentsOf: URL(filePath: path + ".gz")))
    let whole = read(bytes: [bytes])
    #expect(whole.accessLines == 2_000)
    #expect(!whole.isBlemished)
    #expect(read(bytes: [bytes + bytes]).repeated == 2_000)
    let cut = read(bytes: [Array(bytes[..<(bytes.count / 2)])])
    #expect((1..<2_000).contains(cut.accessLines))
    #expect(cut.problems.map(\.problem) == ["it ends in the middle, at byte \(bytes.count / 2) of what is packed"])
    var changed = bytes
    changed[bytes.count / 2] ^= 0xFF
    let broken = read(bytes: [changed])
    #expect(broken.problems.first?.problem.hasPrefix("it is damaged at byte") == true)
    #expect(read(bytes: [bytes + [1, 2, 3]]).problems.count == 1)
  }

  @Test("a file that is not there, a folder, and a program that fails are errors or problems")
  func unreadable() throws {
    var reader = LogReader()
    #expect { try reader.read(.file("/nonexistent")) } throws: { ($0 as? LogSourceError)?.isMissing == true }
    #expect(throws: LogSourceError.self) { try reader.read(.file("/")) }
    #expect(throws: LogSourceError.self) { try reader.read(.program(path: "/nonexistent", arguments: [])) }
    try reader.read(.program(path: "/bin/sh", arguments: ["-c", "echo; exit 3"]))
    #expect(reader.finish().problems.map(\.problem) == ["/bin/sh ended with code 3"])
  }

  @Test("however the bytes come in pieces, the lines are the same", arguments: [1, 2, 3, 7, 64, 4_096])
  func pieces(size: Int) {
    let text = Array(Lines.text(Self.three).utf8)
    var collector = AccessCollector()
    var stream = LogStream()
    for start in stride(from: 0, to: text.count, by: size) {
      let piece = Array(text[start..<min(start + size, text.count)])
      _ = piece.withUnsafeBytes { stream.take($0, into: &collector) }
    }
    stream.finish(into: &collector)
    check(collector.finish())
  }
}
