// SPDX-License-Identifier: Apache-2.0

import PolicyText
import Testing
import TrustPolicy

@Suite struct TrustLockTests {
  @Test func standsBesideThePolicy() {
    #expect(TrustLock.path(beside: "/etc/moor/policy.moor") == "/etc/moor/policy.lock")
    #expect(TrustLock.path(beside: "policy") == "policy.lock")
  }

  @Test func writesWhatLoads() throws {
    let lines = "exec /a memory-exec\nexec /m measured\nlibrary /usr/lib/x/**"
    let plain = try makePolicy(lines)
    let entries = [
      TrustEntry(kind: .library, path: try TrustPath("/usr/lib/x/a b"), digest: try digest(2)),
      TrustEntry(kind: .library, path: try TrustPath("/usr/lib/x/a b"), digest: try digest(1)),
      TrustEntry(kind: .exec, path: try TrustPath("/a"), flags: .domain, digest: try digest(3)),
      TrustEntry(kind: .exec, path: try TrustPath("/m"), flags: [], digest: try digest(4)),
      TrustEntry(kind: .exec, path: try TrustPath("/a"), flags: .domain, digest: nil),
    ]
    let text = TrustLock.render(for: plain.header, entries)
    let locked = try TrustPolicy(plain.tree, lock: Source(name: "l", text: text))
    #expect(locked.warnings.isEmpty)
    #expect(locked.rules.map(\.digests) == [[try digest(3)], [try digest(4)], [try digest(1), try digest(2)]])
    #expect(locked.rules.map(\.flags) == [[.domain, .memoryExec], [], []])
    #expect(
      text == String(decoding: Formatter.format(try Document(parsing: Source(name: "l", text: text))), as: UTF8.self))
  }
}
