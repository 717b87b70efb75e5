// SPDX-License-Identifier: Apache-2.0

import PolicyText
import Testing

@testable import AccessPolicy

/// What differs between two policies, and what is said of one path.
@Suite struct DiffTests {
  private func differences(_ old: String, _ new: String) throws -> [String] {
    AccessDiff(from: try makePolicy(old), to: try makePolicy(new)).changes
      .map { "\($0.isWider ? "wider" : "narrower"): \($0.what)" }
  }

  @Test(arguments: [
    ("file r /a", "file r /a", []),
    ("file r /a", "file rw /a", ["wider: write,append on /a"]),
    ("file rw /a", "file r /a", ["narrower: write,append on /a"]),
    ("file r /a/{b,c}", "file r /a/b\nfile r /a/c", []),
    ("file r /a/*", "file r /a/b", ["narrower: read on paths such as /a/"]),
    ("file r /a/b", "file r /a/b\nfile r /a/[b]", []),
    ("file r /a\ndeny file r /a", "file r /a", ["wider: read on /a"]),
    ("file r /a", "file r /a\ndeny file w /a", []),
    ("file r /a", "file r /a\ndeny file r /b", []),
    ("file r /a/*", "file r /a/*\ndeny file r /a/b", ["narrower: read on paths such as /a/b"]),
    ("object r /a", "file r /a", ["narrower: device-read,own on /a"]),
    ("file r /x", "file r @{vmdir}/x", ["wider: read on @{vmdir}/x", "narrower: read on /x"]),
    ("capability sys_nice", "capability sys_nice kill", ["wider: capability sys_nice kill"]),
    ("tcp listen *:22", "tcp listen *:23", ["wider: tcp listen *:23", "narrower: tcp listen *:22"]),
    ("device rw /dev/kvm ioctl 0x1", "device rw /dev/kvm ioctl 0x1 0x2", ["wider: more ioctl commands on a device"]),
    ("exec /b\nhelper h {\n}", "exec /b -> h\nhelper h {\n}", ["wider: a program that runs as helper h"]),
  ]) func tellsWhatIsAllowedMoreAndLess(_ old: String, _ new: String, _ expected: [String]) throws {
    #expect(try differences(old, new) == expected, "\(old) / \(new)")
  }

  @Test func tellsOfDomainsThatComeAndGo() throws {
    let difference = AccessDiff(
      from: try readPolicy("vm a {\n}\nvm b {\n}\n"), to: try readPolicy("vm b {\n}\nvm c {\n}\n"))
    #expect(difference.added == ["c"])
    #expect(difference.removed == ["a"])
    #expect(!difference.isEmpty)
  }

  @Test func explainsWhatIsAllowed() throws {
    let policy = try makePolicy("file r /srv/**\nfile w /srv/a\nfile k /srv/a")
    let explanation = AccessExplanation(policy.domains[0], object: "/srv/a", wanted: [.read, .write])
    #expect(explanation.missing.isEmpty)
    #expect(explanation.rules.map(\.text) == ["file r /srv/**", "file w /srv/a"])
    #expect(explanation.remedy == nil)
    #expect(explanation.nearest == nil)
  }

  @Test func explainsWhatIsMissing() throws {
    let policy = try makePolicy("file r /srv/images/a\nfile r /usr/**\ndeny file r /usr/x")
    let missing = AccessExplanation(
      policy.domains[0], object: "/srv/images/b c", wanted: [.read, .write, .append, .rename])
    #expect(missing.missing == [.read, .write, .append, .rename])
    #expect(missing.rules.isEmpty)
    #expect(missing.nearest?.text == "file r /srv/images/a")
    #expect(missing.remedy == "file rw rename \"/srv/images/b c\"")
    let denied = AccessExplanation(policy.domains[0], object: "/usr/x", wanted: .read)
    #expect(denied.missing == .read)
    #expect(denied.rules.map(\.text) == ["file r /usr/**", "deny file r /usr/x"])
    #expect(denied.nearest == nil)
  }

  private static let asked: [(String, PathPermissions)] = [
    ("rw", [.read, .write, .append]), ("exec", .execute), ("r,rename", [.read, .rename]), ("device-read", .deviceRead),
  ]

  @Test(arguments: asked) func readsWhatIsAskedFor(_ text: String, _ expected: PathPermissions) {
    #expect(PathPermissions(asked: text) == expected)
  }

  @Test(arguments: ["", "x", "rq", "r,", "execute"]) func refusesWhatIsNoPermission(_ text: String) {
    #expect(PathPermissions(asked: text) == nil)
  }
}
