// SPDX-License-Identifier: Apache-2.0

import Foundation
import PolicyText
import PolicyVectors
import Testing

@testable import AccessPolicy

/// What policies/GRAMMAR.md and docs/formats.md show of access must be what the code does.
@Suite struct ReferenceTests {
  private func text(_ path: String) throws -> String {
    try String(contentsOf: VectorFolder.repository.appending(path: path), encoding: .utf8)
  }

  @Test func theGrammarsExamplesLoad() throws {
    let blocks = try text("policies/GRAMMAR.md").components(separatedBy: "```moor-access\n").dropFirst()
      .map { $0.components(separatedBy: "\n```")[0] + "\n" }
    #expect(!blocks.isEmpty)
    for block in blocks {
      let policy = try AccessPolicy(try PolicyLoader().load(Source(name: "GRAMMAR.md", text: block)))
      #expect(!policy.domains.isEmpty)
      #expect(Formatter.format(policy.tree.main.document) == Array(block.utf8))
      var compiler = PathCompiler(policy)
      for domain in policy.domains { _ = try compiler.compile(domain) }
    }
  }

  /// Each row of the table of patterns, with the three paths of its head.
  @Test func theGrammarsPatternsMatchWhatItSays() throws {
    let lines = try text("policies/GRAMMAR.md").split(separator: "\n")
    let head = try #require(lines.firstIndex { $0.hasPrefix("| text | matches | `/a/x`") })
    let paths = lines[head].split(separator: "`").filter { $0.hasPrefix("/a") }
    #expect(paths == ["/a/x", "/a/xy", "/a/x/y"])
    var count = 0
    for line in lines[(head + 2)...] {
      guard line.hasPrefix("|") else { break }
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
      let patterns = try #require(cells.first).split(separator: "`").filter { $0.contains("/a") }
      let expected = cells.suffix(3).map { $0.contains("yes") }
      for pattern in patterns {
        let domain = try compile(try makePolicy("file r \(pattern)"))
        #expect(paths.map { !domain.look(up: $0.utf8).granted.isEmpty } == expected, "\(pattern)")
        count += 1
      }
    }
    #expect(count >= 11)
  }

  /// The bytes of a block of hexadecimal in docs/formats.md.
  private func bytes(_ name: String) throws -> [UInt8] {
    let block = try #require(try text("docs/formats.md").components(separatedBy: "```hex \(name)\n").dropFirst().first)
      .components(separatedBy: "```")[0]
    let digits = block.split(separator: "\n").map { $0.prefix { $0 != "#" } }.joined().filter { !$0.isWhitespace }
    return stride(from: 0, to: digits.count, by: 2).compactMap { offset in
      let start = digits.index(digits.startIndex, offsetBy: offset)
      return UInt8(digits[start..<digits.index(start, offsetBy: 2)], radix: 16)
    }
  }

  @Test func theAutomatonOfTheFormatsIsTheRealOne() throws {
    #expect(try compile(try makePolicy("object r /a")).automata[0].packed.bytes == bytes("automaton"))
  }

  @Test func theAccessPolicyOfTheFormatsIsTheRealOne() throws {
    let policy = try makePolicy("device r /a ioctl 0x10\ncapability kill\ntcp connect 10.0.0.0/8:22", vm: "a")
    #expect(try PackedAccessPolicy(policy).bytes == bytes("access-policy"))
  }

  @Test func everyCommandHasOneNumber() {
    let names = CommandNames.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(CommandNames.all.first { $0.name == "KVM_RUN" }?.number == 0xAE80)
    #expect(CommandNames.all.first { $0.name == "TUNSETIFF" }?.number == 0x4004_54CA)
  }
}
