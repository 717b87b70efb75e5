// SPDX-License-Identifier: Apache-2.0

import Foundation
import PolicyText
import PolicyVectors
import Testing

@testable import AccessPolicy

/// The shared vectors of policies/tests/access: the reader, a naive reference, the compiled automata and the kernel's own
/// matcher must say of each path what stands beside it.
@Suite struct VectorTests {
  static let folder = VectorFolder("access")

  static func load(_ path: String) throws(PolicyError) -> AccessPolicy {
    try AccessPolicy.load(path, loader: folder.loader)
  }

  @Test func thereAreVectors() {
    #expect(Self.folder.names(in: "good").count >= 7)
    #expect(Self.folder.names(in: "bad").count >= 9)
  }

  @Test(arguments: folder.names(in: "good")) func answersAsWritten(_ name: String) throws {
    let policy = try Self.load("good/\(name).moor")
    var compiler = PathCompiler(policy)
    let automata = try policy.domains.map { try compiler.compile($0) }
    let module = try KernelAccess(PackedAccessPolicy(policy).bytes)
    let source = Source(name: "\(name).paths", bytes: try Self.folder.read("good/\(name).paths", limit: 1 << 20))
    let document = try Document(parsing: source)
    let shown = try PathQuestion.answers(in: document) { question in
      let index = try #require(policy.domains.firstIndex { $0.name == question.domain })
      let helpers = policy.domains[index].helpers(in: policy)
      let (expected, commands) = ReferenceMatcher.look(
        up: question.path, root: question.root, policy.domains[index].rules, helpers: helpers)
      var found = automata[index].look(up: question.path, root: question.root)
      var kernel = try KernelMatcher.look(up: question.path, root: question.root, in: automata[index])
      #expect(found == kernel)
      #expect(found.commands.map { compiler.commandSets[Int($0)] }.reduce(.some([])) { $0.union($1) } == commands)
      var (whole, allows) = module.look(
        up: question.path, root: question.root, in: module.domain(question.domain, in: policy))
      for number in CommandNames.all.map(\.number) + [0xAE9A] {
        #expect(allows(number) == (commands.union(.some([number])) == commands), "\(question) \(number)")
      }
      (found.commands, kernel.commands, whole.commands) = ([], [], [])
      #expect(whole == kernel, "\(question)")
      #expect(found == expected, "\(question)")
      return PathQuestion.show(kernel, commands, helpers)
    }
    #expect(try Self.folder.expected(at: "good/\(name).paths", found: shown) == shown)
  }

  @Test(arguments: folder.names(in: "bad")) func refusesBad(_ name: String) throws {
    do {
      let policy = try Self.load("bad/\(name).moor")
      var compiler = PathCompiler(policy)
      for domain in policy.domains { _ = try compiler.compile(domain) }
      Issue.record("\(name) loads")
    } catch let error {
      let found = error.description + "\n"
      #expect(try Self.folder.expected(at: "bad/\(name).expected", found: found) == found)
    }
  }

  @Test(arguments: folder.names(in: "good")) func formatsWithoutChange(_ name: String) throws {
    let source = Source(name: name, bytes: try Self.folder.read("good/\(name).moor", limit: 1 << 20))
    #expect(Formatter.format(try Document(parsing: source)) == source.bytes)
  }

  /// What lsm/tests starts from are automata of this compiler, as it makes them today.
  @Test(arguments: folder.names(in: "good")) func theModulesSeedsAreThese(_ name: String) throws {
    let policy = try Self.load("good/\(name).moor")
    var compiler = PathCompiler(policy)
    for domain in policy.domains {
      for (number, automaton) in try compiler.compile(domain).automata.enumerated() {
        let label = domain.name.replacing("/", with: "-").replacing(" ", with: "-")
        let file = VectorFolder.repository.appending(path: "lsm/tests/dfa/\(name)-\(label)-\(number).bin")
        if VectorFolder.isWriting { try Data(automaton.packed.bytes).write(to: file) }
        #expect(try Data(contentsOf: file) == Data(automaton.packed.bytes))
      }
    }
  }
}
