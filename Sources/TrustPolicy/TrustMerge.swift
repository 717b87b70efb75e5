// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

/// Brings the statements of policy and lock together, and finds what cannot stand together.
struct TrustMerge {
  private struct Key: Hashable {
    let kind: TrustKind
    let path: TrustPath
  }

  let limits: Limits
  var rules: [TrustPolicy.Rule] = []
  var scopes: [TrustPolicy.Scope] = []
  var diagnostics: [Diagnostic] = []
  private var indices: [Key: Int] = [:]
  private var entryCount = 0
  private var byteCount = 0
  private let entryLimit: Int
  private let byteLimit: Int

  init(limits: Limits, entryLimit: Int = PackedTrust.entryLimit, byteLimit: Int = PackedTrust.byteLimit) {
    self.limits = limits
    self.entryLimit = entryLimit
    self.byteLimit = byteLimit
  }

  private var isFull: Bool { diagnostics.count >= limits.diagnostics }
  private static let accessBlocks = ["vm", "template"]

  mutating func readPolicy(_ tree: PolicyTree) {
    for statement in statements(of: tree) where !isFull {
      switch statement.target {
      case .pattern(let pattern): addScope(pattern, statement)
      case .path(let path): addRule(path, statement)
      }
    }
  }

  /// The lock adds digests to what the policy names, and nothing else.
  mutating func readLock(_ source: Source, of header: PolicyHeader) throws(PolicyError) {
    let tree = try PolicyLoader(searchPath: ["."], limits: limits, files: NoFiles()).load(source, header: .lock)
    if tree.header.name != header.name {
      report(
        .stale, tree.header.location,
        "the lock belongs to \(Quote.string(tree.header.name.utf8)); expected \(Quote.string(header.name.utf8))")
      return
    }
    if tree.header.version != header.version {
      report(
        .stale, tree.header.location,
        "the lock was written for version \(tree.header.version), the policy has version \(header.version)",
        severity: .warning)
    }
    let own = indices
    var uncovered = 0
    for statement in statements(of: tree) where !isFull {
      guard case .path(let path) = statement.target, !statement.digests.isEmpty else {
        report(.form, statement.location, "a lock's entry needs a digest; expected KIND PATH DIGEST ...")
        continue
      }
      if !statement.flags.subtracting(.domain).isEmpty || statement.kind == .exec && !statement.flags.contains(.domain)
      {
        report(.contradiction, statement.location, "flags stand in the policy alone; expected exec PATH DIGEST ...")
        continue
      }
      let key = Key(kind: statement.kind, path: path)
      if let index = own[key] {
        addDigests(statement.digests, toRule: index, at: statement.location)
      } else if scopes.contains(where: { $0.kind == statement.kind && $0.pattern.matches(path) }) {
        addRule(path, statement)
      } else {
        uncovered += 1
        guard uncovered <= 20 else { continue }
        report(
          .uncovered, statement.location,
          "no \(statement.kind.word) entry of the policy covers \(path): it is left out",
          severity: .warning)
      }
    }
  }

  private mutating func statements(of tree: PolicyTree) -> [TrustStatement] {
    var reader = TrustStatementReader(tree: tree, limits: limits)
    for item in tree.items {
      let keyword = item.keyword
      // What running VMs may do is read by AccessPolicy.
      if tree.keyword == .policy, Self.accessBlocks.contains(where: { keyword.isWord($0) }) { continue }
      guard keyword.isWord("trust") else {
        let words = ["trust"] + (tree.keyword == .policy ? Self.accessBlocks : []) + ["include"]
        reader.report(
          .unknownWord, keyword.location,
          "'\(keyword.shown)' begins no statement here; expected \(words.joined(separator: ", ")) or @{NAME} =",
          nearest: Nearest.match(keyword.bytes, among: words + [tree.keyword.rawValue]))
        continue
      }
      guard item.statement.block != nil, item.wordCount == 1 else {
        reader.report(.form, item.location, "the block is malformed; expected trust { ... }")
        continue
      }
      for entry in tree.items(in: item) where !reader.isFull { reader.read(entry) }
    }
    diagnostics += reader.diagnostics
    return reader.statements
  }

  private mutating func addScope(_ pattern: TrustPattern, _ statement: TrustStatement) {
    if let first = scopes.first(where: { $0.kind == statement.kind && $0.pattern == pattern }) {
      doubled("the pattern stands twice", statement.location, first.location)
      return
    }
    scopes.append(TrustPolicy.Scope(kind: statement.kind, pattern: pattern, location: statement.location))
  }

  private mutating func addRule(_ path: TrustPath, _ statement: TrustStatement) {
    let key = Key(kind: statement.kind, path: path)
    if let index = indices[key] {
      addStatement(statement, toRule: index)
      return
    }
    indices[key] = rules.count
    rules.append(
      TrustPolicy.Rule(
        kind: statement.kind, path: path, flags: statement.flags, digests: statement.digests.sorted(),
        location: statement.location))
    count(path, statement.digests.isEmpty ? [nil] : statement.digests.map(Optional.some), statement.location)
  }

  /// A second statement of the same path: allowed when it adds digests, and says the same besides.
  private mutating func addStatement(_ statement: TrustStatement, toRule index: Int) {
    let rule = rules[index]
    guard rule.flags == statement.flags else {
      let words = Self.flagWords(rule.flags)
      diagnostics.append(
        Diagnostic(
          .contradiction, at: statement.location, "\(rule.path) has other flags than before; expected \(words)",
          notes: [Diagnostic.Note("the first entry", at: rule.location.place)]))
      return
    }
    guard !rule.digests.isEmpty, !statement.digests.isEmpty else {
      doubled("\(rule.path) stands twice as \(rule.kind.word)", statement.location, rule.location)
      return
    }
    if let digest = statement.digests.first(where: { rule.digests.contains($0) }) {
      doubled(
        "\(rule.path) has \(digest.algorithm.word):\(Self.short(digest))... twice", statement.location, rule.location)
      return
    }
    addDigests(statement.digests, toRule: index, at: statement.location)
  }

  private mutating func addDigests(_ digests: [TrustDigest], toRule index: Int, at location: Location) {
    let new = digests.filter { !rules[index].digests.contains($0) }
    // The entry without a digest that was counted for an unmeasured path goes when the first digest comes.
    if rules[index].digests.isEmpty, !new.isEmpty {
      entryCount -= 1
      byteCount -= PackedTrust.size(of: TrustEntry(kind: rules[index].kind, path: rules[index].path, digest: nil))
    }
    rules[index].digests = (rules[index].digests + new).sorted()
    count(rules[index].path, new.map(Optional.some), location)
  }

  /// Counts what the kernel will get; its bounds are those of lsm/uapi/moor.h.
  private mutating func count(_ path: TrustPath, _ digests: [TrustDigest?], _ location: Location) {
    for digest in digests {
      entryCount += 1
      byteCount += PackedTrust.size(of: TrustEntry(kind: .library, path: path, digest: digest))
      if entryCount == entryLimit + 1 {
        report(.limit, location, "the policy has more than \(entryLimit) entries, each digest counted")
      }
      if byteCount > byteLimit, entryCount <= entryLimit {
        report(.limit, location, "the policy's entries have more than \(byteLimit) bytes")
        byteCount = .min / 2
      }
    }
  }

  private mutating func doubled(_ message: String, _ location: Location, _ first: Location) {
    diagnostics.append(
      Diagnostic(.doubled, at: location, message, notes: [Diagnostic.Note("the first entry", at: first.place)]))
  }

  private mutating func report(
    _ code: Diagnostic.Code, _ location: Location, _ message: String, severity: Diagnostic.Severity = .error
  ) {
    diagnostics.append(Diagnostic(code, at: location, message, severity: severity))
  }

  static func flagWords(_ flags: TrustFlags) -> String {
    flags.words.isEmpty ? "none" : flags.words.joined(separator: " ")
  }

  private static func short(_ digest: TrustDigest) -> String {
    String(digest.description.dropFirst(digest.algorithm.word.count + 1).prefix(12))
  }
}

/// A lock includes nothing.
private struct NoFiles: FileReader {
  func read(_ path: String, limit: Int) throws(FileReadError) -> [UInt8] {
    throw .unreadable("a lock includes no other file")
  }
}
