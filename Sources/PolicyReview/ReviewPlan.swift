// SPDX-License-Identifier: Apache-2.0

public import AccessPolicy
public import Learning
public import PolicyText
public import TrustPolicy

/// All that is to be decided, from what VMs were seen to do and what the policy says already. Equal input gives equal
/// decisions, in the same order.
public struct ReviewPlan: Sendable {
  /// The decisions, by VM, class and object.
  public let decisions: [ReviewDecision]
  /// What a person is to know besides.
  public let notes: [String]

  /// Asks what the policy leaves open.
  ///
  /// - Parameters:
  ///   - accesses: What was seen.
  ///   - policy: The policy that the answers go into.
  ///   - loader: Where included files are looked for.
  ///   - root: Where files that exist now are counted.
  ///   - vms: The VMs to ask about; empty for all.
  public init(
    _ accesses: LearnedAccesses, policy: AccessPolicy, loader: PolicyLoader, root: FileRoot, vms: Set<String> = []
  ) {
    let observed = ObservedDomains(accesses, policy: policy, only: [])
    var maker = DecisionMaker(policy: policy, observed: observed, bench: RuleBench(loader: loader), root: root)
    for domain in observed.domains where vms.isEmpty || vms.contains(domain.vm) { maker.decide(domain) }
    decisions = maker.decisions
    notes = observed.notes + maker.notes
  }

  /// A decision by its name.
  public func decision(_ id: String) -> ReviewDecision? { decisions.first { $0.id == id } }
}
