// SPDX-License-Identifier: Apache-2.0

internal import CMoor

/// The kernel's form of an automaton of paths: `struct moor_dfa_header` and what follows it, docs/formats.md.
///
/// A stretch of bytes without a branch and without an end in it is one state, a run: most of a path is such.
public struct PackedDFA: Sendable, Hashable {
  /// All bytes of it.
  public let bytes: [UInt8]
  /// States, runs counted once.
  public let stateCount: Int

  /// Why an automaton has no such form.
  enum Problem: Error {
    /// It says more than MOOR_DFA_ACCEPTS_MAX different things.
    case accepts
    /// It has more than MOOR_DFA_BYTES_MAX bytes.
    case bytes
  }

  init(_ dfa: DFA, accepts: AcceptTable, helperCount: Int) throws(Problem) {
    var packer = Packer(dfa, accepts)
    try packer.pack()
    bytes = packer.encoded(helperCount: UInt32(helperCount))
    stateCount = packer.states.count
    if bytes.count > Int(MOOR_DFA_BYTES_MAX) { throw .bytes }
  }
}

extension PackedDFA {
  /// Any bytes, for tests of who reads them.
  init(unchecked bytes: [UInt8]) {
    self.bytes = bytes
    stateCount = 0
  }
}

private struct Packer {
  struct State {
    var base: UInt32 = 0
    var others: UInt32 = 0
    var run: UInt16 = 0
    var accept: UInt16 = 0
  }

  private let dfa: DFA
  private let table: AcceptTable
  private(set) var states: ContiguousArray<State> = [State()]
  private var comb = CombTable()
  private var accepts: [Accept] = [Accept()]
  private var strings: [UInt8] = []
  private var starts: [UInt32] = []
  /// The packed number of a state, 0 while it has none.
  private var numbers: ContiguousArray<UInt32>
  /// States that have a number, in its order.
  private var order: [Int] = [0]
  private var acceptNumbers: [UInt32: UInt16] = [0: 0]

  init(_ dfa: DFA, _ table: AcceptTable) {
    self.dfa = dfa
    self.table = table
    numbers = ContiguousArray(repeating: 0, count: dfa.count)
  }

  mutating func pack() throws(PackedDFA.Problem) {
    starts = dfa.starts.map { number(Int($0)) }
    var rows: [Int] = []
    var next = 1
    while next < order.count {
      try packState(next, &rows)
      next += 1
    }
    // Wide rows first, narrow ones into the holes they leave. Stable: equal policies have equal bytes.
    let widths = rows.map { dfa.edges(order[$0]).count }
    for index in rows.indices.sorted(by: { (-widths[$0], $0) < (-widths[$1], $1) }) {
      let state = rows[index]
      let edges = dfa.edges(order[state]).map { edge in
        (byte: dfa.edgeBytes[edge], next: numbers[Int(dfa.edgeTargets[edge])])
      }
      states[state].base = comb.place(UInt32(state), edges)
    }
  }

  private mutating func number(_ state: Int) -> UInt32 {
    if state == 0 { return 0 }
    if numbers[state] == 0 {
      numbers[state] = UInt32(order.count)
      order.append(state)
      states.append(State())
    }
    return numbers[state]
  }

  private mutating func packState(_ number: Int, _ rows: inout [Int]) throws(PackedDFA.Problem) {
    let state = order[number]
    states[number].accept = try accept(dfa.accepts[state])
    if packRun(number, from: state) { return }
    states[number].others = self.number(Int(dfa.others[state]))
    let edges = dfa.edges(state)
    for edge in edges { _ = self.number(Int(dfa.edgeTargets[edge])) }
    if !edges.isEmpty { rows.append(number) }
  }

  /// The only byte that leads on from a state, when there is one.
  private func onlyByte(_ state: Int) -> Int? {
    let edges = dfa.edges(state)
    return dfa.others[state] == 0 && edges.count == 1 ? edges.lowerBound : nil
  }

  private mutating func packRun(_ number: Int, from start: Int) -> Bool {
    guard onlyByte(start) != nil else { return false }
    let begin = strings.count
    var state = start
    while let edge = onlyByte(state), strings.count - begin < Int(MOOR_DFA_RUN_MAX),
      state == start || dfa.accepts[state] == 0
    {
      strings.append(dfa.edgeBytes[edge])
      state = Int(dfa.edgeTargets[edge])
    }
    states[number].base = UInt32(begin)
    states[number].run = UInt16(strings.count - begin)
    states[number].others = self.number(state)
    return true
  }

  private mutating func accept(_ number: UInt32) throws(PackedDFA.Problem) -> UInt16 {
    if let known = acceptNumbers[number] { return known }
    guard accepts.count < Int(MOOR_DFA_ACCEPTS_MAX) else { throw .accepts }
    let packed = UInt16(accepts.count)
    accepts.append(table[number])
    acceptNumbers[number] = packed
    return packed
  }

  func encoded(helperCount: UInt32) -> [UInt8] {
    // The highest in use: what other automata name says nothing of this one.
    let commandCount = accepts.map(\.commands).max() ?? 0
    let used =
      MemoryLayout<moor_dfa_header>.size + states.count * MemoryLayout<moor_dfa_state>.size + comb.cells.count
      * MemoryLayout<moor_dfa_cell>.size + accepts.count * MemoryLayout<moor_dfa_accept>.size + strings.count
    let size = (used + 7) & ~7
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size)
    func append(_ numbers: [UInt32]) { for number in numbers { withUnsafeBytes(of: number) { bytes += $0 } } }
    append([MOOR_DFA_MAGIC, UInt32(MOOR_DFA_VERSION), UInt32(size), UInt32(states.count), UInt32(comb.cells.count)])
    append([UInt32(accepts.count), UInt32(strings.count), helperCount, commandCount])
    append(starts)
    for state in states {
      append([state.base, state.others])
      withUnsafeBytes(of: state.run) { bytes += $0 }
      withUnsafeBytes(of: state.accept) { bytes += $0 }
    }
    for cell in comb.cells { append([cell.owner, cell.next]) }
    for accept in accepts {
      append([accept.allow.rawValue, accept.audit.rawValue, accept.deny.rawValue, accept.quiet.rawValue])
      append([accept.helper, accept.commands])
    }
    bytes += strings
    bytes += repeatElement(0, count: size - used)
    return bytes
  }
}
