// SPDX-License-Identifier: Apache-2.0

public import PolicyText

/// Makes the automata of a policy's domains out of their rules about paths.
///
/// A domain has at most ``automataLimit`` of them, whose answers are joined; a denial in one counts for all. The rules
/// of included files that say nothing of one VM are compiled once and shared by all domains that include the same ones.
public struct PathCompiler {
  /// Automata that a path is looked up in, at most.
  public static let automataLimit = 4

  /// The automata of one domain; the first ``sharedCount`` are shared with other domains.
  public struct Domain: Sendable {
    /// The automata.
    public let automata: [PathAutomaton]
    /// How many of them are shared.
    public let sharedCount: Int

    /// What its rules say of a path.
    public func look(up path: some Sequence<UInt8>, root: Glob.Root = .path) -> PathAnswer {
      var answer = PathAnswer()
      for automaton in automata { automaton.look(up: path, root: root, into: &answer) }
      return answer
    }
  }

  /// A rule on its way into an automaton.
  struct Entry {
    let glob: Glob
    let accept: Accept
    let rule: AccessRule
  }

  /// Every set of ioctl commands that an automaton names, by its number.
  public var commandSets: [CommandSet] { commands.sets }

  private let policy: AccessPolicy
  private let freeStates: Int
  private var commands = CommandSets()
  private var shared: [[Location.Key]: [PathAutomaton]] = [:]

  /// Begins to compile a policy.
  ///
  /// - Parameter freeStates: States that one automaton may have, however few rules it is of.
  public init(_ policy: AccessPolicy, freeStates: Int = 8_192) {
    self.policy = policy
    self.freeStates = freeStates
  }

  /// Compiles one domain.
  ///
  /// - Throws: PolicyError that names two rules, when together they make too large an automaton or send a program to
  ///   two helpers.
  public mutating func compile(_ domain: AccessDomain) throws(PolicyError) -> Domain {
    let rules = domain.rules.filter { $0.path != nil }
    try HelperConflicts.check(rules)
    let hasHelpers = rules.contains { $0.path?.helper != nil }
    // Which of an exact and a wide exec rule counts is settled within one automaton.
    let isShared = { (rule: AccessRule) in rule.isShared && !(hasHelpers && rule.path?.verb == .exec) }
    let helpers = domain.helpers(in: policy)
    let common = try compileShared(rules.filter(isShared))
    let own = rules.filter { !isShared($0) }.compactMap { entry($0, helpers) }
    let room = Self.automataLimit - common.count
    let grouping = RuleGrouping(most: room, helperCount: helpers.count, freeStates: freeStates)
    return Domain(
      automata: common + (own.isEmpty ? [] : try grouping.compile(own, &commands)), sharedCount: common.count)
  }

  /// The number of a set of ioctl commands that a rule without a path names, from 1; 0 for none.
  mutating func number(of set: CommandSet) -> UInt32 { commands.number(of: set) }

  private mutating func compileShared(_ rules: [AccessRule]) throws(PolicyError) -> [PathAutomaton] {
    if rules.isEmpty { return [] }
    let key = rules.map(\.location.key)
    if let known = shared[key] { return known }
    let entries = rules.compactMap { entry($0, []) }
    // At least one is left for a domain's own rules.
    let automata = try RuleGrouping(most: Self.automataLimit - 1, helperCount: 0, freeStates: freeStates)
      .compile(entries, &commands)
    shared[key] = automata
    return automata
  }

  private mutating func entry(_ rule: AccessRule, _ helpers: [String]) -> Entry? {
    guard let path = rule.path else { return nil }
    var accept = Accept()
    let permissions = path.packedPermissions
    switch rule.effect {
    case .allow: accept.allow = permissions
    case .audit:
      accept.allow = permissions
      accept.audit = permissions
    case .deny: accept.deny = permissions
    case .denyQuietly: accept.quiet = permissions
    }
    if path.verb == .exec, !rule.isDenial {
      accept.isExactExec = path.glob.isLiteral
      if let helper = path.helper, let index = helpers.firstIndex(of: helper) { accept.helper = UInt32(index + 1) }
    }
    accept.commands = commands.number(of: path.commands)
    return Entry(glob: path.glob, accept: accept, rule: rule)
  }
}

extension AccessDomain {
  /// The names of the child domains that its programs may run in, in the order of their numbers from 1.
  public func helpers(in policy: AccessPolicy) -> [String] {
    let names: [Int] =
      switch kind {
      case .helper(let parent): policy.domains[parent].helpers
      default: helpers
      }
    return names.map { policy.domains[$0].shortName }
  }
}

extension Location {
  /// A place in a file that can be looked up.
  struct Key: Hashable {
    let source: ObjectIdentifier
    let offset: Int
  }

  var key: Key { Key(source: ObjectIdentifier(source), offset: range.lowerBound) }
}

/// Finds programs that two rules send to different helpers.
enum HelperConflicts {
  static func check(_ rules: [AccessRule]) throws(PolicyError) {
    let programs = rules.filter { $0.path?.verb == .exec && !$0.isDenial }
    guard programs.contains(where: { $0.path?.helper != nil }) else { return }
    for (index, rule) in programs.enumerated() {
      for other in programs[..<index] {
        guard let one = rule.path, let two = other.path, one.helper != two.helper,
          one.glob.isLiteral == two.glob.isLiteral, one.glob.isLiteral || one.helper != nil && two.helper != nil,
          let example = GlobIntersection.example(one.glob, two.glob)
        else { continue }
        throw PolicyError([
          Diagnostic(
            .contradiction, at: rule.location,
            "two rules send one program to different domains; expected one, or one that names the program itself",
            notes: [
              Diagnostic.Note("the other rule", at: other.location.place),
              Diagnostic.Note("both are about \(SafeText.render(example))"),
            ])
        ])
      }
    }
  }
}
