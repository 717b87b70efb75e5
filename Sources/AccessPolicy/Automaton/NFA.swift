// SPDX-License-Identifier: Apache-2.0

/// The automaton of many globs. Nodes are hash-consed from the end of the globs on, so that globs which end alike share
/// their ends: ten thousand rules `/srv/vmN/diskN-*.qcow2` have one `*.qcow2` between them.
struct NFA {
  enum Kind: UInt32 {
    /// The path ends here; the argument is what it may be used for.
    case accept
    /// One byte, the argument.
    case byte
    /// One byte of a set, the argument.
    case set
    /// Any number of bytes of a set, the argument.
    case loop
    /// Either of two.
    case split
  }

  private(set) var heads: ContiguousArray<UInt32> = []
  private(set) var nexts: ContiguousArray<UInt32> = []
  private(set) var alternatives: ContiguousArray<UInt32> = []
  private(set) var sets: [ByteSet] = []
  private var setIndices: [ByteSet: UInt32] = [:]
  private var table = FlatTable()

  var count: Int { heads.count }

  @inline(__always)
  func kind(_ node: UInt32) -> Kind { Kind(rawValue: heads[Int(node)] >> 24) ?? .accept }

  @inline(__always)
  func argument(_ node: UInt32) -> UInt32 { heads[Int(node)] & 0xFF_FFFF }

  /// Adds a glob that ends with this accept number; returns the node where it begins.
  mutating func add(_ glob: Glob, accept: UInt32) -> UInt32 {
    add(glob.elements, before: node(.accept, accept, 0))
  }

  private mutating func add(_ elements: [Glob.Element], before end: UInt32) -> UInt32 {
    var next = end
    for element in elements.reversed() {
      switch element {
      case .literal(let bytes): for byte in bytes.reversed() { next = node(.byte, UInt32(byte), next) }
      case .one(let set): next = node(.set, index(of: set), next)
      case .many(let set): next = node(.loop, index(of: set), next)
      case .value(let value):
        // No path holds a NUL: the pair stands for what is put in at binding.
        next = node(.byte, 0, node(.byte, UInt32(value.rawValue), next))
      case .alternatives(let parts):
        var branch: UInt32?
        for part in parts.reversed() {
          let start = add(part, before: next)
          branch = branch.map { $0 == start ? start : node(.split, 0, start, $0) } ?? start
        }
        next = branch ?? next
      }
    }
    return next
  }

  private mutating func index(of set: ByteSet) -> UInt32 {
    if let index = setIndices[set] { return index }
    let index = UInt32(sets.count)
    sets.append(set)
    setIndices[set] = index
    return index
  }

  private mutating func node(_ kind: Kind, _ argument: UInt32, _ next: UInt32, _ alternative: UInt32 = 0) -> UInt32 {
    let head = kind.rawValue << 24 | argument
    var hash = Hash()
    hash.add(head)
    hash.add(next)
    hash.add(alternative)
    let value = hash.value
    let found = table.find(value) { number in
      let index = Int(number - 1)
      return heads[index] == head && nexts[index] == next && alternatives[index] == alternative
    }
    if found != 0 { return found - 1 }
    heads.append(head)
    nexts.append(next)
    alternatives.append(alternative)
    table.insert(UInt32(count), value)
    return UInt32(count - 1)
  }
}
