// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EventLog

@Suite("Lines of the access log")
struct AccessLineTests {
  private static let head = "moor boot=\(AuditRecordTests.boot) seq=9"
  private static let prefix = "audit: type=1805 audit(1.000:1): "
  private static let denied =
    "\(head) record=deny class=path permission=read,write path=\"/srv/web2.qcow2\" "
    + "program=\"/usr/bin/qemu-system-x86_64\" vm=\"web1\" pid=512"

  private func parse(_ text: String) throws -> AccessRecord? {
    guard case .access(let record)? = try AuditEntry(line: (Self.prefix + text).utf8, number: 12) else { return nil }
    return record
  }

  @Test("are read, and are no record of the measurement log")
  func read() throws {
    let record = try #require(try parse(Self.denied))
    #expect(record.sequence == 9)
    #expect(record.verdict == .deny)
    #expect(record.accessClass == "path")
    #expect(record.permissions == ["read", "write"])
    #expect(record.path == UntrustedText("/srv/web2.qcow2"))
    #expect(record.program == UntrustedText("/usr/bin/qemu-system-x86_64"))
    #expect(record.vm == UntrustedText("web1"))
    #expect(record.helper == 0)
    #expect(record.pid == 512)
    #expect(record.stamp == AuditStamp(milliseconds: 1_000, serial: 1))
    #expect(try AuditRecord(line: (Self.prefix + Self.denied).utf8) == nil)
  }

  @Test("keep keys that are not known, in their order")
  func unknownKeys() throws {
    let record = try #require(
      try parse(
        "\(Self.head) record=learn class=unix kind=connect name=00 permission=x command=0xae80 address=\"::1\" vm=\"a\" "
          .replacing("name=00", with: "name=2F20") + "helper=2 ppid=3 pid=4"))
    #expect(record.accessClass == "unix")
    #expect(record.fields.map(\.key) == ["kind", "name", "permission", "command", "address"])
    #expect(record["name"] == UntrustedText("/ "))
    #expect(record["command"] == UntrustedText("0xae80"))
    #expect(record["address"] == UntrustedText("::1"))
    #expect(record.helper == 2)
    #expect(record.parent == 3)
  }

  @Test(
    "are damaged when they are cut off, say a thing twice or are joined with another",
    arguments: [
      ("record=deny", "class="), ("record=deny class=", "a class's name after class="),
      ("record=deny class=path", "pid="), ("record=deny class=path vm=\"a\"", "pid="),
      ("record=deny class=path pid=1", "vm="), ("record=deny class=path vm=\"a\" ", "the next key"),
      ("record=deny class=path vm=\"a\" pid=", "a process id after pid="),
      ("record=deny class=path vm=\"a\" pid=1 uid=0", "the end of the line"),
      ("record=deny class=path vm=\"a\" vm=\"b\" pid=1", "a key that was not there before"),
      ("record=deny class=path x=1 x=1 vm=\"a\" pid=1", "a key that was not there before"),
      ("record=deny class=path vm=\"a\" moor boot=1 pid=1", "key=value"),
      ("record=deny class=path =1 vm=\"a\" pid=1", "key=value"),
      ("record=deny class=path path=/a vm=\"a\" pid=1", "a quoted string or hex, 1 to 4095 bytes after path="),
      ("record=deny class=path x=\"a vm=\"a\" pid=1", "a word or a quoted string after x="),
      ("record=deny class=path x= vm=\"a\" pid=1", "a word or a quoted string after x="),
      ("record=deny class=path vm=\"a\" helper=x pid=1", "the number of a child domain after helper="),
      (
        "record=deny class=path \((1...17).map { "k\($0)=1" }.joined(separator: " ")) vm=\"a\" pid=1",
        "a key that was not there before"
      ),
    ])
  func damaged(rest: String, expected: String) throws {
    let error = #expect(throws: AuditLineError.self) { try parse("\(Self.head) \(rest)") }
    #expect(error?.expected == expected)
    #expect(error?.line == 12)
  }

  @Test("every line cut short is refused, or is no line of moor's")
  func truncations() throws {
    let line = Array((Self.prefix + Self.denied).utf8)
    // Cut within the last number, the line cannot be told from a whole one.
    for length in 0..<line.count - 2 {
      do throws(AuditLineError) {
        #expect(try AuditEntry(line: line[..<length]) == nil, "cut at \(length)")
        #expect(length < Self.prefix.utf8.count + 5, "cut at \(length)")
      } catch {
        #expect(error.column <= length + 1)
      }
    }
  }

  @Test("share one sequence with the records: no gap where they stand, and one where they are lost")
  func gaps() throws {
    func text(_ numbers: [Int]) -> AuditLog {
      let lines = numbers.map { number in
        let rest =
          number.isMultiple(of: 2)
          ? "record=deny class=path permission=read path=\"/a\" vm=\"web1\" pid=9" : "record=cap pid=1"
        return "audit: type=1805 audit(1.000:\(number)): moor boot=\(AuditRecordTests.boot) seq=\(number) \(rest)\n"
      }
      return AuditLog(Array(lines.joined().utf8))
    }
    let whole = text([1, 2, 3, 4, 5])
    #expect(whole.damaged == [])
    #expect(whole.gaps == [])
    #expect(whole.records.map(\.sequence) == [1, 3, 5])
    #expect(whole.accesses.map(\.sequence) == [2, 4])
    #expect(text([1, 2, 5, 6]).gaps.map(\.sequences) == [3...4])
    #expect(text([1, 2, 2, 3]).gaps == [])
  }
}
