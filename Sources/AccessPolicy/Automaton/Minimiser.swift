// SPDX-License-Identifier: Apache-2.0

/// Makes the smallest automaton that answers alike.
///
/// Where no cycle is involved, states are merged from the end on in one pass. Only the states on cycles and between
/// them, the loops of the wildcards, need to be told apart by refinement. A state behind which cycles come never
/// equals one behind which none does: one goes on for ever, the other does not.
struct Minimiser {
  private let dfa: DFA
  private let count: Int
  /// The number of a state in the result; 0 for those that have none yet, and for the dead one.
  private var numbers: ContiguousArray<UInt32>
  private var result = DFA()
  private var table = FlatTable()

  static func run(_ dfa: DFA) -> DFA {
    var minimiser = Minimiser(dfa: dfa)
    return minimiser.run()
  }

  private init(dfa: DFA) {
    self.dfa = dfa
    count = dfa.count
    numbers = ContiguousArray(repeating: 0, count: dfa.count)
  }

  private mutating func run() -> DFA {
    result.appendState(others: 0, accept: 0)
    let (before, isBefore) = statesBeforeCycles()
    let rest = (1..<count).filter { !isBefore[$0] }
    if !rest.isEmpty {
      let (after, core) = split(rest, isBefore)
      for state in after { number(state) }
      CoreRefinement.run(dfa, core: core, numbers: &numbers, into: &result, table: &table)
    }
    for state in before.reversed() { number(Int(state)) }
    result.starts = dfa.starts.map { numbers[Int($0)] }
    return result
  }

  /// Gives a state, whose targets have their numbers, that of an equal one or a new one.
  private mutating func number(_ state: Int) {
    let others = numbers[Int(dfa.others[state])]
    for edge in dfa.edges(state) {
      let target = numbers[Int(dfa.edgeTargets[edge])]
      if DFA.isNeeded(dfa.edgeBytes[edge], target, others: others) { result.appendEdge(dfa.edgeBytes[edge], target) }
    }
    numbers[state] = result.internOpenState(others: others, accept: dfa.accepts[state], in: &table)
  }

  private func forEachTarget(_ state: Int, _ body: (Int) -> Void) {
    if dfa.others[state] != 0 { body(Int(dfa.others[state])) }
    for edge in dfa.edges(state) where dfa.edgeTargets[edge] != 0 { body(Int(dfa.edgeTargets[edge])) }
  }

  /// The states that no cycle leads to, each before those that it leads to.
  private func statesBeforeCycles() -> (order: ContiguousArray<UInt32>, isBefore: [Bool]) {
    var incoming = ContiguousArray<UInt32>(repeating: 0, count: count)
    for state in 1..<max(1, count) { forEachTarget(state) { incoming[$0] += 1 } }
    var order: ContiguousArray<UInt32> = []
    order.reserveCapacity(count)
    var isBefore = [Bool](repeating: false, count: count)
    for state in 1..<max(1, count) where incoming[state] == 0 {
      order.append(UInt32(state))
      isBefore[state] = true
    }
    var next = 0
    while next < order.count {
      forEachTarget(Int(order[next])) { target in
        incoming[target] -= 1
        if incoming[target] == 0 {
          order.append(UInt32(target))
          isBefore[target] = true
        }
      }
      next += 1
    }
    return (order, isBefore)
  }

  /// Of the states that cycles lead to: those that lead to none, each behind those that it leads to, and the others.
  private func split(_ states: [Int], _ isBefore: [Bool]) -> (after: [Int], core: [Int]) {
    var outgoing: [Int: Int] = [:]
    var sources: [Int: [Int]] = [:]
    for state in states {
      outgoing[state] = 0
      forEachTarget(state) { target in
        outgoing[state, default: 0] += 1
        sources[target, default: []].append(state)
      }
    }
    var after = states.filter { outgoing[$0] == 0 }
    var next = 0
    while next < after.count {
      for source in sources[after[next]] ?? [] {
        outgoing[source, default: 0] -= 1
        if outgoing[source] == 0 { after.append(source) }
      }
      next += 1
    }
    return (after, states.filter { (outgoing[$0] ?? 0) > 0 })
  }
}

extension DFA {
  /// Makes a state of the edges appended last, unless there is an equal one.
  mutating func internOpenState(others: UInt32, accept: UInt32, in table: inout FlatTable) -> UInt32 {
    var hash = Hash()
    hash.add(others)
    hash.add(accept)
    let open = openEdges
    for edge in open {
      hash.add(UInt32(edgeBytes[edge]))
      hash.add(edgeTargets[edge])
    }
    let value = hash.value
    let found = table.find(value) { number in
      let state = Int(number)
      let own = edges(state)
      guard self.others[state] == others, accepts[state] == accept, own.count == open.count else { return false }
      for (one, other) in zip(own, open)
      where edgeBytes[one] != edgeBytes[other] || edgeTargets[one] != edgeTargets[other] { return false }
      return true
    }
    if found != 0 {
      dropOpenEdges()
      return found
    }
    appendState(others: others, accept: accept)
    table.insert(UInt32(count - 1), value)
    return UInt32(count - 1)
  }
}
