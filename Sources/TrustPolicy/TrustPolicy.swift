// SPDX-License-Identifier: Apache-2.0

public import PolicyText

/// Which files may run, load and be opened by guarded domains, by path and digest: what policy and lock say together.
public struct TrustPolicy: Sendable {
  /// All that is said of one path as one kind.
  public struct Rule: Sendable {
    /// What it vouches for.
    public let kind: TrustKind
    /// The path.
    public let path: TrustPath
    /// What an exec entry permits.
    public let flags: TrustFlags
    /// Sorted; several are an update window, none means not yet measured.
    public internal(set) var digests: [TrustDigest]
    /// Where the policy says so; for a file that only a pattern covers, where the lock does.
    public let location: Location
  }

  /// A pattern of the policy.
  public struct Scope: Sendable {
    /// The kind of the files that it covers.
    public let kind: TrustKind
    /// The pattern.
    public let pattern: TrustPattern
    /// Where it stands.
    public let location: Location
  }

  /// Name, version and generation.
  public let header: PolicyHeader
  /// Sorted by kind and path, each pair once.
  public let rules: [Rule]
  /// The policy's patterns, in the order of the text.
  public let scopes: [Scope]
  /// The policy's own files, without the lock.
  public let tree: PolicyTree
  /// What is odd and yet loads.
  public let warnings: [Diagnostic]

  /// The path of the policy that the tools use when none is named.
  public static let defaultPath = "/etc/moor/policy.moor"

  /// The folders that the tools search for `include <name>`: the host's own, then those of the distribution.
  public static let searchPath = ["/etc/moor", "/usr/share/moor/policies"]

  /// Reads a policy and, when it is there, the lock beside it.
  ///
  /// - Parameters:
  ///   - path: The policy; ``TrustLock/path(beside:)`` says where its lock is.
  ///   - loader: How includes are found, and the bounds.
  /// - Throws: PolicyError with all that is wrong in either; nothing is returned half read.
  public static func load(_ path: String, loader: PolicyLoader = PolicyLoader()) throws(PolicyError) -> TrustPolicy {
    let tree = try loader.load(path)
    let lockPath = TrustLock.path(beside: path)
    var lock: Source?
    do {
      lock = Source(name: lockPath, bytes: try loader.files.read(lockPath, limit: loader.limits.fileBytes))
    } catch .missing {
      lock = nil
    } catch {
      let location = Location(source: Source(name: lockPath, bytes: []), range: 0..<0)
      throw PolicyError([Diagnostic(.include, at: location, "the lock cannot be read: \(error)")])
    }
    return try TrustPolicy(tree, lock: lock, limits: loader.limits)
  }

  /// Understands a policy whose files are read, and its lock.
  ///
  /// - Throws: PolicyError with all that is wrong in either.
  public init(_ tree: PolicyTree, lock: Source? = nil, limits: Limits = Limits()) throws(PolicyError) {
    var merge = TrustMerge(limits: limits)
    merge.readPolicy(tree)
    if let lock { try merge.readLock(lock, of: tree.header) }
    let found = Self.ordered(tree.warnings + merge.diagnostics)
    guard !found.contains(where: { $0.severity == .error }) else { throw PolicyError(found) }
    header = tree.header
    rules = merge.rules.sorted { ($0.kind, $0.path) < ($1.kind, $1.path) }
    scopes = merge.scopes
    self.tree = tree
    warnings = found
  }

  /// By file, in the order in which files are first complained of, then by place.
  private static func ordered(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
    var ranks: [String: Int] = [:]
    for diagnostic in diagnostics where ranks[diagnostic.place.file] == nil {
      ranks[diagnostic.place.file] = ranks.count
    }
    return diagnostics.enumerated().sorted { left, right in
      let (one, other) = (left.element.place, right.element.place)
      return (ranks[one.file] ?? 0, one.line, one.column, left.offset)
        < (ranks[other.file] ?? 0, other.line, other.column, right.offset)
    }.map(\.element)
  }

  /// The entries for the kernel, in the order of the packed form.
  public var entries: [TrustEntry] {
    rules.flatMap { rule in
      rule.digests.isEmpty
        ? [TrustEntry(kind: rule.kind, path: rule.path, flags: rule.flags, digest: nil)]
        : rule.digests.map { TrustEntry(kind: rule.kind, path: rule.path, flags: rule.flags, digest: $0) }
    }
  }

  /// The bytes that the kernel takes, and whose SHA-256 names the policy in force.
  public var packed: [UInt8] { PackedTrust.encode(entries) }

  /// The rules without a digest.
  public var unmeasured: [Rule] { rules.filter(\.digests.isEmpty) }

  /// Whether a path of a kind is covered by a rule or a pattern.
  public func covers(_ kind: TrustKind, _ path: TrustPath) -> Bool {
    rule(kind, path) != nil || scopes.contains { $0.kind == kind && $0.pattern.matches(path) }
  }

  /// The rule of a path.
  public func rule(_ kind: TrustKind, _ path: TrustPath) -> Rule? {
    var low = 0
    var high = rules.count
    while low < high {
      let middle = (low + high) / 2
      if (rules[middle].kind, rules[middle].path) < (kind, path) { low = middle + 1 } else { high = middle }
    }
    return low < rules.count && rules[low].kind == kind && rules[low].path == path ? rules[low] : nil
  }

  /// Whether it makes sense to enforce it: there is an emulator to guard, and one that could start.
  ///
  /// A path without a digest is no error: what was never measured is refused when it is used, which is what enforcing
  /// means. ``unmeasured`` has them, for the reader to know.
  ///
  /// - Throws: PolicyError that names the emulators without a digest when there is no other, up to a hundred.
  public func requireEnforceable() throws(PolicyError) {
    let emulators = rules.filter { $0.flags.contains(.domain) }
    let missing = emulators.allSatisfy(\.digests.isEmpty) ? emulators : []
    let listed = missing.prefix(100)
    var diagnostics = listed.map { rule in
      Diagnostic(
        .unmeasured, at: rule.location,
        "\(rule.path) has no digest, and no other emulator has one: nothing could start, expected exec PATH DIGEST")
    }
    if missing.count > listed.count, let last = listed.last {
      diagnostics.append(
        Diagnostic(.unmeasured, at: last.location, "\(missing.count - listed.count) more emulators have no digest"))
    }
    if emulators.isEmpty {
      diagnostics.append(
        Diagnostic(
          .unmeasured, at: header.location,
          "the policy names no emulator to guard; expected exec PATH DIGEST in a trust block"))
    }
    if !diagnostics.isEmpty { throw PolicyError(diagnostics) }
  }
}
