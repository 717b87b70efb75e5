// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

/// Looks for rules of a domain that do nothing, or more than was probably meant.
struct RuleReview {
  /// The shared rules that were compared with each other: the same in every domain that includes them.
  private var known: Set<[Location.Key]> = []

  mutating func review(_ domain: AccessDomain) -> [Diagnostic] {
    let rules = domain.rules.filter { $0.path != nil }
    let globs = rules.compactMap(\.path?.glob)
    let isNew = known.insert(rules.filter(\.isShared).map(\.location.key)).inserted
    var found: [Diagnostic] = []
    var settled: Set<Int> = []
    PrefixPairs.forEach(globs) { one, other in
      if rules[one].isShared, rules[other].isShared, !isNew { return true }
      for (narrow, wide) in [(other, one), (one, other)] where !settled.contains(narrow) {
        guard let diagnostic = compare(rules[narrow], rules[wide], isLater: narrow > wide) else { continue }
        settled.insert(narrow)
        found.append(diagnostic)
        break
      }
      if let diagnostic = WritableCode.find(rules[one], rules[other], rules) { found.append(diagnostic) }
      return true
    }
    for rule in rules where isNew || !rule.isShared {
      if let diagnostic = HostSecrets.find(rule, rules) { found.append(diagnostic) }
      if let diagnostic = WritableCode.find(rule, rule, rules) { found.append(diagnostic) }
    }
    return found
  }

  /// What is to be said when a rule is about nothing that another is not about, too.
  private func compare(_ narrow: AccessRule, _ wide: AccessRule, isLater: Bool) -> Diagnostic? {
    guard let one = narrow.path, let other = wide.path, !narrow.isDenial else { return nil }
    let wanted = wide.isDenial ? one.permissions.subtracting(.own) : one.permissions
    guard wanted.isSubset(of: other.permissions), wide.isDenial || Self.gives(other, allOf: one),
      other.glob == one.glob || !other.glob.isLiteral
    else { return nil }
    // Of two that say the same, the later one is too many.
    let isEqual =
      one.glob == other.glob && one.permissions == other.permissions && one.commands == other.commands && !wide.isDenial
    if isEqual, !isLater { return nil }
    if narrow.effect == .audit, wide.effect == .allow { return nil }
    guard GlobIntersection.isWithin(one.glob, other.glob) else { return nil }
    let more = other.permissions.subtracting(one.permissions)
    if !wide.isDenial, !more.isEmpty, one.glob != other.glob {
      return Diagnostic(
        .wider, at: wide.location, "the rule is wider than its neighbour: it allows \(more) on the same paths, too",
        severity: .warning, notes: [Diagnostic.Note(narrow.text, at: narrow.location.place)])
    }
    let verb = wide.isDenial ? "denies" : "allows"
    return Diagnostic(
      .unreachable, at: narrow.location, "the rule is never reached: another \(verb) all that it allows",
      severity: .warning, notes: [Diagnostic.Note(wide.text, at: wide.location.place)])
  }

  /// Whether apart from path and permissions one rule gives all that another gives.
  private static func gives(_ rule: PathRule, allOf other: PathRule) -> Bool {
    if rule.verb == .exec, rule.helper != other.helper || rule.glob.isLiteral != other.glob.isLiteral { return false }
    return rule.commands.union(other.commands) == rule.commands && rule.program == other.program
  }
}
