// SPDX-License-Identifier: Apache-2.0

/// Finds a path that two globs both match.
enum GlobIntersection {
  /// A shortest path that both match, or nil when there is none.
  ///
  /// A value that is put in at binding counts as one or more bytes of a name. The work is at most the product of the
  /// globs' lengths.
  static func example(_ one: Glob, _ other: Glob) -> [UInt8]? {
    guard one.root == other.root, couldMeet(one, other) else { return nil }
    var search = Search(one, other)
    return search.run()
  }

  /// A quick no: their literal beginnings or ends differ.
  static func couldMeet(_ one: Glob, _ other: Glob) -> Bool {
    if one.isLiteral, other.isLiteral { return one.prefix == other.prefix }
    let (left, right) = (one.prefix, other.prefix)
    guard left.count < right.count ? right.starts(with: left) : left.starts(with: right) else { return false }
    let (head, tail) = (one.suffix, other.suffix)
    return head.count < tail.count
      ? tail.reversed().starts(with: head.reversed()) : head.reversed().starts(with: tail.reversed())
  }

  private struct Search {
    private let left: GlobWalk
    private let right: GlobWalk
    /// Pairs that were reached, each with the pair before it and the byte between them.
    private var found: [Pair] = []
    private var seen: Set<UInt64> = []

    private struct Pair {
      let left: UInt32
      let right: UInt32
      let before: Int
      let byte: UInt8
    }

    init(_ one: Glob, _ other: Glob) {
      left = GlobWalk(one)
      right = GlobWalk(other)
    }

    mutating func run() -> [UInt8]? {
      reach(left.start, right.start, before: -1, byte: 0)
      var next = 0
      while next < found.count {
        let pair = found[next]
        if left.isEnd(pair.left), right.isEnd(pair.right) { return path(to: next) }
        for (set, target) in left.steps(pair.left) {
          for (otherSet, otherTarget) in right.steps(pair.right) {
            guard let byte = set.intersection(otherSet).example else { continue }
            reach(target, otherTarget, before: next, byte: byte)
          }
        }
        next += 1
      }
      return nil
    }

    private mutating func reach(_ one: UInt32, _ other: UInt32, before: Int, byte: UInt8) {
      for first in left.closure(one) {
        for second in right.closure(other) where seen.insert(UInt64(first) << 32 | UInt64(second)).inserted {
          found.append(Pair(left: first, right: second, before: before, byte: byte))
        }
      }
    }

    private func path(to index: Int) -> [UInt8] {
      var bytes: [UInt8] = []
      var index = index
      while found[index].before >= 0 {
        bytes.append(found[index].byte)
        index = found[index].before
      }
      return bytes.reversed()
    }
  }
}

/// One glob as an automaton to be walked node by node.
struct GlobWalk {
  let nfa: NFA
  let start: UInt32

  init(_ glob: Glob) {
    var nfa = NFA()
    start = nfa.add(glob.withoutValues, accept: 0)
    self.nfa = nfa
  }

  func isEnd(_ node: UInt32) -> Bool { nfa.kind(node) == .accept }

  /// The node itself, and those that it leads to without a byte; splits are left out.
  func closure(_ node: UInt32) -> [UInt32] {
    var nodes: [UInt32] = []
    var waiting = [node]
    while let node = waiting.popLast() {
      switch nfa.kind(node) {
      case .split: waiting += [nfa.alternatives[Int(node)], nfa.nexts[Int(node)]]
      case .loop:
        nodes.append(node)
        waiting.append(nfa.nexts[Int(node)])
      case .accept, .byte, .set: nodes.append(node)
      }
    }
    return nodes
  }

  /// Where a node leads by which bytes.
  func steps(_ node: UInt32) -> [(set: ByteSet, target: UInt32)] {
    let argument = nfa.argument(node)
    switch nfa.kind(node) {
    case .accept, .split: return []
    case .byte:
      var set = ByteSet()
      set.insert(UInt8(truncatingIfNeeded: argument))
      return [(set, nfa.nexts[Int(node)])]
    case .set: return [(nfa.sets[Int(argument)], nfa.nexts[Int(node)])]
    case .loop: return [(nfa.sets[Int(argument)], node)]
    }
  }
}

extension Glob {
  /// The glob with each value of binding replaced by any name.
  var withoutValues: Glob {
    values.isEmpty ? self : Glob(root: root, elements: Self.withoutValues(elements))
  }

  private static func withoutValues(_ elements: [Element]) -> [Element] {
    elements.flatMap { (element: Element) -> [Element] in
      switch element {
      case .value: return [.one(.anyButSlash), .many(.anyButSlash)]
      case .alternatives(let parts): return [.alternatives(parts.map(withoutValues))]
      default: return [element]
      }
    }
  }
}
