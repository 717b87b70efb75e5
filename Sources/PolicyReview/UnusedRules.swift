// SPDX-License-Identifier: Apache-2.0

public import AccessPolicy
public import Learning
internal import PolicyText

/// Rules of a policy that nothing in a log ever needed.
///
/// The kernel keeps no note of which rule allowed something. A log holds what the rules of its time did not allow, and what
/// they wanted recorded: what one of them allowed without `audit` looks as if nobody had done it.
public struct UnusedRules: Sendable {
  /// A rule, and the domains that have it: several where it is included.
  public struct Entry: Sendable {
    /// The rule.
    public let rule: AccessRule
    /// The domains of VMs that the log shows.
    public fileprivate(set) var domains: [String]
  }

  /// Those that nothing needed, in any of their domains, in the order of the text.
  public let unused: [Entry]
  /// Those whose use leaves no line.
  public let untold: [Entry]
  /// How many rules were asked about; denials are not.
  public let count: Int
  /// VMs and templates of the policy that the log does not show.
  public let unseen: [String]

  /// Compares a policy with what was learned.
  public init(_ policy: AccessPolicy, _ accesses: LearnedAccesses) {
    var judge = AccessJudge(policy)
    var questions: [String: [AccessQuestion]] = [:]
    var seen: Set<String> = []
    for entry in accesses.entries {
      let judgement = judge.judge(entry.access)
      guard let domain = judgement.domain else { continue }
      questions[domain.name, default: []].append(judgement.question)
      seen.insert(Self.owner(domain.name))
    }
    var entries: [(entry: Entry, isUsed: Bool)] = []
    var places: [String: Int] = [:]
    for domain in policy.domains where seen.contains(Self.owner(domain.name)) {
      for rule in domain.rules where !rule.isDenial {
        // One statement may make several rules, of which each has its own object.
        let key = "\(rule.location.place) \(rule.object)"
        let place = places[key] ?? entries.count
        if place == entries.count {
          places[key] = place
          entries.append((Entry(rule: rule, domains: []), false))
        }
        entries[place].entry.domains.append(domain.name)
        if !entries[place].isUsed {
          entries[place].isUsed = questions[domain.name]?.contains { $0.concerns(rule) } ?? false
        }
      }
    }
    let left = entries.filter { !$0.isUsed }.map(\.entry)
    unused = left.filter(\.rule.isEnforced)
    untold = left.filter { !$0.rule.isEnforced }
    count = entries.count
    unseen = policy.domains.map(\.name).filter { !$0.contains("/") && !seen.contains($0) }
  }

  private static func owner(_ domain: String) -> String { String(domain.prefix { $0 != "/" }) }
}
