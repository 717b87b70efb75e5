// SPDX-License-Identifier: Apache-2.0

import PolicyText
import PolicyVectors
import Testing
import TrustPolicy

/// The shared vectors of policies/tests.
@Suite struct VectorTests {
  static let folder = VectorFolder()

  private func load(_ path: String) throws(PolicyError) -> TrustPolicy {
    try TrustPolicy.load(path, loader: Self.folder.loader)
  }

  @Test func thereAreVectors() {
    #expect(Self.folder.names(in: "good").count >= 6)
    #expect(Self.folder.names(in: "bad").count >= 15)
  }

  @Test(arguments: folder.names(in: "good")) func loadsGood(_ name: String) throws {
    let policy = try load("good/\(name).moor")
    let entries = policy.entries.map { entry in
      let flags = entry.kind == .exec ? " flags=\(entry.flags.rawValue)" : ""
      return "\(entry.kind.word)\(flags) \(entry.path) \(entry.digest?.description ?? "none")\n"
    }
    let found = entries.joined()
    #expect(try Self.folder.expected(at: "good/\(name).entries", found: found) == found)
    #expect(try PackedTrust.decode(policy.packed) == policy.entries)
  }

  @Test(arguments: folder.names(in: "good")) func formatsGoodWithoutChange(_ name: String) throws {
    let source = Source(name: name, bytes: try Self.folder.read("good/\(name).moor", limit: 1 << 20))
    let formatted = try Document(parsing: Source(name: name, bytes: Formatter.format(try Document(parsing: source))))
    let loader = Self.folder.loader
    let before = try TrustPolicy(try loader.load(source))
    let after = try TrustPolicy(try loader.load(formatted.source))
    #expect(TrustDiff(from: before, to: after).isEmpty)
    #expect(Formatter.format(formatted) == formatted.bytes)
  }

  @Test(arguments: folder.names(in: "bad")) func refusesBad(_ name: String) throws {
    do {
      _ = try load("bad/\(name).moor")
      Issue.record("\(name) loads")
    } catch {
      let found = error.description + "\n"
      #expect(try Self.folder.expected(at: "bad/\(name).expected", found: found) == found)
    }
  }
}
