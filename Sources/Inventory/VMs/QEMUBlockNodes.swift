// SPDX-License-Identifier: Apache-2.0

/// The block nodes of a command line: each may stand upon others, by name or within its own option.
struct QEMUBlockNodes {
  /// One option that defines a node, with those that stand within it.
  struct Definition {
    let options: QEMUOptions
    let place: VMPlace
  }

  private(set) var all: [(name: String, definition: Definition)] = []
  private var named: [String: Definition] = [:]
  /// Names of nodes that some disk was found to stand upon, or that are none.
  private(set) var visited: Set<String> = []
  private var visits = 0

  mutating func add(_ options: QEMUOptions, _ place: VMPlace) {
    let name = options.text("node-name") ?? ""
    let definition = Definition(options: options, place: place)
    all.append((name, definition))
    if !name.isEmpty { named[name] = definition }
  }

  /// The node of a name, which counts as visited from now on.
  mutating func visit(_ name: String) -> Definition? {
    visited.insert(name)
    return named[name]
  }

  /// Whether one more node may be looked at: nodes may be named by many others, each of which may be, too.
  mutating func mayVisit(depth: Int) -> Bool {
    visits += 1
    return depth < Self.deepest && visits <= Self.mostVisits
  }

  /// Names that other nodes stand upon.
  var used: Set<String> {
    var names: Set<String> = []
    for (_, node) in all { Self.collect(node.options, "", depth: 0, into: &names) }
    return names
  }

  private static let children = ["file", "backing", "data-file", "image", "target", "bottom"]
  private static let deepest = 64
  private static let mostVisits = 10_000

  private static func collect(_ options: QEMUOptions, _ prefix: String, depth: Int, into names: inout Set<String>) {
    guard depth < deepest else { return }
    for child in children {
      let key = prefix + child
      if let name = options.peek(key) { names.insert(name) }
      if options.hasKeys(below: key) { collect(options, key + ".", depth: depth + 1, into: &names) }
    }
  }
}
