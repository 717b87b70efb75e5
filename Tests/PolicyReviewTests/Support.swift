// SPDX-License-Identifier: Apache-2.0

import AccessPolicy
import EventLog
import FoundationEssentials
import Learning
import PolicyText
import TrustPolicy

@testable import PolicyReview

/// Lines of an access log, numbered as they are added.
struct SampleAccesses {
  private(set) var records: [AccessRecord] = []
  private let boot = BootID(text: "0f2c8f0e-3c5b-4a55-9d1c-7f8a1b2c3d4e")
  static let qemu = "/usr/bin/qemu-system-x86_64"

  mutating func path(_ path: String, _ permissions: String, vm: String = "web1", by program: String = qemu) {
    add("path", [("permission", permissions)], Array(path.utf8), vm, program)
  }

  mutating func path(bytes: [UInt8], _ permissions: String, vm: String = "web1") {
    add("path", [("permission", permissions)], bytes, vm, Self.qemu)
  }

  mutating func anonymous(_ kind: String, vm: String = "web1") {
    add("anonymous", [("kind", kind)], nil, vm, Self.qemu)
  }

  mutating func add(
    _ accessClass: String, _ words: [(String, String)], _ path: [UInt8]?, _ vm: String, _ program: String,
    helper: UInt32 = 0
  ) {
    guard let boot else { return }
    var fields = words.map { AccessField(key: $0.0, value: UntrustedText($0.1)) }
    if accessClass == "path", let path {
      // The class `path` has permission and path, in this order.
      fields.append(AccessField(key: "path", value: UntrustedText(path)))
    }
    records.append(
      AccessRecord(
        boot: boot, sequence: UInt64(records.count + 1), verdict: .learn, accessClass: accessClass, fields: fields,
        program: UntrustedText(program), vm: UntrustedText(vm), helper: helper, pid: 7))
  }

  var accesses: LearnedAccesses { LearnedAccesses(records) }
}

/// Files in memory.
struct MemoryFiles: FileReader {
  var files: [String: String]

  func read(_ path: String, limit: Int) throws(FileReadError) -> [UInt8] {
    guard let text = files[path] else { throw .missing }
    return Array(text.utf8)
  }
}

/// A policy with what it may include.
struct SamplePolicy {
  static let head = "policy \"hosts/test\" version 3\n"
  let loader: PolicyLoader
  let policy: AccessPolicy

  init(_ text: String = head, others: [String: String] = [:]) throws {
    var files = others
    files["p.moor"] = text
    loader = PolicyLoader(searchPath: ["/etc/moor", Self.policies], files: Above(files: MemoryFiles(files: files)))
    policy = try AccessPolicy(try loader.load("p.moor"))
  }

  /// The abstractions of the repository.
  static var policies: String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "policies").path
  }

  private struct Above: FileReader {
    let files: MemoryFiles

    func read(_ path: String, limit: Int) throws(FileReadError) -> [UInt8] {
      do throws(FileReadError) {
        return try files.read(path, limit: limit)
      } catch {
        guard path.hasPrefix(SamplePolicy.policies) else { throw error }
        return try SystemFileReader().read(path, limit: limit)
      }
    }
  }

  func plan(_ seen: SampleAccesses, root: FileRoot = FileRoot("/nonexistent")) -> ReviewPlan {
    ReviewPlan(seen.accesses, policy: policy, loader: loader, root: root)
  }

  /// The policy's text after these answers.
  func text(_ plan: ReviewPlan, _ answers: [String: String], incomplete: String? = nil) throws -> String {
    var session = ReviewSession(plan)
    for decision in plan.decisions { session.answer(decision.id, answers[decision.id] ?? "skip") }
    let outcome = try ReviewOutcome(session, policy: policy, loader: loader, incomplete: incomplete)
    let file = outcome.files.first { $0.path == "p.moor" }
    return String(decoding: file?.bytes ?? policy.tree.main.document.bytes, as: UTF8.self)
  }
}

extension ReviewPlan {
  /// Answers as they are suggested.
  var suggestions: [String: String] {
    Dictionary(decisions.map { ($0.id, $0.suggested) }, uniquingKeysWith: { first, _ in first })
  }

  /// Each decision with its choices and what they write, for comparison.
  var summary: [String] { decisions.map { "\($0.id) -> \($0.suggested)" } }
}

/// A folder that goes with this.
final class TemporaryFolder {
  let path = FileManager.default.temporaryDirectory.appending(path: "moor-review-\(UUID().uuidString)").path

  init(_ files: [String] = []) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for file in files {
      let url = URL(filePath: path + file)
      try FileManager.default.createDirectory(
        atPath: url.deletingLastPathComponent().path, withIntermediateDirectories: true)
      try Data().write(to: url)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
