// SPDX-License-Identifier: Apache-2.0

import PolicyText
import Testing

@testable import TrustPolicy

@Suite struct TrustMergeTests {
  private static let hex = String(repeating: "11", count: 32)

  private func problems(
    _ lines: [String], lock: [String]? = nil, entryLimit: Int = 1000, byteLimit: Int = 100_000
  ) throws -> [String] {
    let text = "policy \"n\" version 1\ntrust {\n" + lines.joined(separator: "\n") + "\n}\n"
    let tree = try PolicyLoader().load(Source(name: "p", text: text))
    var merge = TrustMerge(limits: Limits(), entryLimit: entryLimit, byteLimit: byteLimit)
    merge.readPolicy(tree)
    if let lock {
      let text = "lock \"n\" version 1\ntrust {\n" + lock.joined(separator: "\n") + "\n}\n"
      try merge.readLock(Source(name: "l", text: text), of: tree.header)
    }
    return merge.diagnostics.map(\.summary)
  }

  @Test func theBoundsAreTheKernels() {
    #expect(PackedTrust.entryLimit == 65_536)
    #expect(PackedTrust.byteLimit == 16_777_216)
  }

  @Test func countsEachDigest() throws {
    let lines = ["exec /a", "exec /b sha256:\(Self.hex) fsverity-sha256:\(Self.hex)"]
    #expect(try problems(lines, entryLimit: 3) == [])
    #expect(
      try problems(lines, entryLimit: 2) == ["p:4:1: error: the policy has more than 2 entries, each digest counted"])
  }

  @Test func saysItOnce() throws {
    let lines = (0..<50).map { "exec /\($0)" }
    #expect(
      try problems(lines, entryLimit: 10) == ["p:13:1: error: the policy has more than 10 entries, each digest counted"]
    )
    #expect(try problems(lines, byteLimit: 160) == ["p:13:1: error: the policy's entries have more than 160 bytes"])
  }

  @Test func countsTheBytesThatAreSent() throws {
    let lines = ["exec /abcdefg", "library /abcdefgh sha256:\(Self.hex)"]
    let text = "policy \"n\" version 1\ntrust {\n" + lines.joined(separator: "\n") + "\n}\n"
    let size = try TrustPolicy(try PolicyLoader().load(Source(name: "p", text: text))).packed.count
    #expect(size == 16 + 56)
    #expect(try problems(lines, byteLimit: size) == [])
    #expect(try problems(lines, byteLimit: size - 1).count == 1)
  }

  /// The lock's first digest takes the place of the entry without one.
  @Test func countsALockedPathOnce() throws {
    let lock = ["exec /a sha256:\(Self.hex)"]
    #expect(try problems(["exec /a"], lock: lock, entryLimit: 1, byteLimit: 48) == [])
    #expect(try problems(["exec /a fsverity-sha256:\(Self.hex)"], lock: lock, entryLimit: 1).count == 1)
    #expect(try problems(["exec /a"], lock: lock, entryLimit: 1, byteLimit: 47).count == 1)
  }
}
