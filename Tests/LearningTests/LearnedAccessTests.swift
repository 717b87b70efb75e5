// SPDX-License-Identifier: Apache-2.0

import AccessPolicy
import EventLog
import Testing

@testable import Learning

/// Lines as the module writes them.
enum Lines {
  static let boot = "0f2c8f0e-3c5b-4a55-9d1c-7f8a1b2c3d4e"

  /// A line of audit.log; audit's serial number is the line's own and 100, its time a millisecond a line.
  static func audit(_ sequence: Int, _ rest: String, boot: String = boot, serial: Int? = nil) -> String {
    let serial = serial ?? sequence + 100
    return "type=INTEGRITY_RULE msg=audit(1700000000.\(100 + serial % 900):\(serial)): "
      + "moor boot=\(boot) seq=\(sequence) \(rest)"
  }

  static func path(
    _ path: String, _ permission: String = "read", verdict: String = "learn", vm: String = "web1", pid: Int = 512
  ) -> String {
    "record=\(verdict) class=path permission=\(permission) path=\"\(path)\" program=\"/usr/bin/qemu-system-x86_64\" "
      + "vm=\"\(vm)\" pid=\(pid)"
  }

  static func record(_ line: String) throws -> AccessRecord {
    guard case .access(let record)? = try AuditEntry(line: line.utf8) else { throw Missing() }
    return record
  }

  struct Missing: Error {}
}

@Suite("What was learned")
struct LearnedAccessTests {
  private func learned(_ rest: String) throws -> LearnedAccess {
    LearnedAccess(try Lines.record(Lines.audit(1, rest)))
  }

  private let subject = AccessSubject(vm: UntrustedText("web1"), program: UntrustedText("/usr/bin/qemu-system-x86_64"))

  @Test("a path with its permissions")
  func path() throws {
    #expect(
      try learned(Lines.path("/srv/a", "read,write"))
        == LearnedAccess(subject: subject, object: .path(UntrustedText("/srv/a")), permissions: [.read, .write]))
  }

  @Test(
    "each class has its object",
    arguments: [
      ("class=path permission=read", AccessedObject.noPath),
      ("class=anonymous kind=io_uring", .anonymous(kind: "io_uring")),
      ("class=mount", .mount(nil)), ("class=mount path=\"/mnt\"", .mount(UntrustedText("/mnt"))),
      ("class=path path=2F6120", .path(UntrustedText("/a "))),
      (
        "class=tcp kind=listen address=127.0.0.1 port=5901",
        .other(
          class: "tcp",
          fields: [
            AccessField(key: "kind", value: UntrustedText("listen")),
            AccessField(key: "address", value: UntrustedText("127.0.0.1")),
            AccessField(key: "port", value: UntrustedText("5901")),
          ])
      ),
    ] as [(String, AccessedObject)])
  func objects(text: String, object: AccessedObject) throws {
    #expect(try learned("record=learn \(text) vm=\"web1\" pid=1").object == object)
  }

  @Test("a permission that only a newer module has is not lost")
  func unknownPermission() throws {
    let access = try learned("record=learn class=path permission=read,fly path=\"/a\" vm=\"web1\" pid=1")
    #expect(access.permissions == .read)
    #expect(
      access.object
        == .other(
          class: "path",
          fields: [
            AccessField(key: "permission", value: UntrustedText("read,fly")),
            AccessField(key: "path", value: UntrustedText("/a")),
          ]))
  }

  @Test("the same done again is one access, counted by what became of it, with the first and the last time")
  func tally() throws {
    let lines = [
      Lines.audit(2, Lines.path("/a", verdict: "learn")), Lines.audit(1, Lines.path("/a", verdict: "deny")),
      Lines.audit(3, Lines.path("/a", verdict: "audit", pid: 600)), Lines.audit(4, Lines.path("/b")),
    ]
    let learned = LearnedAccesses(try lines.map(Lines.record))
    #expect(learned.entries.map(\.access.object) == [.path(UntrustedText("/a")), .path(UntrustedText("/b"))])
    let tally = try #require(learned.entries.first?.tally)
    #expect([tally.count, tally.learned, tally.denied, tally.audited] == [3, 1, 1, 1])
    #expect(tally.first == 1_700_000_000_201)
    #expect(tally.last == 1_700_000_000_203)
    #expect(tally.runs == [0, 1])
    #expect(learned.runs.map(\.pid) == [512, 600])
  }
}
