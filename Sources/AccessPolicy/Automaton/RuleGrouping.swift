// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

/// Spreads rules over as few automata as keep small, and says which rules are to blame when none does.
///
/// Literal paths, and rules with one wildcard, add up; it is rules with two that multiply each other. So those are
/// spread, each to where it adds least, and the others stay together.
struct RuleGrouping {
  /// Automata at most.
  let most: Int
  let helperCount: Int
  /// States that a set of rules may have whatever its size.
  let freeStates: Int
  /// States for each node of the rules: what does not multiply stays far below.
  private static let statesPerNode = 8
  /// Above this many rules with two wildcards they are dealt out in turn, untried.
  private static let tried = 128
  /// Rules that are looked at, pair by pair, for whom to blame, and the states that a pair is followed to.
  private static let blamed = 24
  private static let blamedStates = 4_096

  private typealias Entry = PathCompiler.Entry

  /// A set of rules that becomes one automaton.
  private struct Group {
    var entries: [PathCompiler.Entry] = []
    /// States before they are minimised.
    var size = 0
  }

  func compile(_ entries: [PathCompiler.Entry], _ commands: inout CommandSets) throws(PolicyError) -> [PathAutomaton] {
    // A lookup in one is the cheapest, as long as that one is not much larger than several would be.
    if let one = try automaton(entries, &commands, freeStates: freeStates / 4) { return [one] }
    let loose = entries.filter { Self.isLoose($0) }
    let plain = entries.filter { !Self.isLoose($0) }
    var automata: [PathAutomaton] = []
    if !plain.isEmpty {
      guard let one = try automaton(plain, &commands) else { throw blame(plain, &commands) }
      automata.append(one)
    }
    guard let groups = spread(loose, over: most - automata.count, commands) else { throw blame(loose, &commands) }
    for group in groups {
      guard let one = try automaton(group.entries, &commands) else { throw blame(group.entries, &commands) }
      automata.append(one)
    }
    return automata
  }

  /// Rules that say where programs run stay together: which of two counts is settled within one automaton.
  private static func isLoose(_ entry: Entry) -> Bool {
    if entry.rule.path?.verb == .exec, !entry.rule.isDenial { return false }
    let looseness = entry.glob.looseness
    return looseness.across + looseness.within >= 2
  }

  /// Puts each rule, the loosest first, where it adds little, else where it is alone, else where it adds least; nil when
  /// one fits nowhere.
  private func spread(_ entries: [Entry], over most: Int, _ commands: CommandSets) -> [Group]? {
    if entries.isEmpty { return [] }
    if most < 1 { return nil }
    let order = entries.indices.sorted {
      let (left, right) = (entries[$0].glob.looseness, entries[$1].glob.looseness)
      return (-left.across, -left.within, $0) < (-right.across, -right.within, $1)
    }
    var groups: [Group] = []
    for (turn, index) in order.enumerated() {
      let entry = entries[index]
      if order.count > Self.tried {
        if groups.count < most { groups.append(Group()) }
        groups[turn % most].entries.append(entry)
        continue
      }
      guard let alone = states([entry], commands) else { return nil }
      var best: (group: Int, size: Int)?
      for (number, group) in groups.enumerated() {
        guard let size = states(group.entries + [entry], commands) else { continue }
        if best.map({ size - group.size < $0.size - groups[$0.group].size }) ?? true { best = (number, size) }
        if size - group.size <= 2 * alone { break }
      }
      if best.map({ $0.size - groups[$0.group].size > 2 * alone }) ?? true, groups.count < most {
        groups.append(Group(entries: [entry], size: alone))
      } else if let best {
        groups[best.group].entries.append(entry)
        groups[best.group].size = best.size
      } else {
        return nil
      }
    }
    return groups
  }

  // MARK: - one automaton

  /// The automaton of some rules; nil when it is over the budget.
  private func automaton(
    _ entries: [Entry], _ commands: inout CommandSets, freeStates: Int? = nil
  ) throws(PolicyError) -> PathAutomaton? {
    var accepts = AcceptTable(commands: commands)
    guard let raw = construct(entries, &accepts, freeStates: freeStates) else { return nil }
    commands = accepts.commands
    let dfa = Minimiser.run(raw)
    do throws(PackedDFA.Problem) {
      let packed = try PackedDFA(dfa, accepts: accepts, helperCount: helperCount)
      return PathAutomaton(dfa: dfa, accepts: accepts.accepts, packed: packed)
    } catch {
      let what = error == .bytes ? "more bytes than the kernel takes" : "too many different sets of permissions"
      throw PolicyError([
        Diagnostic(.limit, at: entries[0].rule.location, "the rules from here on make an automaton with \(what)")
      ])
    }
  }

  private func construct(
    _ entries: [Entry], _ accepts: inout AcceptTable, freeStates: Int? = nil, most: Int? = nil
  ) -> DFA? {
    var nfa = NFA()
    var starts = [[UInt32]](repeating: [], count: Glob.Root.allCases.count)
    for entry in entries {
      starts[entry.glob.root.rawValue].append(nfa.add(entry.glob, accept: accepts.number(of: entry.accept)))
    }
    let budget = most ?? (freeStates ?? self.freeStates) + Self.statesPerNode * nfa.count
    return SubsetConstruction.run(nfa, starts: starts, accepts: &accepts, budget: budget)
  }

  /// How many states some rules make before they are minimised; nil when over the budget.
  private func states(_ entries: [Entry], _ commands: CommandSets, most: Int? = nil) -> Int? {
    var accepts = AcceptTable(commands: commands)
    return construct(entries, &accepts, most: most)?.count
  }

  // MARK: - over the budget

  /// Names the two rules that make the most of each other.
  private func blame(_ entries: [Entry], _ commands: inout CommandSets) -> PolicyError {
    let suspects = entries.sorted {
      let (left, right) = ($0.glob.looseness, $1.glob.looseness)
      return (left.across, left.within) > (right.across, right.within)
    }.prefix(Self.blamed)
    var worst: (one: Entry, other: Entry, states: Int)?
    for (index, entry) in suspects.enumerated() {
      for other in suspects.prefix(index) {
        let states = self.states([other, entry], commands, most: Self.blamedStates) ?? .max
        if states > worst?.states ?? 0 { worst = (other, entry, states) }
      }
    }
    let message =
      "the wildcards of the domain's rules multiply each other to more states than \(most) automata may have"
      + "; expected fewer wildcards in one rule, or more of the path before them"
    guard let worst else {
      return PolicyError([Diagnostic(.limit, at: entries[0].rule.location, message)])
    }
    let ordered = worst.one.rule.location.key.offset <= worst.other.rule.location.key.offset
    let (first, second) = ordered ? (worst.one, worst.other) : (worst.other, worst.one)
    return PolicyError([
      Diagnostic(
        .limit, at: second.rule.location, message,
        notes: [Diagnostic.Note("it does so most with the rule \(first.rule.text)", at: first.rule.location.place)])
    ])
  }
}
