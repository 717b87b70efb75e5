// SPDX-License-Identifier: Apache-2.0

import Foundation
import PolicyText
import Testing

@testable import AccessPolicy

/// The shared vectors of policies/tests/access: the reader, a naive reference, the compiled automata and the kernel's own
/// matcher must say of each path what stands beside it.
@Suite struct VectorTests {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let folder = root.appending(path: "policies/tests/access")
  static let isWriting = ProcessInfo.processInfo.environment["MOOR_WRITE_VECTORS"] == "1"

  static func names(in part: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: part).path)) ?? []
    return names.filter { $0.hasSuffix(".moor") }.map { String($0.dropLast(5)) }.sorted()
  }

  /// Files of the vectors' folder, named in messages as relative to it.
  struct VectorFiles: FileReader {
    func read(_ path: String, limit: Int) throws(FileReadError) -> [UInt8] {
      try SystemFileReader().read(VectorTests.folder.path + "/" + path, limit: limit)
    }
  }

  static func load(_ path: String) throws(PolicyError) -> AccessPolicy {
    try AccessPolicy.load(path, loader: PolicyLoader(searchPath: ["include"], files: VectorFiles()))
  }

  /// What a vector's result is compared with; `MOOR_WRITE_VECTORS=1` writes it anew, for a person to read.
  private func compare(_ found: String, with file: URL) throws {
    if Self.isWriting { try Data(found.utf8).write(to: file) }
    #expect(try String(contentsOf: file, encoding: .utf8) == found)
  }

  @Test func thereAreVectors() {
    #expect(Self.names(in: "good").count >= 7)
    #expect(Self.names(in: "bad").count >= 9)
  }

  @Test(arguments: names(in: "good")) func answersAsWritten(_ name: String) throws {
    let policy = try Self.load("good/\(name).moor")
    let file = Self.folder.appending(path: "good/\(name).paths")
    var compiler = PathCompiler(policy)
    let automata = try policy.domains.map { try compiler.compile($0) }
    let source = Source(name: "\(name).paths", bytes: Array(try Data(contentsOf: file)))
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
      (found.commands, kernel.commands) = ([], [])
      #expect(found == expected, "\(question)")
      return PathQuestion.show(kernel, commands, helpers)
    }
    try compare(shown, with: file)
  }

  @Test(arguments: names(in: "bad")) func refusesBad(_ name: String) throws {
    let file = Self.folder.appending(path: "bad/\(name).expected")
    do {
      let policy = try Self.load("bad/\(name).moor")
      var compiler = PathCompiler(policy)
      for domain in policy.domains { _ = try compiler.compile(domain) }
      Issue.record("\(name) loads")
    } catch let error {
      try compare(error.description + "\n", with: file)
    }
  }

  @Test(arguments: names(in: "good")) func formatsWithoutChange(_ name: String) throws {
    let source = Source(name: name, bytes: try VectorFiles().read("good/\(name).moor", limit: 1 << 20))
    #expect(Formatter.format(try Document(parsing: source)) == source.bytes)
  }

  /// What lsm/tests starts from are automata of this compiler, as it makes them today.
  @Test(arguments: names(in: "good")) func theModulesSeedsAreThese(_ name: String) throws {
    let policy = try Self.load("good/\(name).moor")
    var compiler = PathCompiler(policy)
    for domain in policy.domains {
      for (number, automaton) in try compiler.compile(domain).automata.enumerated() {
        let label = domain.name.replacing("/", with: "-").replacing(" ", with: "-")
        let file = Self.root.appending(path: "lsm/tests/dfa/\(name)-\(label)-\(number).bin")
        if Self.isWriting { try Data(automaton.packed.bytes).write(to: file) }
        #expect(try Data(contentsOf: file) == Data(automaton.packed.bytes))
      }
    }
  }
}
