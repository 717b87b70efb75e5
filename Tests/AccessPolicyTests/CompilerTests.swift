// SPDX-License-Identifier: Apache-2.0

import PolicyText
import Testing

@testable import AccessPolicy

/// What the compiler makes of rules: how much, and what it refuses.
@Suite struct CompilerTests {
  private func disks(_ count: Int) -> String {
    (0..<count).map { "file rw /srv/vm\($0)/disk\($0)-*.qcow2" }.joined(separator: "\n")
  }

  @Test func isAsSmallAsCanBe() throws {
    let automata = try compile(try makePolicy(disks(100))).automata
    #expect(automata.count == 1)
    #expect(automata[0].stateCount == 617)
    #expect(automata[0].packed.bytes.count < 4_500)
  }

  @Test func mergesLoopsThatAreAlike() throws {
    let one = try compile(try makePolicy("file r /a/**/x")).automata[0]
    let same = try compile(try makePolicy("file r /a/**/x\nfile r /a/{**/x,**/x}\nfile r /a/**/**/x")).automata[0]
    #expect(one.stateCount == same.stateCount)
    #expect(one.packed == same.packed)
  }

  @Test func isTheSameWhateverTheOrder() throws {
    let lines = ["file r /a/*", "file w /a/b", "deny file w /a/c*", "object rw /b/{x,y}", "exec /usr/bin/[a-z]+"]
    let one = try compile(try makePolicy(lines.joined(separator: "\n")))
    let other = try compile(try makePolicy(lines.reversed().joined(separator: "\n")))
    #expect(one.automata.map(\.stateCount) == other.automata.map(\.stateCount))
    for path in ["/a/b", "/a/cc", "/b/x", "/usr/bin/ls"] {
      #expect(one.look(up: path.utf8) == other.look(up: path.utf8))
    }
  }

  @Test func sharesWhatIsIncluded() throws {
    let policy = try VectorTests.load("good/shared.moor")
    var compiler = PathCompiler(policy)
    let domains = try policy.domains.map { try compiler.compile($0) }
    #expect(domains.map(\.sharedCount) == [1, 1])
    #expect(domains[0].automata[0].packed == domains[1].automata[0].packed)
    // The rule that names the VM is no part of it.
    #expect(domains[0].look(up: "/var/log/vm/web1.log".utf8).granted == .read)
    #expect(domains[1].look(up: "/var/log/vm/web1.log".utf8).granted.isEmpty)
  }

  /// Eight rules with two `**` each make thousands of states in one automaton, and few in three.
  @Test func spreadsRulesThatMultiply() throws {
    let lines = (0..<8).map { "file r /srv/**/n\($0)/**/end\($0)" } + ["file rw /srv/web1.qcow2"]
    let policy = try makePolicy(lines.joined(separator: "\n"))
    var compiler = PathCompiler(policy, freeStates: 200)
    let domain = try compiler.compile(policy.domains[0])
    #expect(domain.automata.count == PathCompiler.automataLimit)
    #expect(domain.automata.reduce(0) { $0 + $1.stateCount } < 1_000)
    #expect(domain.look(up: "/srv/x/n7/y/end7".utf8).granted == .read)
    #expect(domain.look(up: "/srv/x/n7/y/end8".utf8).granted.isEmpty)
    #expect(domain.look(up: "/srv/web1.qcow2".utf8).granted == [.read, .write, .append])
  }

  @Test func namesTheRulesToBlame() throws {
    let stars = (0..<24).map { "file r /s/**/a\($0)/**/\($0)e/**/z\($0)" }
    let policy = try makePolicy("file r /lit\n" + stars.joined(separator: "\n"))
    var compiler = PathCompiler(policy, freeStates: 100)
    do {
      _ = try compiler.compile(policy.domains[0])
      Issue.record("it compiles")
    } catch {
      let diagnostic = try #require(error.diagnostics.first)
      #expect(diagnostic.code == .limit)
      #expect(diagnostic.message.contains("multiply"))
      #expect(diagnostic.place.line > 4)
      #expect(diagnostic.notes.count == 1)
      #expect(diagnostic.notes[0].place.map { $0.line > 4 } == true)
    }
  }

  @Test func refusesTwoHelpersForOneProgram() throws {
    let helpers = "helper a {\n}\nhelper b {\n}\n"
    #expect(throws: PolicyError.self) {
      try compile(try makePolicy(helpers + "exec /usr/bin/* -> a\nexec /usr/*/x -> b"))
    }
    #expect(throws: PolicyError.self) {
      try compile(try makePolicy(helpers + "exec /usr/bin/x -> a\nexec /usr/bin/x -> b"))
    }
    #expect(throws: PolicyError.self) { try compile(try makePolicy(helpers + "exec /usr/bin/x -> a\nexec /usr/bin/x")) }
    _ = try compile(try makePolicy(helpers + "exec /usr/bin/* -> a\nexec /usr/bin/x -> b\nexec /opt/* -> b"))
  }

  @Test(arguments: [1, 20, 62, 63]) func refusesEveryTruncation(_ seed: Int) throws {
    let automaton = try compile(try makePolicy("file r /a/*\nobject rw /b/{x,yy}.q")).automata[0]
    let bytes = automaton.packed.bytes
    for length in stride(from: 0, to: bytes.count, by: seed) {
      let shorter = PackedDFA(unchecked: Array(bytes[..<length]))
      #expect(throws: KernelMatcher.Refusal.self) {
        try KernelMatcher.look(
          up: Array("/a/x".utf8), root: .path,
          in: PathCompiler.Domain(
            automata: [PathAutomaton(dfa: automaton.dfa, accepts: automaton.accepts, packed: shorter)], sharedCount: 0))
      }
    }
  }

  @Test func findsAPathThatTwoMatch() throws {
    func globs(_ one: String, _ other: String) throws -> (Glob, Glob) {
      let rules = try makePolicy("file r \(one)\nfile r \(other)").domains[0].rules.compactMap(\.path?.glob)
      return (try #require(rules.first), try #require(rules.last))
    }
    for (one, other) in [
      ("/a/*", "/a/b"), ("/a/**", "/*/b/c"), ("/a/*x", "/a/y*"), ("/a/[0-9]+", "/a/?7"), ("/{a,b}/c", "/b/*"),
      ("/**/disk", "/srv/**"), ("/a/@{uuid}", "/a/*-*"),
    ] {
      let (left, right) = try globs(one, other)
      let example = try #require(GlobIntersection.example(left, right), "\(one) \(other)")
      #expect(ReferenceMatcher.matches(left.withoutValues, example))
      #expect(ReferenceMatcher.matches(right.withoutValues, example))
    }
    for (one, other) in [
      ("/a/*", "/a/b/c"), ("/a/*", "/b/*"), ("/a/*x", "/a/*y"), ("/a/[0-9]+", "/a/*z"), ("/a/?", "/a/??"),
      ("@{vmdir}/a", "/a"), ("/a", "/b"),
    ] {
      let (left, right) = try globs(one, other)
      #expect(GlobIntersection.example(left, right) == nil, "\(one) \(other)")
    }
  }
}
