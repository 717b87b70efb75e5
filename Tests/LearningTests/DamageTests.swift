// SPDX-License-Identifier: Apache-2.0

import EventLog
import Testing

@testable import Learning

/// Whatever happens to a log, it is read without a crash, and no line is lost without a word.
@Suite("Damage to logs")
struct DamageTests {
  /// Lines of every form of value; the second one is damaged, so that one stands before it and one behind it.
  static let middles = [
    Lines.path("/srv/web1.qcow2", "read,write"),
    "record=learn class=anonymous kind=io_uring vm=\"web1\" helper=2 ppid=511 pid=512",
    "record=audit class=tcp kind=connect address=127.0.0.1 port=5901 vm=77656220 pid=512",
    "record=deny class=path permission=exec path=2F6120C3 vm=\"web1\" pid=512",
    "record=refuse kind=library path=\"/a\" reason=unlisted vm=\"web1\" pid=512",
  ]

  private static func lines(_ middle: String) -> (before: [UInt8], middle: [UInt8], after: [UInt8]) {
    let lines = [Lines.path("/first"), middle, Lines.path("/last")].enumerated().map {
      Array((Lines.audit($0.offset + 1, $0.element) + "\n").utf8)
    }
    return (lines[0], lines[1], lines[2])
  }

  private func numbered(_ log: AccessLog) -> UInt64 { log.accessLines + log.recordLines }

  @Test("every flipped byte of a line between others is told, or leaves as many lines", arguments: middles)
  func flipped(middle: String) {
    let (before, line, after) = Self.lines(middle)
    #expect(!read(bytes: [before + line + after]).isBlemished)
    for place in line.indices {
      for bits: UInt8 in [0x01, 0x02, 0x10, 0x20, 0x80, line[place] ^ 0x0A, line[place] ^ 0x22] where bits > 0 {
        var changed = line
        changed[place] ^= bits
        let log = read(bytes: [before + changed + after])
        #expect(
          numbered(log) == 3 || log.isBlemished, "byte \(place) ^ \(bits): \(String(decoding: changed, as: UTF8.self))")
        #expect(numbered(log) <= 3)
        #expect(log.counted == log.accessLines)
      }
    }
  }

  @Test("every truncation of a line between others is told", arguments: middles)
  func truncated(middle: String) {
    let (before, line, after) = Self.lines(middle)
    // Cut within the last number, the line cannot be told from a whole one.
    for length in 0..<(line.count - 3) {
      for end in [[], [0x0A]] as [[UInt8]] {
        let log = read(bytes: [before + line[..<length] + end + after])
        #expect(log.isBlemished, "cut at \(length)")
        #expect(numbered(log) <= 2)
      }
    }
  }

  @Test("random damage to a text never crashes, and counts what it reads", arguments: [1, 2, 3])
  func random(seed: UInt64) {
    var state = seed
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let text = Array(Lines.text(Self.middles + Self.middles).utf8)
    let forms = [
      text, Array("__CURSOR=1\nMESSAGE=\(Lines.audit(1, Lines.path("/a")))\n_TRANSPORT=kernel\n\n".utf8) + text,
    ]
    for _ in 0..<2_000 {
      var changed = forms[next(2)]
      for _ in 0...next(4) {
        let place = next(changed.count)
        switch next(3) {
        case 0: changed[place] = UInt8(next(256))
        case 1: changed.remove(at: place)
        default: changed.insert(UInt8(next(256)), at: place)
        }
      }
      let log = read(bytes: [changed])
      #expect(log.counted == log.accessLines)
      _ = EventTree(log).inOrder
      _ = Completeness(log).reasons
    }
  }

  @Test("a path of 4,095 bytes is read, in quotes and in hex; a longer one is damage")
  func longPaths() throws {
    func log(_ value: String) -> AccessLog {
      read(Lines.text(["record=deny class=path permission=read path=\(value) program=\(value) vm=\"web1\" pid=1"]))
    }
    let path = "/" + String(repeating: "a", count: 4_094)
    #expect(log("\"\(path)\"").learned.entries.map(\.access.object) == [.path(UntrustedText(path))])
    let bytes = [UInt8(ascii: "/")] + [UInt8](repeating: 0xFF, count: 4_094)
    let found = log(HexBytes(bytes).description.uppercased())
    #expect(found.learned.entries.map(\.access.object) == [.path(UntrustedText(bytes))])
    #expect(found.learned.entries.first?.access.subject.program?.utf8 == nil)
    #expect(log("\"\(path)a\"").damagedCount == 1)
  }

  @Test("a line without an end does not take memory, and what follows is read")
  func endless() {
    let endless = Lines.audit(1, "record=deny class=path path=\"") + String(repeating: "a", count: 5_000_000) + "\n"
    let log = read(endless + Lines.audit(2, Lines.path("/b")) + "\n")
    #expect(log.damagedCount == 1)
    #expect(log.accessLines == 1)
    #expect(log.gaps == [])
  }

  @Test("with no room for more, lines are counted as forgotten; those that are known still count")
  func full() {
    var collector = AccessCollector(tuples: TupleTable(mostRows: 2))
    let rests = ["/a", "/b", "/c", "/a", "/d"].map { Lines.path($0) }
    for (number, rest) in rests.enumerated() {
      Array(Lines.audit(number + 1, rest).utf8).withUnsafeBytes { collector.take($0, number: number + 1) }
    }
    let log = collector.finish()
    #expect(log.accessLines == 5)
    #expect(log.forgotten == 2)
    #expect(log.counted == 3)
    #expect(Completeness(log).reasons.contains(.forgotten(2)))
  }

  @Test("the table finds each of many rows again, and no other")
  func table() {
    var table = TupleTable()
    for number in 0..<5_000 {
      let isKept = Array("row \(number)".utf8).withUnsafeBytes { table.insert($0, Int32(number)) }
      #expect(isKept)
    }
    for number in 0..<5_000 {
      #expect(Array("row \(number)".utf8).withUnsafeBytes { table.value(of: $0) } == Int32(number))
    }
    #expect(Array("row".utf8).withUnsafeBytes { table.value(of: $0) } == nil)
    #expect(table.count == 5_000)
  }
}
