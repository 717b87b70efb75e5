// SPDX-License-Identifier: Apache-2.0

public import AccessPolicy
public import PolicyText

/// What answers make of a policy: its new text, and that of the local addition to an abstraction; checked as a whole.
public struct ReviewOutcome: Sendable {
  /// A file's new content.
  public struct File: Sendable, Hashable {
    /// Where it goes.
    public let path: String
    /// What it holds.
    public let bytes: [UInt8]
    /// The lines that are new, for a person.
    public let added: [String]
  }

  /// The files that change, those that are included first: after each of them the policy can be read.
  public let files: [File]
  /// What `moor check` would warn of in the new policy and not in the old one.
  public let warnings: [Diagnostic]
  /// Decisions whose answers write nothing, since the program they are about may not be started.
  public let idle: [String]

  /// Applies answers.
  ///
  /// - Parameters:
  ///   - incomplete: Why what was learned is not all; nil when nothing is known to be missing.
  /// - Throws: PolicyError when the new policy cannot be read, compiled, or lets two VMs meet; nothing is to be written then.
  public init(
    _ session: ReviewSession, policy: AccessPolicy, loader: PolicyLoader, incomplete: String?
  ) throws(PolicyError) {
    var collector = Collector()
    for decision in session.plan.decisions { collector.take(decision, session.answers) }
    idle = collector.idle
    try Self.requireBlocksHere(collector.additions, policy)
    let main = policy.tree.main
    let edited = try main.document.adding(collector.additions)
    let document = collector.isEmpty ? edited : try edited.noting(incomplete: incomplete)
    var files: [File] = []
    for (name, lines) in collector.shared { files.append(try Self.abstraction(name, lines, loader)) }
    if document.bytes != main.document.bytes {
      files.append(
        File(path: main.path, bytes: document.bytes, added: collector.additions.flatMap(\.statements)))
    }
    self.files = files
    warnings = try Self.check(files, policy, loader)
  }

  /// Statements go into the policy's own file; a VM whose block an included file has is edited there, by a person.
  private static func requireBlocksHere(
    _ additions: [DomainAddition], _ policy: AccessPolicy
  ) throws(PolicyError) {
    for addition in additions {
      guard let domain = policy.domain(addition.vm), domain.location.source !== policy.tree.main.document.source else {
        continue
      }
      throw PolicyError([
        Diagnostic(
          .form, at: domain.location,
          "the block of \(addition.vm) stands in an included file; expected it in \(policy.tree.main.path)")
      ])
    }
  }

  private static func abstraction(
    _ name: String, _ lines: [String], _ loader: PolicyLoader
  ) throws(PolicyError) -> File {
    let paths = loader.searchPath.map { "\($0)/local/\(name)" }
    var path = paths.first ?? "local/\(name)"
    var bytes = Array("abstraction \(Quote.string(Array("local/\(name)".utf8))) version 1\n\n".utf8)
    for candidate in paths {
      do throws(FileReadError) {
        bytes = try loader.files.read(candidate, limit: loader.limits.fileBytes)
        path = candidate
        break
      } catch .missing {
        continue
      } catch {
        let location = Location(source: Source(name: candidate, bytes: []), range: 0..<0)
        throw PolicyError([Diagnostic(.include, at: location, "the file cannot be read: \(error)")])
      }
    }
    let document = try Document(parsing: Source(name: path, bytes: bytes))
    let present = Set(document.statements.map { Array(document.bytes[$0.headRange]) })
    let new = lines.filter { !present.contains(Array($0.utf8)) }
    if bytes.last != UInt8(ascii: "\n"), !bytes.isEmpty { bytes.append(UInt8(ascii: "\n")) }
    bytes += new.flatMap { Array("\($0)\n".utf8) }
    return File(path: path, bytes: bytes, added: new)
  }

  private static func check(
    _ files: [File], _ policy: AccessPolicy, _ loader: PolicyLoader
  ) throws(PolicyError) -> [Diagnostic] {
    guard !files.isEmpty else { return [] }
    let texts = Dictionary(files.map { ($0.path, $0.bytes) }, uniquingKeysWith: { $1 })
    let found = try PolicyTrial.check(policy, with: texts, loader)
    let errors = found.all.filter { $0.severity == .error }
    if !errors.isEmpty { throw PolicyError(errors) }
    return found.new
  }
}

/// Sorts what the answers write by domains.
private struct Collector {
  private(set) var additions: [DomainAddition] = []
  private(set) var shared: [(String, [String])] = []
  private(set) var idle: [String] = []

  var isEmpty: Bool { additions.isEmpty && shared.isEmpty }

  mutating func take(_ decision: ReviewDecision, _ answers: [String: String]) {
    guard let name = answers[decision.id], let choice = decision.choice(name), choice.kind != .skip else { return }
    if let needs = decision.needs, answers[needs] != ReviewChoice(.accept, []).id {
      idle.append(decision.id)
      return
    }
    let helper = decision.domain.firstIndex(of: "/").map {
      String(decision.domain[decision.domain.index(after: $0)...])
    }
    add(decision.vm, helper, choice.statements)
    if let helper = choice.helper { add(decision.vm, helper, []) }
    guard !choice.shared.isEmpty else { return }
    let abstraction = helper == nil ? "abstractions/qemu" : "abstractions/base"
    if let index = shared.firstIndex(where: { $0.0 == abstraction }) {
      shared[index].1 += choice.shared.filter { !shared[index].1.contains($0) }
    } else {
      shared.append((abstraction, choice.shared))
    }
  }

  private mutating func add(_ vm: String, _ helper: String?, _ statements: [String]) {
    let place = additions.firstIndex { $0.vm == vm && $0.helper == helper } ?? additions.count
    if place == additions.count { additions.append(DomainAddition(vm: vm, helper: helper, statements: [])) }
    additions[place].statements += statements.filter { !additions[place].statements.contains($0) }
  }
}
