// SPDX-License-Identifier: Apache-2.0

import Foundation
import PolicyText
import PolicyVectors
import Testing

@testable import AccessPolicy

/// The packed policies that lsm/tests starts from are those that the compiler makes today.
@Suite struct PackedFixtureTests {
  private static let names = VectorTests.folder.names(in: "packed") + ["grammar"]

  /// The policy of a name: one of policies/tests/access/packed, or the example of the grammar's reference.
  private func policy(_ name: String) throws -> AccessPolicy {
    if name != "grammar" { return try VectorTests.load("packed/\(name).moor") }
    let text = try String(contentsOf: VectorFolder.repository.appending(path: "policies/GRAMMAR.md"), encoding: .utf8)
    let block = try #require(text.components(separatedBy: "```moor-access\n").dropFirst().first)
      .components(separatedBy: "\n```")[0]
    return try AccessPolicy(try PolicyLoader().load(Source(name: "GRAMMAR.md", text: block + "\n")))
  }

  @Test func thereAreFixtures() {
    #expect(Self.names.count >= 4)
  }

  @Test(arguments: names) func theModulesSeedsAreThese(_ name: String) throws {
    let packed = try PackedAccessPolicy(try policy(name))
    let file = VectorFolder.repository.appending(path: "lsm/tests/access/\(name).bin")
    if VectorFolder.isWriting { try Data(packed.bytes).write(to: file) }
    #expect(try Data(contentsOf: file) == Data(packed.bytes))
    #expect(packed.bytes.count < 30 << 10)
    _ = try KernelAccess(packed.bytes)
    #expect(try PackedAccessReader(packed.bytes).domains.count == packed.domainCount)
  }

  @Test(arguments: names.dropLast()) func isLaidOutAndChecks(_ name: String) throws {
    let source = Source(name: name, bytes: try VectorTests.folder.read("packed/\(name).moor", limit: 1 << 20))
    #expect(Formatter.format(try Document(parsing: source)) == source.bytes)
    #expect(AccessCheck(try policy(name)).diagnostics.filter { $0.severity == .error } == [])
  }

  /// The module takes no part of one for a whole.
  @Test(arguments: names) func theModuleRefusesEveryTruncation(_ name: String) throws {
    let bytes = try PackedAccessPolicy(try policy(name)).bytes
    for length in 0..<bytes.count {
      #expect(throws: KernelMatcher.Refusal.self) { try KernelAccess(Array(bytes[..<length])) }
    }
  }

  /// Every class, effect and other end of a rule is in one of them, so that the module's tests meet it.
  @Test func everythingThatARuleCanBeIsThere() throws {
    var rules: [PackedAccessReader.Rule] = []
    var kinds: Set<Int> = []
    for name in Self.names {
      let found = try PackedAccessReader(PackedAccessPolicy(try policy(name)).bytes)
      rules += found.rules
      kinds.formUnion(found.domains.map(\.kind))
    }
    #expect(kinds == [1, 2, 3, 4])
    #expect(Set(rules.map(\.ruleClass)) == Set(1...9))
    #expect(Set(rules.map(\.effect)) == Set(0...3))
    #expect(Set(rules.map(\.peer)) == Set(0...4))
    #expect(Set(rules.map(\.way)) == Set(0...2))
    #expect(Set(rules.map(\.addressClass)) == [0, 4, 6])
    #expect(rules.filter { $0.ruleClass == 1 }.reduce(0) { $0 | $1.mask } == 0xFF)
    #expect(rules.filter { $0.ruleClass == 9 }.reduce(0) { $0 | $1.mask } == 0x7FF)
  }
}
