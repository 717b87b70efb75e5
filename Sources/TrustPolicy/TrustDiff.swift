// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

/// What differs between two trust policies, for people and for machines.
public struct TrustDiff: Sendable, Hashable, Codable, CustomStringConvertible {
  /// What became of one path.
  public struct Change: Sendable, Hashable, Codable {
    /// How it changed.
    public enum Nature: String, Sendable, Hashable, Codable {
      /// Only the new policy names it.
      case added
      /// Only the old policy names it.
      case removed
      /// Both name it, with other digests or flags.
      case changed
    }

    /// How it changed.
    public let nature: Nature
    /// The kind of the entry.
    public let kind: TrustKind
    /// The path, or a pattern as it is written.
    public let path: String
    /// Whether it is a pattern.
    public let isPattern: Bool
    /// Digests that only the new policy has.
    public let digestsAdded: [TrustDigest]
    /// Digests that only the old policy has.
    public let digestsRemoved: [TrustDigest]
    /// Digests that both have.
    public let digestsKept: [TrustDigest]
    /// The old policy's flags in words; empty for kinds without.
    public let flagsBefore: [String]
    /// The new policy's flags in words.
    public let flagsAfter: [String]
  }

  /// A value of the header that changed.
  public struct Header: Sendable, Hashable, Codable {
    /// `name`, `version` or `generation`.
    public let field: String
    /// The old value.
    public let before: String
    /// The new value.
    public let after: String
  }

  /// What changed in the header.
  public let header: [Header]
  /// What changed in the entries, by kind and path.
  public let changes: [Change]

  /// Whether both say the same.
  public var isEmpty: Bool { header.isEmpty && changes.isEmpty }

  /// Compares two policies, their locks included.
  public init(from old: TrustPolicy, to new: TrustPolicy) {
    let fields = [
      Header(field: "name", before: old.header.name, after: new.header.name),
      Header(field: "version", before: "\(old.header.version)", after: "\(new.header.version)"),
      Header(field: "generation", before: "\(old.header.generation)", after: "\(new.header.generation)"),
    ]
    header = fields.filter { $0.before != $0.after }
    changes = Self.scopes(old, new) + Self.rules(old.rules, new.rules)
  }

  private static func scopes(_ old: TrustPolicy, _ new: TrustPolicy) -> [Change] {
    func missing(_ scopes: [TrustPolicy.Scope], in others: [TrustPolicy.Scope], _ nature: Change.Nature) -> [Change] {
      scopes.filter { scope in !others.contains { $0.kind == scope.kind && $0.pattern == scope.pattern } }
        .map { Change(nature, $0.kind, $0.pattern.text) }
    }
    return missing(old.scopes, in: new.scopes, .removed) + missing(new.scopes, in: old.scopes, .added)
  }

  /// Walks two sorted lists at once.
  private static func rules(_ old: [TrustPolicy.Rule], _ new: [TrustPolicy.Rule]) -> [Change] {
    var changes: [Change] = []
    var (left, right) = (old[...], new[...])
    while let before = left.first ?? right.first {
      let after = right.first
      if let first = left.first, let after, first.kind == after.kind, first.path == after.path {
        if first.flags != after.flags || first.digests != after.digests { changes.append(Change(first, after)) }
        left = left.dropFirst()
        right = right.dropFirst()
      } else if !left.isEmpty, after.map({ (before.kind, before.path) < ($0.kind, $0.path) }) ?? true {
        changes.append(Change(before, nil))
        left = left.dropFirst()
      } else if let after {
        changes.append(Change(nil, after))
        right = right.dropFirst()
      }
    }
    return changes
  }

  /// One line for each difference; `+` is new, `-` is gone, `~` is changed.
  public var description: String {
    if isEmpty { return "no difference" }
    return (header.map { "~ \($0.field) \($0.before) -> \($0.after)" } + changes.map(\.description))
      .joined(separator: "\n")
  }
}

extension TrustDiff.Change: CustomStringConvertible {
  fileprivate init(_ nature: Nature, _ kind: TrustKind, _ pattern: String) {
    self.nature = nature
    self.kind = kind
    path = pattern
    isPattern = true
    (digestsAdded, digestsRemoved, digestsKept, flagsBefore, flagsAfter) = ([], [], [], [], [])
  }

  fileprivate init(_ before: TrustPolicy.Rule?, _ after: TrustPolicy.Rule?) {
    nature = before == nil ? .added : after == nil ? .removed : .changed
    kind = before?.kind ?? after?.kind ?? .exec
    path = (before ?? after)?.path.description ?? ""
    isPattern = false
    let (old, new) = (before?.digests ?? [], after?.digests ?? [])
    digestsAdded = new.filter { !old.contains($0) }
    digestsRemoved = old.filter { !new.contains($0) }
    digestsKept = new.filter { old.contains($0) }
    flagsBefore = kind == .exec ? before?.flags.words ?? [] : []
    flagsAfter = kind == .exec ? after?.flags.words ?? [] : []
  }

  /// The change in words, its digests on lines of their own.
  public var description: String {
    let mark =
      switch nature {
      case .added: "+"
      case .removed: "-"
      case .changed: "~"
      }
    var lines = ["\(mark) \(kind.word) \(path)"]
    if nature != .changed {
      lines[0] += (flagsBefore + flagsAfter).map { " " + $0 }.joined()
      if digestsAdded.isEmpty, digestsRemoved.isEmpty { lines[0] += isPattern ? " (pattern)" : " (not measured)" }
    } else if flagsBefore != flagsAfter {
      let words = [flagsBefore, flagsAfter].map { $0.isEmpty ? "none" : $0.joined(separator: " ") }
      lines.append("    flags \(words[0]) -> \(words[1])")
    }
    lines += digestsRemoved.map { "    - \($0)" }
    lines += digestsAdded.map { "    + \($0)" }
    if nature == .changed, digestsRemoved.isEmpty, digestsKept.isEmpty, !digestsAdded.isEmpty {
      lines[0] += " (measured for the first time)"
    }
    return lines.joined(separator: "\n")
  }
}
