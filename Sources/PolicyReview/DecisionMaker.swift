// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import PolicyText
internal import TrustPolicy

/// Makes decisions of what domains were seen to do.
struct DecisionMaker {
  let policy: AccessPolicy
  let bench: RuleBench
  let census: FileCensus
  private let observed: ObservedDomains
  private(set) var claims: ObjectClaims
  private(set) var decisions: [ReviewDecision] = []
  private(set) var notes: [String] = []

  init(policy: AccessPolicy, observed: ObservedDomains, bench: RuleBench, root: FileRoot) {
    self.policy = policy
    self.observed = observed
    self.bench = bench
    census = FileCensus(root: root)
    claims = ObjectClaims(policy)
    SeenClaims(observed, bench).add(to: &claims)
  }

  mutating func decide(_ domain: ObservedDomain) {
    let known = grants(of: domain)
    if known == nil, domain.helper == nil, policy.domain("template guest") != nil, policy.domain(domain.vm) == nil {
      note(
        "\(domain.vm) is held by template guest until now; a block of its own takes the template's place, whose rules are "
          + "not carried over")
    }
    var open = domain.observations.compactMap { observation in
      known.map { $0.rest(of: observation) } ?? observation
    }
    if let decision = abstraction(domain, known, &open) { decisions.append(decision) }
    for group in ReviewGroup.groups(open) { decide(group, domain, known) }
  }

  private mutating func note(_ text: String) { if !notes.contains(text) { notes.append(text) } }

  private func grants(of domain: ObservedDomain) -> DomainGrants? {
    guard domain.program == nil, let found = policy.domain(domain.name) else { return nil }
    return DomainGrants(policy, found)
  }

  /// What an abstraction that is there covers is one decision.
  private mutating func abstraction(
    _ domain: ObservedDomain, _ known: DomainGrants?, _ open: inout [Observation]
  ) -> ReviewDecision? {
    let name = Self.abstractionName(domain)
    let include = "include <\(name)>"
    guard let grants = bench.grants([include], vm: domain.vm) else {
      note("\(name) is not in the policies' folders, or cannot be read: what it would cover is asked one by one")
      return nil
    }
    let covered = open.filter { grants.rest(of: $0) == nil }
    guard covered.count > 1 else { return nil }
    open.removeAll { observation in covered.contains { $0.object == observation.object } }
    let group = ReviewGroup(reviewClass: .abstraction, key: name, observations: covered)
    var choices = ChoiceMaker(maker: self, domain: domain, known: known, group: group)
    choices.add(.abstraction, [include])
    choices.add(.accept, covered.flatMap { choices.statements($0, "file") })
    return decision(group, domain, choices, title: "what every QEMU needs of the host, as \(name) has it")
  }

  /// The abstraction that is for a domain's programs.
  static func abstractionName(_ domain: ObservedDomain) -> String {
    domain.helper == nil ? "abstractions/qemu" : "abstractions/base"
  }

  private mutating func decide(_ group: ReviewGroup, _ domain: ObservedDomain, _ known: DomainGrants?) {
    if group.reviewClass == .program {
      for observation in group.observations { decideProgram(observation, group, domain, known) }
      return
    }
    // What concerns another VM is asked by itself.
    var free = group
    free.observations = []
    for observation in group.observations {
      if let conflict = conflict(of: observation, group, domain) {
        let key = observation.pattern.map { ReviewID.part(Array($0.word.utf8)) } ?? group.key
        let alone = ReviewGroup(reviewClass: group.reviewClass, key: key, observations: [observation])
        let choices = ChoiceMaker(maker: self, domain: domain, known: known, group: alone)
        decisions.append(
          decision(alone, domain, choices, title: Self.title(alone), conflict: conflict))
      } else {
        free.observations.append(observation)
      }
    }
    guard !free.observations.isEmpty else { return }
    var choices = ChoiceMaker(maker: self, domain: domain, known: known, group: free)
    choices.addAll()
    decisions.append(decision(free, domain, choices, title: Self.title(free)))
  }

  private func conflict(of observation: Observation, _ group: ReviewGroup, _ domain: ObservedDomain) -> String? {
    let verb = ChoiceMaker.verb(group.reviewClass, observation)
    guard let pattern = observation.pattern else { return nil }
    let rules = RuleText.rules(pattern, observation.permissions, commands: observation.commands, verb)
    guard let found = bench.domain(rules, vm: domain.vm) else { return nil }
    for rule in found.domain.rules {
      guard let meeting = claims.meeting(rule, of: domain.vm) else { continue }
      let what = meeting.rule.map { "\(meeting.vm) has \($0)" } ?? "\(meeting.vm) was seen to use it, too"
      return "\(SafeText.render(meeting.example)) concerns another VM: \(what)"
    }
    return nil
  }

  private mutating func decideProgram(
    _ observation: Observation, _ group: ReviewGroup, _ domain: ObservedDomain, _ known: DomainGrants?
  ) {
    let alone = ReviewGroup(reviewClass: .program, key: group.key, observations: [observation])
    var choices = ChoiceMaker(maker: self, domain: domain, known: known, group: alone)
    var title = "starts \(observation.item.object)"
    if let path = observation.literal {
      let helper = observed.domains.first { $0.vm == domain.vm && $0.program == path && domain.helper == nil }
      choices.addProgram(path, observation.permissions, helper: helper?.helper)
      if let name = helper?.helper { title += ", as its helper \(name)" }
    }
    decisions.append(decision(alone, domain, choices, title: title))
  }

  private func decision(
    _ group: ReviewGroup, _ domain: ObservedDomain, _ made: ChoiceMaker, title: String, conflict: String? = nil
  ) -> ReviewDecision {
    var made = made
    made.addDenials()
    let choices = made.choices + [ReviewChoice(.skip, [])]
    let needs = domain.program.map { "\(domain.vm):program:\(ReviewID.part($0))" }
    let kind = conflict == nil ? group.reviewClass.rawValue : "conflict"
    return ReviewDecision(
      id: "\(domain.name):\(kind):\(group.key)", domain: domain.name,
      reviewClass: group.reviewClass, title: title, items: group.observations.map(\.item), choices: choices,
      suggested: made.suggested(conflict: conflict), warnings: made.warnings, conflict: conflict, needs: needs,
      digest: ReviewID.digest(of: choices, conflict))
  }

  private static func title(_ group: ReviewGroup) -> String {
    let count = group.observations.count
    let files = count == 1 ? group.observations[0].item.object : "\(count) files in \(group.key)"
    return switch group.reviewClass {
    case .abstraction, .program: group.key
    case .object: "changes \(files)"
    case .image: "reads \(files)"
    case .temporary: "makes or uses files with names of one run"
    case .socket: "unix sockets: \(files)"
    case .device: "uses the device \(group.observations[0].item.object)"
    case .system: "reads \(count == 1 ? files : "\(count) files of the host below \(group.key)")"
    case .anonymous: "uses files without a path"
    case .network: "uses the network: " + (count == 1 ? files : "\(count) addresses")
    case .capability: "uses capabilities"
    case .signal: "signals other processes"
    case .descriptor: "takes descriptors that come in"
    case .other: "did what no rule of this version can allow"
    }
  }
}
