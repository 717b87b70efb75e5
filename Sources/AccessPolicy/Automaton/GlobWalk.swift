// SPDX-License-Identifier: Apache-2.0

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
  /// The glob with each value of binding replaced by any that it could be.
  var withoutValues: Glob {
    values.isEmpty ? self : replacingValues { Self.shape(of: $0) }
  }

  /// The glob for one VM: its name in place of `@{vm}`.
  func with(vm name: String) -> Glob {
    values.isEmpty ? self : replacingValues { $0 == .vm ? [.literal(Array(name.utf8))] : [.value($0)] }
  }

  private func replacingValues(_ replacement: (Value) -> [Element]) -> Glob {
    Glob(root: root, elements: Self.replacingValues(in: elements, replacement))
  }

  private static func replacingValues(in elements: [Element], _ replacement: (Value) -> [Element]) -> [Element] {
    elements.flatMap { (element: Element) -> [Element] in
      switch element {
      case .value(let value): return replacement(value)
      case .alternatives(let parts): return [.alternatives(parts.map { replacingValues(in: $0, replacement) })]
      default: return [element]
      }
    }
  }

  private static func shape(of value: Value) -> [Element] {
    let digits = Array("0123456789".utf8)
    let letters = Array("abcdefghijklmnopqrstuvwxyz".utf8)
    switch value {
    case .domid: return [.one(ByteSet(digits)), .many(ByteSet(digits))]
    case .uuid: return [Element](repeating: .one(ByteSet(digits + "abcdef-".utf8)), count: 36)
    case .vm:
      let name = ByteSet(digits + letters + "ABCDEFGHIJKLMNOPQRSTUVWXYZ._-".utf8)
      return [.one(name), .many(name)]
    }
  }
}
