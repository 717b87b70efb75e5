// SPDX-License-Identifier: Apache-2.0

import EventLog
import Testing

@testable import Learning

@Suite("Denials, moor's and others'")
struct DenialReaderTests {
  private static let own =
    "moor boot=\(Lines.boot) seq=1 record=deny class=path permission=read path=\"/a\" program=\"/usr/bin/qemu-system-x86_64\" "
    + "vm=\"web1\" pid=512"
  private static let foreign =
    #"apparmor="DENIED" operation="open" profile="p" name="/a" pid=77 comm="qemu-system-x86" denied_mask="r""#

  private func read(_ texts: [String]) -> DenialLog {
    var reader = DenialReader()
    for text in texts { Array(text.utf8).withUnsafeBytes { reader.read($0, name: "log") } }
    return reader.finish()
  }

  private static func line(_ type: Int, _ time: String, _ serial: Int, _ text: String) -> String {
    "audit: type=\(type) audit(\(time):\(serial)): \(text)\n"
  }

  @Test("both are kept, each once, in whatever form a log has them")
  func forms() {
    let text = Self.line(1805, "1700000000.123", 45, Self.own) + Self.line(1400, "1700000000.500", 46, Self.foreign)
    let journal = """
      __CURSOR=s=1
      _TRANSPORT=audit
      _AUDIT_ID=46
      _SOURCE_REALTIME_TIMESTAMP=1700000000500000
      MESSAGE=AVC \(Self.foreign)

      __CURSOR=s=2
      _TRANSPORT=kernel
      MESSAGE=audit: type=1805 audit(1700000000.123:45): \(Self.own)


      """
    for texts in [
      [text], [journal], [text, journal], [text + "type=AVC msg=audit(1700000000.500:46): \(Self.foreign)\n"],
    ] {
      let log = read(texts)
      #expect(log.own.map(\.sequence) == [1], "\(texts)")
      #expect(log.foreign.map(\.pid) == [77], "\(texts)")
      #expect(log.foreign.first?.stamp?.milliseconds == 1_700_000_000_500)
    }
  }

  @Test("several denials of one event are several")
  func oneEvent() {
    let other = Self.foreign.replacing("name=\"/a\"", with: "name=\"/b\"")
    let text =
      Self.line(1400, "1700000000.500", 46, Self.foreign) + Self.line(1400, "1700000000.500", 46, other)
    #expect(read([text, text]).foreign.map { $0["name"]?.utf8 } == ["/a", "/b"])
  }

  @Test("what another program writes in the kernel's name is not taken")
  func forged() {
    for transport in ["syslog", "stdout"] {
      let log = read(["__CURSOR=s=1\n_TRANSPORT=\(transport)\nMESSAGE=AVC \(Self.foreign)\n\n"])
      #expect(log.foreign.isEmpty)
    }
    #expect(read(["Nov 27 host qemu[1]: AVC \(Self.foreign)\n"]).foreign.isEmpty)
  }

  @Test("what passed is no denial of moor's")
  func audited() {
    let text = Self.own.replacing("record=deny", with: "record=audit")
    #expect(read([Self.line(1805, "1700000000.123", 45, text)]).own.isEmpty)
  }

  @Test("others' count as near within two seconds, of the process or its program")
  func near() throws {
    for (time, pid, command, isNear) in [
      ("1700000002.123", 77, "qemu-system-x86", true), ("1700000002.124", 77, "qemu-system-x86", false),
      ("1699999998.123", 512, "other", true), ("1700000000.000", 77, "qemu-system", false),
    ] {
      let foreign = Self.foreign.replacing("pid=77", with: "pid=\(pid)").replacing("qemu-system-x86", with: command)
      let log = read([Self.line(1805, "1700000000.123", 45, Self.own) + Self.line(1400, time, 46, foreign)])
      let entry = try #require(log.own.first)
      #expect(log.foreign(near: entry).count == (isNear ? 1 : 0), "\(time) \(pid) \(command)")
    }
  }
}
