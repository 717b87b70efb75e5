// SPDX-License-Identifier: Apache-2.0

/// Makes the deterministic automaton of an NFA: each state is a set of the NFA's nodes.
///
/// Most states of a policy are sets of one node, the rest of a literal path; they need no table. What a set does is
/// worked out once for each byte that one of its nodes mentions and once for all other bytes.
struct SubsetConstruction {
  private let nfa: NFA
  private let budget: Int
  private var accepts: AcceptTable
  private var dfa = DFA()
  private var members: ContiguousArray<UInt32> = []
  private var memberStarts: ContiguousArray<UInt32> = [0]
  private var table = FlatTable()
  /// The state that is the set of one node alone; 0 when there is none yet.
  private var alone: ContiguousArray<UInt32>
  /// The last gathering that took a node.
  private var stamps: ContiguousArray<UInt32>
  private var stamp: UInt32 = 0
  private var gathered: ContiguousArray<UInt32> = []
  private var waiting: [UInt32] = []

  /// What the nodes of the state in hand want: bytes, as a chain for each, and sets.
  private var chains = ContiguousArray<UInt32>(repeating: 0, count: 256)
  private var chainTargets: ContiguousArray<UInt32> = []
  private var chainNexts: ContiguousArray<UInt32> = []
  private var wide: [(set: ByteSet, target: UInt32)] = []

  /// Builds it.
  ///
  /// - Parameters:
  ///   - starts: The nodes where the rules of each root begin.
  ///   - budget: States at most.
  /// - Returns: nil when there would be more states.
  static func run(_ nfa: NFA, starts: [[UInt32]], accepts: inout AcceptTable, budget: Int) -> DFA? {
    var construction = SubsetConstruction(nfa: nfa, accepts: accepts, budget: budget)
    let isWithin = construction.run(starts)
    accepts = construction.accepts
    return isWithin ? construction.dfa : nil
  }

  private init(nfa: NFA, accepts: AcceptTable, budget: Int) {
    self.nfa = nfa
    self.accepts = accepts
    self.budget = budget
    alone = ContiguousArray(repeating: 0, count: nfa.count)
    stamps = ContiguousArray(repeating: 0, count: nfa.count)
  }

  private var stateCount: Int { memberStarts.count - 1 }

  private mutating func run(_ starts: [[UInt32]]) -> Bool {
    memberStarts.append(0)  // state 0 is the empty set
    for (root, nodes) in starts.enumerated() {
      begin()
      for node in nodes { take(node) }
      dfa.starts[root] = state()
    }
    dfa.appendState(others: 0, accept: 0)
    var next = 1
    while next < stateCount {
      if stateCount > budget { return false }
      expand(next)
      next += 1
    }
    return true
  }

  private mutating func begin() {
    stamp += 1
    gathered.removeAll(keepingCapacity: true)
  }

  /// Puts a node, and what is reached from it without a byte, into the set that is gathered.
  private mutating func take(_ node: UInt32) {
    var node = node
    while true {
      if stamps[Int(node)] != stamp {
        stamps[Int(node)] = stamp
        switch nfa.kind(node) {
        case .split:
          waiting.append(nfa.alternatives[Int(node)])
          node = nfa.nexts[Int(node)]
          continue
        case .loop:
          gathered.append(node)
          node = nfa.nexts[Int(node)]
          continue
        case .accept, .byte, .set:
          gathered.append(node)
        }
      }
      guard let other = waiting.popLast() else { return }
      node = other
    }
  }

  /// The state of the set that was gathered.
  private mutating func state() -> UInt32 {
    if gathered.isEmpty { return 0 }
    if gathered.count == 1 {
      let node = Int(gathered[0])
      if alone[node] == 0 { alone[node] = append() }
      return alone[node]
    }
    gathered.sort()
    var hash = Hash()
    for node in gathered { hash.add(node) }
    let value = hash.value
    let found = table.find(value) { number in
      let start = Int(memberStarts[Int(number)])
      let end = Int(memberStarts[Int(number) + 1])
      guard end - start == gathered.count else { return false }
      for index in 0..<gathered.count where members[start + index] != gathered[index] { return false }
      return true
    }
    if found != 0 { return found }
    let number = append()
    table.insert(number, value)
    return number
  }

  private mutating func append() -> UInt32 {
    members.append(contentsOf: gathered)
    memberStarts.append(UInt32(members.count))
    return UInt32(stateCount - 1)
  }

  private mutating func expand(_ state: Int) {
    let range = Int(memberStarts[state])..<Int(memberStarts[state + 1])
    if range.count == 1, expandSingle(members[range.lowerBound]) { return }
    var accept: UInt32 = 0
    var mentioned = ByteSet()
    var hasNul = false
    chainTargets.removeAll(keepingCapacity: true)
    chainNexts.removeAll(keepingCapacity: true)
    wide.removeAll(keepingCapacity: true)
    for index in range {
      let node = members[index]
      let argument = nfa.argument(node)
      switch nfa.kind(node) {
      case .accept: accept = accepts.union(accept, argument)
      case .byte:
        chainTargets.append(nfa.nexts[Int(node)])
        chainNexts.append(chains[Int(argument)])
        chains[Int(argument)] = UInt32(chainTargets.count)
        if argument == 0 { hasNul = true } else { mentioned.insert(UInt8(truncatingIfNeeded: argument)) }
      case .set:
        wide.append((nfa.sets[Int(argument)], nfa.nexts[Int(node)]))
        mentioned.formUnion(nfa.sets[Int(argument)].mentioned)
      case .loop:
        wide.append((nfa.sets[Int(argument)], node))
        mentioned.formUnion(nfa.sets[Int(argument)].mentioned)
      case .split: break
      }
    }
    begin()
    for entry in wide where entry.set.includesOthers { take(entry.target) }
    let others = self.state()
    if hasNul { follow(0, others: 0) }
    var bytes: [UInt8] = []
    mentioned.forEach { bytes.append($0) }
    for byte in bytes { follow(byte, others: others) }
    dfa.appendState(others: others, accept: accept)
  }

  /// The edge for one byte, unless it leads where all other bytes lead.
  private mutating func follow(_ byte: UInt8, others: UInt32) {
    begin()
    var link = chains[Int(byte)]
    chains[Int(byte)] = 0
    while link != 0 {
      take(chainTargets[Int(link) - 1])
      link = chainNexts[Int(link) - 1]
    }
    for entry in wide where entry.set.contains(byte) { take(entry.target) }
    let target = state()
    if target != others { dfa.appendEdge(byte, target) }
  }

  /// A set of one node that is a byte or an end: false when it is another.
  private mutating func expandSingle(_ node: UInt32) -> Bool {
    switch nfa.kind(node) {
    case .accept:
      dfa.appendState(others: 0, accept: nfa.argument(node))
      return true
    case .byte:
      begin()
      take(nfa.nexts[Int(node)])
      let target = state()
      dfa.appendEdge(UInt8(truncatingIfNeeded: nfa.argument(node)), target)
      dfa.appendState(others: 0, accept: 0)
      return true
    case .set, .loop, .split: return false
    }
  }
}
