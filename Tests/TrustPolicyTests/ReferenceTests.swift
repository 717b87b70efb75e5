// SPDX-License-Identifier: Apache-2.0

import Foundation
import PolicyText
import PolicyVectors
import Testing
import TrustPolicy

/// The examples of policies/GRAMMAR.md and policies/examples.
@Suite struct ReferenceTests {
  static let folder = VectorTests.folder.location.deletingLastPathComponent()

  /// The fenced blocks of the reference that are marked as whole policies.
  static func blocks() throws -> [String] {
    let text = try String(contentsOf: folder.appending(path: "GRAMMAR.md"), encoding: .utf8)
    return text.components(separatedBy: "```moor\n").dropFirst().map { $0.components(separatedBy: "\n```")[0] + "\n" }
  }

  static func examples() -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "examples").path)) ?? []
    return names.filter { $0.hasSuffix(".moor") }.sorted()
  }

  @Test func thePagesExamplesLoad() throws {
    let blocks = try Self.blocks()
    #expect(blocks.count >= 3)
    for block in blocks {
      let policy = try TrustPolicy(try PolicyLoader().load(Source(name: "GRAMMAR.md", text: block)))
      #expect(!policy.rules.isEmpty)
      #expect(policy.warnings.isEmpty)
      #expect(Formatter.format(policy.tree.main.document) == Array(block.utf8))
    }
  }

  @Test func thePagesErrorIsTheRealOne() throws {
    let text = try String(contentsOf: Self.folder.appending(path: "GRAMMAR.md"), encoding: .utf8)
    let vector = try String(
      contentsOf: VectorTests.folder.location.appending(path: "bad/relative-path.expected"), encoding: .utf8)
    #expect(text.contains(vector.replacing("bad/relative-path.moor", with: "policy.moor")))
  }

  @Test func thereAreExamples() {
    #expect(Self.examples().count >= 2)
  }

  @Test(arguments: examples()) func examplesLoadAndAreFormatted(_ name: String) throws {
    let policy = try TrustPolicy.load(Self.folder.appending(path: "examples/\(name)").path)
    #expect(policy.warnings.isEmpty)
    #expect(policy.rules.contains { $0.flags.contains(.domain) })
    #expect(Formatter.format(policy.tree.main.document) == policy.tree.main.document.bytes)
  }

  @Test func theLimitsAreThoseOfThePage() throws {
    let text = try String(contentsOf: Self.folder.appending(path: "GRAMMAR.md"), encoding: .utf8)
    func grouped(_ number: Int) -> String {
      var digits = String(number)
      for place in stride(from: digits.count - 3, to: 0, by: -3) {
        digits.insert(",", at: digits.index(digits.startIndex, offsetBy: place))
      }
      return digits
    }
    let limits = Limits()
    for row in [
      "| a file | \(limits.fileBytes >> 20) MiB, \(grouped(limits.tokens)) words, blanks and comments |",
      "| a word or string | \(grouped(limits.wordBytes)) bytes |", "| blocks inside blocks | \(limits.nesting) |",
      "| includes in a chain; altogether; distinct files | \(limits.includeDepth); \(grouped(limits.inclusions)); \(grouped(limits.files)) |",
      "| values of a word by variables | \(grouped(limits.expansions)) |",
      "more than \(grouped(PackedTrust.entryLimit)) entries", "more than \(PackedTrust.byteLimit >> 20) MiB",
    ] {
      #expect(text.contains(row))
    }
  }
}
