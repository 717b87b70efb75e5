// SPDX-License-Identifier: Apache-2.0

/// Asks one glob of one path at a time; many paths of many globs are for automata.
public struct GlobMatcher: Sendable {
  /// What a glob has to do with a path.
  public struct Answer: Sendable, Hashable {
    /// It matches the path.
    public let isMatch: Bool
    /// It may match something that begins with the path.
    public let mayContinue: Bool
  }

  private let prefix: [UInt8]
  private let isLiteral: Bool
  private let start: [Int]
  /// Of each node: whether it is the end, and where it leads by which bytes.
  private let ends: [Bool]
  private let steps: [[(set: ByteSet, targets: [Int])]]

  /// Prepares a glob; what is put in at binding is matched by any name of its kind.
  public init(_ glob: Glob) {
    prefix = glob.prefix
    isLiteral = glob.isLiteral
    let walk = GlobWalk(glob)
    var numbers: [UInt32: Int] = [:]
    var nodes: [UInt32] = []
    func number(_ node: UInt32) -> Int {
      if let known = numbers[node] { return known }
      numbers[node] = nodes.count
      nodes.append(node)
      return nodes.count - 1
    }
    start = isLiteral ? [] : walk.closure(walk.start).map(number)
    var ends: [Bool] = []
    var steps: [[(set: ByteSet, targets: [Int])]] = []
    while steps.count < nodes.count {
      let node = nodes[steps.count]
      ends.append(walk.isEnd(node))
      steps.append(walk.steps(node).map { ($0.set, walk.closure($0.target).map(number)) })
    }
    self.ends = ends
    self.steps = steps
  }

  /// Looks at a path.
  public func match(_ path: [UInt8]) -> Answer {
    if isLiteral {
      return Answer(isMatch: path == prefix, mayContinue: path.count < prefix.count && prefix.starts(with: path))
    }
    guard prefix.starts(with: path) || path.starts(with: prefix) else {
      return Answer(isMatch: false, mayContinue: false)
    }
    var current = start
    for byte in path {
      var next: [Int] = []
      for node in current {
        for step in steps[node] where step.set.contains(byte) {
          for target in step.targets where !next.contains(target) { next.append(target) }
        }
      }
      current = next
      if current.isEmpty { break }
    }
    return Answer(
      isMatch: current.contains { ends[$0] }, mayContinue: current.contains { !steps[$0].isEmpty })
  }
}
