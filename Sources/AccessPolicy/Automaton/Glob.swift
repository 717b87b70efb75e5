// SPDX-License-Identifier: Apache-2.0

/// A path, or a pattern of paths, as the rules of access have it: what `policies/GRAMMAR.md` calls a pattern.
public struct Glob: Sendable, Hashable {
  /// Where the path begins.
  public enum Root: Int, Sendable, Hashable, CaseIterable {
    /// At the root of the file system.
    case path = 0
    /// At a folder that was handed in when the VM was bound: `@{vmdir}`.
    case vmDirectory = 1
    /// An abstract unix socket's name, without its leading NUL.
    case abstract = 2
  }

  /// A value that is known only when a VM is bound.
  public enum Value: UInt8, Sendable, Hashable, CaseIterable {
    /// `@{vm}` in a template: the VM's name.
    case vm = 1
    /// `@{uuid}`: its UUID.
    case uuid = 2
    /// `@{domid}`: the number that libvirt gives to each start.
    case domid = 3

    /// The variable's name.
    public var name: String {
      switch self {
      case .vm: "vm"
      case .uuid: "uuid"
      case .domid: "domid"
      }
    }
  }

  indirect enum Element: Sendable, Hashable {
    /// These bytes.
    case literal([UInt8])
    /// One byte of a set.
    case one(ByteSet)
    /// Any number of bytes of a set.
    case many(ByteSet)
    /// One of several.
    case alternatives([[Element]])
    /// What is put in at binding.
    case value(Value)
  }

  /// Where it begins.
  public let root: Root
  let elements: [Element]

  init(root: Root, elements: [Element]) {
    self.root = root
    self.elements = elements
  }

  /// The glob that matches exactly one path.
  public init(literal bytes: [UInt8], root: Root = .path) {
    self.init(root: root, elements: bytes.isEmpty ? [] : [.literal(bytes)])
  }

  /// The bytes that every path that it matches begins with.
  var prefix: [UInt8] {
    if case .literal(let bytes) = elements.first { bytes } else { [] }
  }

  /// The bytes that every path that it matches ends with.
  var suffix: [UInt8] {
    if case .literal(let bytes) = elements.last { bytes } else { [] }
  }

  /// Whether it matches one path only.
  public var isLiteral: Bool { elements.isEmpty || elements.count == 1 && elements[0].isLiteral }

  /// The values of binding in it.
  public var values: Set<Value> { Self.values(in: elements) }

  private static func values(in elements: [Element]) -> Set<Value> {
    elements.reduce(into: []) { found, element in
      switch element {
      case .value(let value): found.insert(value)
      case .alternatives(let parts): for part in parts { found.formUnion(values(in: part)) }
      default: break
      }
    }
  }

  /// How many stretches of any length are in it that may reach over a `/`, and how many that may not. What makes
  /// automata large is several of the first kind in several rules.
  var looseness: (across: Int, within: Int) { Self.looseness(of: elements) }

  private static func looseness(of elements: [Element]) -> (across: Int, within: Int) {
    elements.reduce(into: (0, 0)) { sum, element in
      switch element {
      case .many(let set): if set.contains(ByteSet.slash) { sum.0 += 1 } else { sum.1 += 1 }
      case .alternatives(let parts):
        for part in parts {
          let inner = looseness(of: part)
          sum.0 += inner.across
          sum.1 += inner.within
        }
      default: break
      }
    }
  }
}

extension Glob.Element {
  var isLiteral: Bool { if case .literal = self { true } else { false } }
}
