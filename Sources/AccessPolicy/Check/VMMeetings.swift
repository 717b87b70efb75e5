// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

/// Finds objects that two VMs reach: by their rules alone, without a look at the file system.
struct VMMeetings {
  private(set) var diagnostics: [Diagnostic] = []

  typealias Claim = ObjectClaim

  /// A rule with the VM that it belongs to.
  private struct Holder {
    let rule: AccessRule
    let claim: Claim
    /// The index of the VM's or template's domain; helpers count as their VM.
    let owner: Int
    let domain: Int
  }

  /// All that have one glob, two VMs of each claim: whoever meets with more of them meets with these.
  private struct Group {
    let glob: Glob
    var holders: [Holder] = []

    mutating func add(_ holder: Holder) {
      let alike = holders.filter { $0.claim == holder.claim }
      if alike.count < 2, !alike.contains(where: { $0.owner == holder.owner }) { holders.append(holder) }
    }
  }

  private let policy: AccessPolicy
  private let most: Int
  private var reported: Set<[Location.Key]> = []

  init(_ policy: AccessPolicy, most: Int) {
    self.policy = policy
    self.most = most
    var groups: [Group] = []
    var indices: [Glob: Int] = [:]
    for (index, domain) in policy.domains.enumerated() {
      for rule in domain.rules where rule.path?.glob.root == .path && !rule.isDenial {
        guard let path = rule.path, let claim = Claim(path) else { continue }
        let group = indices[path.glob] ?? groups.count
        if group == groups.count {
          indices[path.glob] = group
          groups.append(Group(glob: path.glob))
        }
        let holder = Holder(rule: rule, claim: claim, owner: domain.owner(at: index), domain: index)
        groups[group].add(holder)
        meetItself(holder)
      }
    }
    for group in groups { compare(group, group) }
    PrefixPairs.forEach(groups.map(\.glob)) { one, other in
      compare(groups[one], groups[other])
      return diagnostics.count < most
    }
  }

  /// A rule of a template that names no value of binding is the same for each of its VMs.
  private mutating func meetItself(_ holder: Holder) {
    guard let path = holder.rule.path, policy.domains[holder.domain].isForMany(in: policy), path.glob.values.isEmpty,
      Claim.exclude(holder.claim, holder.claim), diagnostics.count < most,
      reported.insert([holder.rule.location.key]).inserted
    else { return }
    diagnostics.append(
      Diagnostic(
        .meeting, at: holder.rule.location,
        "all VMs of \(policy.domains[holder.owner].name) meet in this object; "
          + "expected @{vmdir}, @{vm} or @{uuid} in its path"))
  }

  private mutating func compare(_ one: Group, _ other: Group) {
    for left in one.holders {
      for right in other.holders where diagnostics.count < most { compare(left, right) }
    }
  }

  private mutating func compare(_ left: Holder, _ right: Holder) {
    guard Claim.exclude(left.claim, right.claim), let one = left.rule.path?.glob, let other = right.rule.path?.glob
    else { return }
    if left.owner == right.owner {
      // The VMs of a template meet where one rule names a value of binding and the other does not.
      guard policy.domains[left.domain].isForMany(in: policy), one.values.isEmpty != other.values.isEmpty else {
        return
      }
    } else if !one.values.isEmpty, !other.values.isEmpty {
      return
    }
    let denied =
      left.rule.denials(among: policy.domains[left.domain].rules)
      + right.rule.denials(among: policy.domains[right.domain].rules)
    let names = except(left, right) + except(right, left)
    guard let example = GlobIntersection.example(one, other, excluding: denied + names) else { return }
    report(left, right, example)
  }

  /// The VMs of a template are not those that have a block.
  private func except(_ holder: Holder, _ other: Holder) -> [Glob] {
    guard let glob = holder.rule.path?.glob, glob.values.contains(.vm), policy.domains[other.owner].kind == .vm
    else { return [] }
    return [glob.with(vm: policy.domains[other.owner].name)]
  }

  private mutating func report(_ left: Holder, _ right: Holder, _ example: [UInt8]) {
    let (first, second) = left.owner <= right.owner ? (left, right) : (right, left)
    guard reported.insert([first.rule.location.key, second.rule.location.key]).inserted else { return }
    let names = (policy.domains[first.owner].name, policy.domains[second.owner].name)
    let who = first.owner == second.owner ? "two VMs of \(names.0)" : "\(names.0) and \(names.1)"
    diagnostics.append(
      Diagnostic(
        .meeting, at: second.rule.location,
        "\(who) meet in \(SafeText.render(example)); expected objects of one VM, or 'shared' in all of them",
        notes: [Diagnostic.Note("the rule of \(names.0): \(first.rule.text)", at: first.rule.location.place)]))
  }
}
