// SPDX-License-Identifier: Apache-2.0

public import AccessPolicy
public import EventLog

/// What was learned, as a tree: VM, its helpers, processes below the processes that began them, classes, folders, objects.
///
/// Its depth has no bound: nodes name their children by number, and nothing that builds or walks it calls itself.
public struct EventTree: Sendable {
  /// What a node stands for.
  public enum Kind: String, Hashable, Sendable, Codable {
    case vm, helper, process, `class`, folder, object

    /// Where it stands among its neighbours.
    var rank: Int {
      switch self {
      case .vm, .class, .folder, .object: 0
      case .process: 1
      case .helper: 2
      }
    }
  }

  /// A node.
  public struct Node: Sendable {
    /// What it stands for.
    public let kind: Kind
    /// Its name: of a folder or an object below one, what its path adds to that of the node above.
    public internal(set) var name: UntrustedText
    /// The node above; nil for a VM.
    public internal(set) var parent: Int?
    /// The nodes below.
    public internal(set) var children: [Int] = []
    /// Of an object: what was done with it, as places in ``LearnedAccesses/entries``.
    public internal(set) var accesses: [Int] = []
    /// What was done here and below.
    public internal(set) var permissions: PathPermissions = []
    /// How often, and when, here and below.
    public internal(set) var tally = AccessTally()

    init(_ kind: Kind, _ name: UntrustedText, parent: Int?) {
      self.kind = kind
      self.name = name
      self.parent = parent
    }
  }

  /// All nodes.
  public private(set) var nodes: [Node] = []
  /// The VMs.
  public private(set) var roots: [Int] = []

  /// Nodes and how far below a VM they stand, each before what is below it.
  public var inOrder: [(node: Int, depth: Int)] {
    var order: [(node: Int, depth: Int)] = []
    var open = roots.reversed().map { (node: $0, depth: 0) }
    while let next = open.popLast() {
      order.append(next)
      for child in nodes[next.node].children.reversed() { open.append((child, next.depth + 1)) }
    }
    return order
  }

  /// Builds the tree of what a log says.
  ///
  /// - Parameter vm: Only this VM; nil for all.
  public init(_ log: AccessLog, vm: UntrustedText? = nil) {
    var builder = EventTreeBuilder(log, vm: vm)
    builder.build()
    nodes = builder.nodes
    roots = builder.roots
  }
}

/// Puts the tree together.
struct EventTreeBuilder {
  private struct Below: Hashable {
    let parent: Int?
    let kind: EventTree.Kind
    let name: UntrustedText
  }

  /// An object's accesses in one place of the tree.
  private struct Item {
    let label: UntrustedText
    let isPath: Bool
    var accesses: [Int] = []
    var tally = AccessTally()
  }

  private struct ItemKey: Hashable {
    let classNode: Int
    let object: AccessedObject
  }

  private let log: AccessLog
  private let vm: UntrustedText?
  private(set) var nodes: [EventTree.Node] = []
  private(set) var roots: [Int] = []
  private var known: [Below: Int] = [:]
  /// The nodes of processes, by their place in the log's list.
  private var placedProcesses: [Int: Int] = [:]
  private var items: [ItemKey: Item] = [:]
  private var order: [Int: [ItemKey]] = [:]

  init(_ log: AccessLog, vm: UntrustedText?) {
    self.log = log
    self.vm = vm
  }

  mutating func build() {
    for (number, entry) in log.learned.entries.enumerated() {
      if let vm, vm != entry.access.subject.vm { continue }
      let places = log.placed[number] ?? [-1: entry.tally]
      for (node, tally) in places.sorted(by: { $0.key < $1.key }) {
        add(number, entry.access, tally, to: process(node, entry.access.subject))
      }
    }
    for classNode in order.keys.sorted() { addObjects(below: classNode) }
    for node in nodes.indices { sortChildren(of: node) }
    roots.sort { Self.isBefore(nodes[$0].name, nodes[$1].name) }
    sum()
  }

  private mutating func node(_ kind: EventTree.Kind, _ name: UntrustedText, below parent: Int?) -> Int {
    let key = Below(parent: parent, kind: kind, name: name)
    if let node = known[key] { return node }
    let node = append(kind, name, below: parent)
    known[key] = node
    return node
  }

  private mutating func append(_ kind: EventTree.Kind, _ name: UntrustedText, below parent: Int?) -> Int {
    nodes.append(EventTree.Node(kind, name, parent: parent))
    if let parent { nodes[parent].children.append(nodes.count - 1) } else { roots.append(nodes.count - 1) }
    return nodes.count - 1
  }

  /// The node of a process: at the top of its domain, or below the one that began it.
  private mutating func process(_ place: Int, _ subject: AccessSubject) -> Int {
    guard place >= 0 else { return process(subject, below: nil) }
    // Up to the first one that has its node, and down again.
    var chain: [Int] = []
    var next: Int? = place
    while let number = next, placedProcesses[number] == nil {
      chain.append(number)
      next = log.nodes[number].parent
    }
    for number in chain.reversed() {
      let parent = log.nodes[number].parent
      placedProcesses[number] = process(log.nodes[number].subject, below: parent)
    }
    return placedProcesses[place] ?? process(subject, below: nil)
  }

  private mutating func process(_ subject: AccessSubject, below parent: Int?) -> Int {
    let inDomain = parent.map { log.nodes[$0].subject.helper } ?? 0
    var above = parent.flatMap { placedProcesses[$0] } ?? node(.vm, subject.vm, below: nil)
    if subject.helper != inDomain { above = node(.helper, UntrustedText("helper \(subject.helper)"), below: above) }
    return node(.process, subject.program ?? UntrustedText("?"), below: above)
  }

  private mutating func add(_ number: Int, _ access: LearnedAccess, _ tally: AccessTally, to process: Int) {
    let classNode = node(.class, UntrustedText(access.object.accessClass), below: process)
    let key = ItemKey(classNode: classNode, object: access.object)
    if items[key] == nil {
      items[key] = Item(label: access.object.label, isPath: access.object.isPath)
      order[classNode, default: []].append(key)
    }
    items[key]?.accesses.append(number)
    items[key]?.tally.add(tally)
  }

  /// Puts a class's objects below it, those with paths below the folders that they share.
  private mutating func addObjects(below classNode: Int) {
    let all = (order[classNode] ?? []).compactMap { items[$0] }
    for item in all where !item.isPath { addObject(item, below: classNode, named: item.label) }
    let paths = all.filter(\.isPath).sorted { Self.isBefore($0.label, $1.label) }
    // The folders that are open, with how many bytes of the path they stand for; the last may be an object.
    var open: [(node: Int, length: Int)] = [(classNode, 0)]
    var before: UntrustedText?
    for item in paths {
      let shared = before.map { Self.sharedFolder($0, item.label) } ?? 0
      var child: Int?
      while let last = open.last, last.length > shared {
        child = last.node
        open.removeLast()
      }
      if let child, let above = open.last, above.length < shared {
        open.append((insertFolder(item.label, above.length..<shared, above: child, below: above.node), shared))
      }
      guard let above = open.last else { continue }
      let object = addObject(item, below: above.node, named: UntrustedText(item.label.bytes[above.length...]))
      open.append((object, .max))
      before = item.label
    }
  }

  @discardableResult
  private mutating func addObject(_ item: Item, below parent: Int, named name: UntrustedText) -> Int {
    let object = append(.object, name, below: parent)
    nodes[object].accesses = item.accesses
    nodes[object].tally = item.tally
    for number in item.accesses {
      nodes[object].permissions.formUnion(log.learned.entries[number].access.permissions)
    }
    return object
  }

  /// Puts a folder between a node and the one above it.
  private mutating func insertFolder(
    _ path: UntrustedText, _ range: Range<Int>, above child: Int, below parent: Int
  ) -> Int {
    let folder = append(.folder, UntrustedText(path.bytes[range]), below: parent)
    // The child was the last one before the folder came.
    nodes[parent].children.remove(at: nodes[parent].children.count - 2)
    nodes[child].parent = folder
    nodes[child].name = UntrustedText(nodes[child].name.bytes[range.count...])
    nodes[folder].children.append(child)
    return folder
  }

  /// How many bytes two paths share, up to and with a slash.
  private static func sharedFolder(_ one: UntrustedText, _ other: UntrustedText) -> Int {
    var shared = 0
    for (place, (byte, otherByte)) in zip(one.bytes, other.bytes).enumerated() {
      guard byte == otherByte else { break }
      if byte == UInt8(ascii: "/") { shared = place + 1 }
    }
    return shared
  }

  /// By bytes, a slash before all others: what a folder holds stands together.
  private static func isBefore(_ one: UntrustedText, _ other: UntrustedText) -> Bool {
    func rank(_ byte: UInt8) -> UInt8 { byte == UInt8(ascii: "/") ? 0 : byte }
    return one.bytes.lazy.map(rank).lexicographicallyPrecedes(other.bytes.lazy.map(rank))
  }

  /// By name; the processes that a process began stand behind its classes, and helpers behind a VM's own processes.
  private mutating func sortChildren(of node: Int) {
    nodes[node].children = nodes[node].children.sorted { one, other in
      let (rank, otherRank) = (nodes[one].kind.rank, nodes[other].kind.rank)
      if rank != otherRank { return rank < otherRank }
      return Self.isBefore(nodes[one].name, nodes[other].name)
    }
  }

  /// Adds up what is below each node.
  private mutating func sum() {
    var order: [Int] = []
    var open = roots
    while let node = open.popLast() {
      order.append(node)
      open += nodes[node].children
    }
    for node in order.reversed() {
      guard let parent = nodes[node].parent else { continue }
      nodes[parent].tally.add(nodes[node].tally)
      nodes[parent].permissions.formUnion(nodes[node].permissions)
    }
  }
}

extension AccessedObject {
  /// Whether it has its place among the folders.
  var isPath: Bool {
    switch self {
    case .path(let path): path.bytes.first == UInt8(ascii: "/")
    case .mount(let path): path?.bytes.first == UInt8(ascii: "/")
    case .noPath, .anonymous, .other: false
    }
  }

  /// What it is called below its class.
  public var label: UntrustedText {
    switch self {
    case .path(let path): path
    case .noPath: UntrustedText("(no path)")
    case .anonymous(let kind): UntrustedText(kind)
    case .mount(let path): path ?? UntrustedText("(no path)")
    case .other(_, let fields):
      UntrustedText(fields.map { Array("\($0.key)=".utf8) + $0.value.bytes }.joined(separator: [0x20]))
    }
  }
}
