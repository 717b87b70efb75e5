// SPDX-License-Identifier: Apache-2.0

/// A deterministic automaton. State 0 is dead. A state has one target for every byte that it does not name, and edges
/// for those that it does, in ascending order; byte 0 is never covered by the former.
struct DFA {
  /// Where each root begins, by ``Glob/Root``.
  var starts: [UInt32] = Array(repeating: 0, count: Glob.Root.allCases.count)
  private(set) var others: ContiguousArray<UInt32> = []
  private(set) var accepts: ContiguousArray<UInt32> = []
  private var edgeStarts: ContiguousArray<UInt32> = [0]
  private(set) var edgeBytes: ContiguousArray<UInt8> = []
  private(set) var edgeTargets: ContiguousArray<UInt32> = []

  var count: Int { others.count }

  func edges(_ state: Int) -> Range<Int> { Int(edgeStarts[state])..<Int(edgeStarts[state + 1]) }

  /// Adds an edge of the state that is appended next.
  mutating func appendEdge(_ byte: UInt8, _ target: UInt32) {
    edgeBytes.append(byte)
    edgeTargets.append(target)
  }

  /// Ends the state whose edges were appended.
  mutating func appendState(others target: UInt32, accept: UInt32) {
    others.append(target)
    accepts.append(accept)
    edgeStarts.append(UInt32(edgeBytes.count))
  }

  /// The edges that were appended and belong to no state yet.
  var openEdges: Range<Int> { Int(edgeStarts[count])..<edgeBytes.count }

  mutating func dropOpenEdges() {
    let excess = openEdges.count
    edgeBytes.removeLast(excess)
    edgeTargets.removeLast(excess)
  }

  /// Whether an edge says something that its state does not say of all bytes anyway.
  @inline(__always)
  static func isNeeded(_ byte: UInt8, _ target: UInt32, others: UInt32) -> Bool {
    byte == 0 ? target != 0 : target != others
  }

  func target(_ state: UInt32, _ byte: UInt8) -> UInt32 {
    for edge in edges(Int(state)) where edgeBytes[edge] == byte { return edgeTargets[edge] }
    return byte == 0 ? 0 : others[Int(state)]
  }
}
