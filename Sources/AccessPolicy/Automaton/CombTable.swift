// SPDX-License-Identifier: Apache-2.0

/// Rows of edges pushed into each other: the edge of a state for a byte is the cell at the state's base plus the byte,
/// and the cell says whose it is (row displacement; Tarjan and Yao, 1979).
struct CombTable {
  struct Cell {
    var owner: UInt32 = 0
    var next: UInt32 = 0
  }

  private(set) var cells: ContiguousArray<Cell> = []
  /// No cell before this one is free.
  private var firstFree = 0
  /// Free cells that are tried for one row before it goes to the end.
  private static let attempts = 256

  /// Places the edges of a state; the bytes ascend.
  ///
  /// - Returns: The base.
  mutating func place(_ owner: UInt32, _ edges: [(byte: UInt8, next: UInt32)]) -> UInt32 {
    guard let first = edges.first else { return 0 }
    var at = max(firstFree, Int(first.byte))
    var attempts = 0
    while at < cells.count {
      if cells[at].owner == 0 {
        if fits(at - Int(first.byte), edges) { break }
        attempts += 1
        if attempts == Self.attempts {
          at = cells.count
          break
        }
      }
      at += 1
    }
    let base = at - Int(first.byte)
    let end = base + Int(edges[edges.count - 1].byte) + 1
    if end > cells.count { cells.append(contentsOf: repeatElement(Cell(), count: end - cells.count)) }
    for edge in edges { cells[base + Int(edge.byte)] = Cell(owner: owner, next: edge.next) }
    while firstFree < cells.count, cells[firstFree].owner != 0 { firstFree += 1 }
    return UInt32(base)
  }

  private func fits(_ base: Int, _ edges: [(byte: UInt8, next: UInt32)]) -> Bool {
    for edge in edges {
      let index = base + Int(edge.byte)
      if index < cells.count, cells[index].owner != 0 { return false }
    }
    return true
  }
}
