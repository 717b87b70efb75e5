// SPDX-License-Identifier: Apache-2.0

public import PolicyText

/// How two policies differ in what they allow, not in how they are written.
public struct AccessDiff: Sendable {
  /// One thing that one policy allows and the other does not.
  public struct Change: Sendable, Hashable {
    /// Whether the newer policy allows it.
    public let isWider: Bool
    /// The domain.
    public let domain: String
    /// What, in words.
    public let what: String
    /// The rule of the policy that allows it.
    public let place: Place
  }

  /// By domain, what is wider first.
  public let changes: [Change]
  /// Domains of the newer policy alone.
  public let added: [String]
  /// Domains of the older policy alone.
  public let removed: [String]

  /// Compares the domains that have the same name.
  public init(from old: AccessPolicy, to new: AccessPolicy) {
    let (oldNames, newNames) = (old.domains.map(\.name), new.domains.map(\.name))
    added = newNames.filter { !oldNames.contains($0) }
    removed = oldNames.filter { !newNames.contains($0) }
    let before = Dictionary(zip(oldNames, old.domains), uniquingKeysWith: { first, _ in first })
    var changes: [Change] = []
    for domain in new.domains {
      guard let other = before[domain.name] else { continue }
      changes += Self.wider(other, domain, isWider: true)
      changes += Self.wider(domain, other, isWider: false)
    }
    self.changes = changes
  }

  /// Whether they allow the same.
  public var isEmpty: Bool { changes.isEmpty && added.isEmpty && removed.isEmpty }

  /// What the second domain allows and the first does not.
  private static func wider(_ first: AccessDomain, _ second: AccessDomain, isWider: Bool) -> [Change] {
    var seen: Set<Change> = []
    var found: [Change] = []
    let known = Set(first.rules.filter { $0.path == nil && !$0.isDenial }.map(\.object))
    for rule in second.rules where !rule.isDenial {
      let what: String?
      if let path = rule.path {
        what = Self.more(path, in: second, than: first)
      } else {
        what = known.contains(rule.object) ? nil : rule.text
      }
      guard let what else { continue }
      let change = Change(isWider: isWider, domain: second.name, what: what, place: rule.location.place)
      if seen.insert(change).inserted { found.append(change) }
    }
    for denial in first.rules where denial.isDenial && denial.path == nil {
      guard !second.rules.contains(where: { $0.isDenial && $0.object == denial.object }) else { continue }
      found.append(
        Change(
          isWider: isWider, domain: second.name, what: "no longer has \(denial.text)", place: denial.location.place))
    }
    return found
  }

  /// What a rule allows in its domain on paths on which another domain does not.
  private static func more(_ path: PathRule, in domain: AccessDomain, than other: AccessDomain) -> String? {
    var permissions: PathPermissions = []
    var example: [UInt8]?
    for (permission, _) in PathPermissions.words where path.permissions.contains(permission) {
      guard let found = Self.example(path, permission, in: domain, than: other) else { continue }
      permissions.formUnion(permission)
      example = example ?? found
    }
    guard !permissions.isEmpty, let example else { return commands(path, in: other) }
    let root =
      switch path.glob.root {
      case .path: ""
      case .vmDirectory: "@{vmdir}"
      case .abstract: "@"
      }
    return "\(permissions) on \(path.glob.isLiteral ? "" : "paths such as ")\(root)\(SafeText.render(example))"
  }

  private static func example(
    _ path: PathRule, _ permission: PathPermissions, in domain: AccessDomain, than other: AccessDomain
  ) -> [UInt8]? {
    let denied = globs(domain, permission, areDenials: true)
    let allowed = globs(other, permission, areDenials: false)
    if let found = GlobIntersection.example(path.glob, path.glob, excluding: denied + allowed) { return found }
    for denial in globs(other, permission, areDenials: true) {
      if let found = GlobIntersection.example(path.glob, denial, excluding: denied) { return found }
    }
    return nil
  }

  private static func globs(_ domain: AccessDomain, _ permission: PathPermissions, areDenials: Bool) -> [Glob] {
    domain.rules.compactMap { rule in
      guard rule.isDenial == areDenials, let path = rule.path, path.permissions.contains(permission) else { return nil }
      return path.glob
    }
  }

  /// The ioctl commands, or the helper, of a rule whose path and permissions are no news.
  private static func commands(_ path: PathRule, in other: AccessDomain) -> String? {
    let same = other.rules.compactMap(\.path).filter { GlobIntersection.isWithin(path.glob, $0.glob) }
    if path.verb == .exec, let helper = path.helper, !same.contains(where: { $0.helper == helper }) {
      return "a program that runs as helper \(helper)"
    }
    let known = same.reduce(CommandSet.some([])) { $0.union($1.commands) }
    return known.union(path.commands) == known ? nil : "more ioctl commands on a device"
  }
}
