// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import PolicyText

/// Makes the choices of one decision; what cannot be written, or meets another VM's object, is not offered.
struct ChoiceMaker {
  let maker: DecisionMaker
  let domain: ObservedDomain
  let known: DomainGrants?
  let group: ReviewGroup
  private(set) var choices: [ReviewChoice] = []
  private(set) var warnings: [String] = []

  init(maker: DecisionMaker, domain: ObservedDomain, known: DomainGrants?, group: ReviewGroup) {
    self.maker = maker
    self.domain = domain
    self.known = known
    self.group = group
  }

  /// The verb of what is done with files of a class.
  static func verb(_ reviewClass: ReviewClass, _ observation: Observation) -> String {
    switch reviewClass {
    case .object, .socket: "object"
    case .temporary: "temp"
    case .image: observation.permissions.isSubset(of: [.read, .map, .lock]) ? "shared" : "file"
    default: "file"
    }
  }

  func statements(_ observation: Observation, _ verb: String, prefix: String = "") -> [String] {
    switch observation.object {
    case .path(let pattern):
      RuleText.rules(pattern, observation.permissions, commands: observation.commands, verb, prefix: prefix)
    case .anonymous(let kind):
      prefix.isEmpty
        ? ["anon \(kind.rawValue)" + RuleText.ioctl(RuleText.names(of: observation.commands))]
        : ["\(prefix) anon \(kind.rawValue)"]
    case .statement(let words, _): prefix.isEmpty ? [words] : ["\(prefix) \(words)"]
    case .other: []
    }
  }

  /// Accept, generalise, make private, put in an abstraction.
  mutating func addAll() {
    guard group.reviewClass != .other else { return }
    add(.accept, group.observations.flatMap { statements($0, Self.verb(group.reviewClass, $0)) })
    if group.reviewClass == .temporary { warnOfTemporary() }
    if [.object, .image, .system].contains(group.reviewClass) { addGeneralisations() }
    if group.reviewClass == .image {
      add(.makePrivate, group.observations.flatMap { statements($0, "object") })
    }
    if [.system, .device, .anonymous, .image].contains(group.reviewClass) { addToAbstraction() }
  }

  private mutating func addGeneralisations() {
    let verb = group.observations.map { Self.verb(group.reviewClass, $0) }.max() ?? "file"
    let wide = Generalisation(vm: domain.vm, verb: verb, observations: group.observations)
    var number = 1
    for statements in wide.suggestions where add(.generalise(number), statements) { number += 1 }
  }

  private mutating func addToAbstraction() {
    let name = DecisionMaker.abstractionName(domain)
    let include = "include <\(name)>"
    guard maker.bench.domain([include], vm: domain.vm) != nil else { return }
    let shared = group.observations.flatMap { statements($0, Self.verb(group.reviewClass, $0)) }
    // Every VM that includes it gets these rules: no VM's own objects may be among them.
    guard let found = maker.bench.domain(shared, vm: domain.vm),
      !found.domain.rules.contains(where: { maker.claims.meeting($0, of: "") != nil })
    else { return }
    choices.append(ReviewChoice(.abstraction, [include], shared: shared, warnings: Self.secrets(found.domain)))
  }

  mutating func addProgram(_ path: [UInt8], _ permissions: PathPermissions, helper: String?) {
    let word = PathPattern(path).word
    var lines = ["exec \(word)" + (helper.map { " -> \($0)" } ?? "")]
    let more = permissions.subtracting([.execute, .map])
    lines += RuleText.rules(PathPattern(path), more, "file")
    // The helper's block is made with it, so that the line can be read only then.
    guard maker.bench.domain(["exec \(word)"], vm: domain.vm) != nil else { return }
    choices.append(ReviewChoice(.accept, lines, helper: helper))
    if helper != nil {
      warnings.append(
        "what the VM's own rules allow was not recorded for the helper: let it learn once more afterwards")
    }
  }

  /// Offers a choice, when its rules can be read and meet no other VM's object.
  @discardableResult
  mutating func add(_ kind: ReviewChoice.Kind, _ statements: [String]) -> Bool {
    let lines = Self.unique(statements)
    guard !lines.isEmpty, let found = maker.bench.domain(lines, vm: domain.vm) else { return false }
    for rule in found.domain.rules where maker.claims.meeting(rule, of: domain.vm) != nil { return false }
    var admits: FileCount?
    let isWide: Bool =
      switch kind {
      case .generalise, .abstraction: true
      default: false
      }
    if isWide, let grants = DomainGrants(found.policy, found.domain) {
      let seen = Set(group.observations.flatMap(\.paths))
      admits = maker.census.newlyAdmitted(by: grants, besides: known, seen: seen)
    }
    choices.append(ReviewChoice(kind, lines, admits: admits, warnings: Self.secrets(found.domain)))
    return true
  }

  mutating func addDenials() {
    guard group.reviewClass != .other else { return }
    for (kind, prefix) in [(ReviewChoice.Kind.deny, "deny"), (.denyQuietly, "deny quiet")] {
      let lines = Self.unique(group.observations.flatMap { statements($0, "file", prefix: prefix) })
      if !lines.isEmpty, maker.bench.domain(lines, vm: domain.vm) != nil { choices.append(ReviewChoice(kind, lines)) }
    }
  }

  func suggested(conflict: String?) -> String {
    guard conflict == nil else { return ReviewChoice(.skip, []).id }
    let safe = choices.filter(\.warnings.isEmpty)
    for kind in [ReviewChoice.Kind.abstraction, .makePrivate, .accept] {
      // Only what an abstraction covers already is put in one without being asked.
      if kind == .abstraction, group.reviewClass != .abstraction { continue }
      if kind == .makePrivate, !isUsedAlone { continue }
      if let choice = safe.first(where: { $0.kind == kind }) { return choice.id }
    }
    return ReviewChoice(.skip, []).id
  }

  /// To make something private is offered only where no other VM was seen to use it.
  private var isUsedAlone: Bool { choices.contains { $0.kind == .makePrivate } }

  private mutating func warnOfTemporary() {
    for observation in group.observations {
      let sockets: PathPermissions = [.unixListen, .unixConnect, .deviceRead, .deviceWrite]
      let left = observation.permissions.subtracting(RuleText.temporary).subtracting(sockets)
      if !left.isEmpty { warnings.append("temp does not allow \(left) on \(observation.item.object): it stays denied") }
    }
  }

  private static func secrets(_ domain: AccessDomain) -> [String] {
    unique(domain.rules.compactMap(\.secretReached))
  }

  private static func unique(_ lines: [String]) -> [String] {
    var seen: Set<String> = []
    return lines.filter { seen.insert($0).inserted }
  }
}
