// SPDX-License-Identifier: Apache-2.0

/// Merges the states of an automaton that lie on cycles or between them: all with one accept are taken for equal, and
/// those that turn out to differ are parted, until none does (Moore, 1956).
///
/// Each round looks at every state whose block has another member; there are as many rounds as bytes are needed to
/// tell the two most alike apart.
struct CoreRefinement {
  private let dfa: DFA
  private let core: [Int]
  private let numbers: ContiguousArray<UInt32>
  /// The block of a state of the core, from 1; 0 for states elsewhere.
  private var blocks: ContiguousArray<UInt32>
  private var blockCount = 0

  /// - Parameter numbers: In: of the states that cycles lead to and that lead to none. Out: of the core too.
  static func run(
    _ dfa: DFA, core: [Int], numbers: inout ContiguousArray<UInt32>, into result: inout DFA, table: inout FlatTable
  ) {
    if core.isEmpty { return }
    var refinement = CoreRefinement(dfa: dfa, core: core, numbers: numbers)
    while refinement.refine() {}
    refinement.write(&numbers, into: &result, &table)
  }

  private init(dfa: DFA, core: [Int], numbers: ContiguousArray<UInt32>) {
    self.dfa = dfa
    self.core = core
    self.numbers = numbers
    blocks = ContiguousArray(repeating: 0, count: dfa.count)
    for state in core { blocks[state] = 1 }
    blockCount = 1
  }

  /// Where a target lies as far as is known: its block, or its number in the result.
  @inline(__always)
  private func place(_ target: UInt32) -> UInt32 {
    let block = blocks[Int(target)]
    return block != 0 ? block << 1 | 1 : numbers[Int(target)] << 1
  }

  /// Parts the blocks once; false when nothing changed.
  private mutating func refine() -> Bool {
    var table = FlatTable(capacity: blockCount)
    var firsts: [Int] = []
    var next = blocks
    for state in core {
      let value = hash(state)
      let found = table.find(value) { isAlike(state, firsts[Int($0) - 1]) }
      if found != 0 {
        next[state] = found
      } else {
        firsts.append(state)
        next[state] = UInt32(firsts.count)
        table.insert(UInt32(firsts.count), value)
      }
    }
    blocks = next
    defer { blockCount = firsts.count }
    return firsts.count != blockCount
  }

  private func hash(_ state: Int) -> UInt64 {
    var hash = Hash()
    let others = place(dfa.others[state])
    hash.add(blocks[state])
    hash.add(dfa.accepts[state])
    hash.add(others)
    for edge in dfa.edges(state) {
      let target = place(dfa.edgeTargets[edge])
      guard DFA.isNeeded(dfa.edgeBytes[edge], target, others: others) else { continue }
      hash.add(UInt32(dfa.edgeBytes[edge]))
      hash.add(target)
    }
    return hash.value
  }

  private func isAlike(_ one: Int, _ other: Int) -> Bool {
    let others = place(dfa.others[one])
    guard blocks[one] == blocks[other], dfa.accepts[one] == dfa.accepts[other], place(dfa.others[other]) == others
    else { return false }
    var left = dfa.edges(one)
    var right = dfa.edges(other)
    while true {
      let edge = nextEdge(&left, others)
      let match = nextEdge(&right, others)
      guard let edge, let match else { return edge == match }
      guard dfa.edgeBytes[edge] == dfa.edgeBytes[match],
        place(dfa.edgeTargets[edge]) == place(dfa.edgeTargets[match])
      else { return false }
    }
  }

  /// The next edge that does not lead where all other bytes lead.
  @inline(__always)
  private func nextEdge(_ edges: inout Range<Int>, _ others: UInt32) -> Int? {
    while let edge = edges.first {
      edges = (edge + 1)..<edges.upperBound
      if DFA.isNeeded(dfa.edgeBytes[edge], place(dfa.edgeTargets[edge]), others: others) { return edge }
    }
    return nil
  }

  /// One state for each block; they get their numbers first, since they lead to each other.
  private func write(_ numbers: inout ContiguousArray<UInt32>, into result: inout DFA, _ table: inout FlatTable) {
    let first = UInt32(result.count)
    var examples = [Int](repeating: 0, count: blockCount)
    for state in core {
      numbers[state] = first + blocks[state] - 1
      examples[Int(blocks[state]) - 1] = state
    }
    for state in examples {
      let others = numbers[Int(dfa.others[state])]
      for edge in dfa.edges(state) {
        let target = numbers[Int(dfa.edgeTargets[edge])]
        if DFA.isNeeded(dfa.edgeBytes[edge], target, others: others) { result.appendEdge(dfa.edgeBytes[edge], target) }
      }
      // No equal one can be there: it would have been of the same block.
      _ = result.internOpenState(others: others, accept: dfa.accepts[state], in: &table)
    }
  }
}
