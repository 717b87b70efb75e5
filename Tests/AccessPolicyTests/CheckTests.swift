// SPDX-License-Identifier: Apache-2.0

import PolicyText
import Testing

@testable import AccessPolicy

/// What is found in policies that can be read.
@Suite struct CheckTests {
  private func findings(_ blocks: String) throws -> [String] {
    AccessCheck(try readPolicy(blocks)).diagnostics.map { diagnostic in
      "\(diagnostic.place.line) \(diagnostic.severity.rawValue) \(diagnostic.code.rawValue)"
    }
  }

  private func rules(_ lines: String) throws -> [String] { try findings("vm web1 {\n\(lines)\n}") }

  private func meet(_ one: String, _ other: String) throws -> [String] {
    try findings("vm a {\n\(one)\n}\nvm b {\n\(other)\n}")
  }

  // MARK: - two VMs

  @Test(arguments: [
    ("object rw /srv/x", "object rw /srv/x"),
    ("object rw /srv/x", "object r /srv/x"),
    ("object rw /srv/x", "file r /srv/x"),
    ("object rw /srv/x", "shared r /srv/x"),
    ("object rw /srv/x", "file r /srv/*"),
    ("object rw /srv/a-*", "object rw /srv/*-b"),
    ("object rw /srv/**", "object rw /srv/web2/disk"),
    ("file w /srv/log", "file w /srv/log"),
    ("file c /srv/**", "file d /srv/run/*"),
    ("temp /tmp/a.*", "file r /tmp/**"),
    ("temp /tmp/a.*", "object rw /tmp/a.b"),
    ("object rw /srv/@{uuid}/x", "file r /srv/*/x"),
    ("object rw /srv/{a,b}", "object rw /srv/{b,c}"),
    ("helper h {\nobject rw /srv/x\n}", "object rw /srv/x"),
  ]) func twoVMsMeet(_ one: String, _ other: String) throws {
    for (left, right) in [(one, other), (other, one)] {
      let found = try meet(left, right)
      #expect(found.count == 1, "\(left), \(right): \(found)")
      #expect(found.allSatisfy { $0.hasSuffix(" error meeting") })
    }
  }

  @Test(arguments: [
    ("object rw /srv/x", "object rw /srv/y"),
    ("object rw /srv/web1*", "object rw /srv/web2*"),
    ("object rw /srv/*.a", "object rw /srv/*.b"),
    ("object rw /srv/*", "object rw /srv/a/b"),
    ("object rw @{vmdir}/x", "object rw @{vmdir}/x"),
    ("object rw /srv/@{vm}/x", "object rw /srv/@{vm}/x"),
    ("object rw /srv/@{uuid}/x", "object rw /srv/@{uuid}/x"),
    ("shared r /srv/base", "shared r /srv/base"),
    ("file r /usr/share/**", "file r /usr/share/**"),
    ("file w /srv/log", "file r /srv/log"),
    ("temp /tmp/qemu.*", "temp /tmp/qemu.*"),
    ("device rw /dev/kvm", "device rw /dev/kvm"),
    ("exec /usr/bin/x", "exec /usr/bin/x"),
    ("delegate attach rw /pool/** to /usr/sbin/virtqemud", "delegate attach rw /pool/** to /usr/sbin/virtqemud"),
    ("object rw /srv/a/**\ndeny file rw /srv/a/b/**", "object rw /srv/a/b/c"),
    ("file rw /srv/**\ndeny file rw /srv/b/**", "object rw /srv/b/disk"),
    ("file rw /srv/[a-c]*\ndeny file rw /srv/b*", "object rw /srv/b1"),
  ]) func twoVMsStayApart(_ one: String, _ other: String) throws {
    for (left, right) in [(one, other), (other, one)] {
      let found = try meet(left, right).filter { $0.contains("error") }
      #expect(found.isEmpty, "\(left), \(right): \(found)")
    }
  }

  @Test func namesBothRulesAndAPath() throws {
    let policy = try readPolicy("vm a {\n  object rw /srv/[0-9]+.img\n}\nvm b {\n  file r /srv/*7.img\n}\n")
    let found = AccessCheck(policy).diagnostics
    #expect(found.count == 1)
    #expect(found[0].place.description == "p:6:3")
    #expect(found[0].message == "a and b meet in /srv/7.img; expected objects of one VM, or 'shared' in all of them")
    #expect(found[0].notes.map(\.message) == ["the rule of a: object rw /srv/[0-9]+.img"])
    #expect(found[0].notes[0].place?.description == "p:3:3")
  }

  @Test func aTemplateMeetsItself() throws {
    #expect(try findings("template guest {\nobject rw /srv/x\n}") == ["3 error meeting"])
    #expect(try findings("template guest {\nfile w /srv/x\n}") == ["3 error meeting"])
    #expect(try findings("template guest {\nhelper h {\nobject rw /srv/x\n}\n}") == ["4 error meeting"])
    let fine = ["object rw /srv/@{vm}.img", "file rwcd @{vmdir}/**", "file r /srv/x", "temp /tmp/x.*"]
    #expect(try findings("template guest {\n\(fine.joined(separator: "\n"))\n}") == [])
    #expect(
      try findings("template guest {\nobject rw /srv/@{vm}.img\nfile r /srv/*\n}").contains("4 error meeting"))
  }

  @Test func aTemplatesVMsAreNotThoseWithABlock() throws {
    #expect(try findings("vm a {\nobject rw /srv/a.img\n}\ntemplate guest {\nobject rw /srv/@{vm}.img\n}") == [])
    #expect(
      try findings("vm a {\nobject rw /srv/b.img\n}\ntemplate guest {\nobject rw /srv/@{vm}.img\n}")
        == ["6 error meeting"])
  }

  @Test func manyVMsAreComparedByTheirBeginnings() throws {
    let blocks = (0..<400).map {
      "vm v\($0) {\nobject rw /srv/images/v\($0).qcow2\nobject rw /srv/seed/v\($0)-*.iso\n}"
    }
    #expect(try findings(blocks.joined(separator: "\n")) == [])
  }

  // MARK: - within a domain

  @Test(arguments: [
    ("file r /a\nfile r /a", ["4 warning unreachable"]),
    ("file r /a/b\nfile r /a/*", ["3 warning unreachable"]),
    ("file r /a/*\nfile r /a/b", ["4 warning unreachable"]),
    ("file r /a\nfile rw /a", ["3 warning unreachable"]),
    ("file r /a/*\nfile rw /a/**", ["4 warning wider"]),
    ("file rw /a/b\ndeny file rw /a/**", ["3 warning unreachable"]),
    ("object rw /a/b\ndeny file rw /a/**", ["3 warning unreachable"]),
    ("device rw /a/b\ndeny file rw /a/**", ["3 warning unreachable"]),
    ("file r /a/b\ndeny file w /a/**", []),
    ("file r /a/?\nfile r /a/[b]", ["4 warning unreachable"]),
    ("file r /a/*b\nfile r /a/b*", []),
    ("object rw /a/b\nfile rw /a/**", []),
    ("exec /usr/bin/x\nexec /usr/bin/* -> h\nhelper h {\n}", []),
    ("device rw /dev/x ioctl 0x1\ndevice rw /dev/x ioctl 0x1 0x2", ["3 warning unreachable"]),
    ("device rw /dev/x ioctl 0x1\ndevice rw /dev/x ioctl 0x2", []),
    ("audit file r /a/b\nfile r /a/*", []),
    ("file r /etc/shadow", ["3 warning secret"]),
    ("file r /etc/**", ["3 warning secret"]),
    ("file r /etc/**\ndeny file r /etc/{,g}shadow{,-}", ["3 warning secret"]),
    ("shared r /home/*/.ssh/*", ["3 warning secret"]),
    ("device r /dev/mem", ["3 warning secret"]),
    ("file r /etc/ssl/certs/**", []),
    ("file m /usr/lib/**\nfile w /usr/lib/x/*", ["4 warning writable-code"]),
    ("exec /srv/tool\nobject rw /srv/*", ["3 warning writable-code"]),
    ("file wm /opt/x", ["3 warning writable-code"]),
    ("exec /usr/bin/x\nfile w /usr/bin/y", []),
    ("file m /usr/lib/**\nfile w /usr/lib/x/*\ndeny file w /usr/lib/x/**", ["4 warning unreachable"]),
  ]) func findsInRules(_ lines: String, _ expected: [String]) throws {
    #expect(try rules(lines) == expected, "\(lines)")
  }

  @Test func knowsItsSecrets() { #expect(HostSecrets.count == 17) }

  @Test func saysSharedFindingsOnce() throws {
    let files = ["/lib/a": "file r /x/*\nfile r /x/y\n"]
    let text = "policy \"n\" version 1\n" + (0..<20).map { "vm v\($0) {\ninclude <a>\n}\n" }.joined()
    let tree = try PolicyLoader(searchPath: ["/lib"], files: MemoryFiles(contents: files))
      .load(Source(name: "p", text: text))
    #expect(AccessCheck(try AccessPolicy(tree)).diagnostics.map(\.code) == [.unreachable])
  }

  private struct MemoryFiles: FileReader {
    let contents: [String: String]

    func read(_ path: String, limit: Int) throws(FileReadError) -> [UInt8] {
      guard let text = contents[path] else { throw .missing }
      return Array(text.utf8)
    }
  }
}
