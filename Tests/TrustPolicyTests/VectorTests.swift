// SPDX-License-Identifier: Apache-2.0

import Foundation
import PolicyText
import Testing
import TrustPolicy

/// The shared vectors of policies/tests.
@Suite struct VectorTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "policies/tests")

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

  private func load(_ path: String) throws(PolicyError) -> TrustPolicy {
    try TrustPolicy.load(path, loader: PolicyLoader(searchPath: ["include"], files: VectorFiles()))
  }

  /// What a vector's result is compared with; `MOOR_WRITE_VECTORS=1` writes it anew, for a person to read.
  private func compare(_ found: String, with path: String) throws {
    let file = Self.folder.appending(path: path)
    if ProcessInfo.processInfo.environment["MOOR_WRITE_VECTORS"] == "1" {
      try Data(found.utf8).write(to: file)
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    #expect(found == expected)
  }

  @Test func thereAreVectors() {
    #expect(Self.names(in: "good").count >= 6)
    #expect(Self.names(in: "bad").count >= 15)
  }

  @Test(arguments: names(in: "good")) func loadsGood(_ name: String) throws {
    let policy = try load("good/\(name).moor")
    let entries = policy.entries.map { entry in
      let flags = entry.kind == .exec ? " flags=\(entry.flags.rawValue)" : ""
      return "\(entry.kind.word)\(flags) \(entry.path) \(entry.digest?.description ?? "none")\n"
    }
    try compare(entries.joined(), with: "good/\(name).entries")
    #expect(try PackedTrust.decode(policy.packed) == policy.entries)
  }

  @Test(arguments: names(in: "good")) func formatsGoodWithoutChange(_ name: String) throws {
    let source = Source(name: name, bytes: try VectorFiles().read("good/\(name).moor", limit: 1 << 20))
    let formatted = try Document(parsing: Source(name: name, bytes: Formatter.format(try Document(parsing: source))))
    let loader = PolicyLoader(searchPath: ["include"], files: VectorFiles())
    let before = try TrustPolicy(try loader.load(source))
    let after = try TrustPolicy(try loader.load(formatted.source))
    #expect(TrustDiff(from: before, to: after).isEmpty)
    #expect(Formatter.format(formatted) == formatted.bytes)
  }

  @Test(arguments: names(in: "bad")) func refusesBad(_ name: String) throws {
    do {
      _ = try load("bad/\(name).moor")
      Issue.record("\(name) loads")
    } catch {
      try compare(error.description + "\n", with: "bad/\(name).expected")
    }
  }
}
