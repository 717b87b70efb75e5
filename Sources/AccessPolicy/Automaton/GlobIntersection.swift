// SPDX-License-Identifier: Apache-2.0

/// Finds a path that two globs both match and others do not.
///
/// The globs are walked side by side, the excluded ones as the set of places where they can be at a time. What is put
/// in at binding is walked as any name of its kind.
struct GlobIntersection {
  /// Pairs of places that are looked at before the search is given up.
  private static let mostPairs = 200_000

  enum Answer: Equatable {
    /// A shortest such path.
    case example([UInt8])
    /// There is none.
    case none
    /// It took too long to tell.
    case unknown
  }

  private let left: GlobWalk
  private let right: GlobWalk
  private let excluded: [GlobWalk]
  private var found: [Pair] = []
  private var seen: Set<Key> = []
  private var sets: [[Place]] = []
  private var setNumbers: [[Place]: Int] = [:]

  private struct Pair {
    let left: UInt32
    let right: UInt32
    /// Where the excluded globs can be, by number.
    let set: Int
    let before: Int
    let byte: UInt8
  }

  private struct Key: Hashable {
    let pair: UInt64
    let set: Int
  }

  /// A node of one of the excluded globs.
  private struct Place: Hashable, Comparable {
    let glob: Int
    let node: UInt32
    static func < (one: Self, other: Self) -> Bool { (one.glob, one.node) < (other.glob, other.node) }
  }

  /// A shortest path that both match and none of the others; nil when there is none, or none was found in time.
  static func example(_ one: Glob, _ other: Glob, excluding excluded: [Glob] = []) -> [UInt8]? {
    if case .example(let path) = search(one, other, excluding: excluded) { path } else { nil }
  }

  /// Whether a glob matches only what another matches, as far as can be told.
  static func isWithin(_ narrow: Glob, _ wide: Glob) -> Bool {
    guard narrow.root == wide.root, couldMeet(narrow, wide) else { return false }
    return search(narrow, narrow, excluding: [wide]) == .none
  }

  static func search(_ one: Glob, _ other: Glob, excluding: [Glob] = []) -> Answer {
    guard one.root == other.root, couldMeet(one, other) else { return .none }
    var search = GlobIntersection(one, other, excluding.filter { $0.root == one.root && couldMeet(one, $0) })
    return search.run()
  }

  /// A quick no: their literal beginnings or ends differ.
  static func couldMeet(_ one: Glob, _ other: Glob) -> Bool {
    if one.isLiteral, other.isLiteral { return one.prefix == other.prefix }
    let (left, right) = (one.prefix, other.prefix)
    guard left.count < right.count ? right.starts(with: left) : left.starts(with: right) else { return false }
    let (head, tail) = (one.suffix, other.suffix)
    return head.count < tail.count
      ? tail.suffix(head.count).elementsEqual(head) : head.suffix(tail.count).elementsEqual(tail)
  }

  private init(_ one: Glob, _ other: Glob, _ excluded: [Glob]) {
    left = GlobWalk(one)
    right = GlobWalk(other)
    self.excluded = excluded.map { GlobWalk($0) }
  }

  private mutating func run() -> Answer {
    var first: [Place] = []
    for (index, walk) in excluded.enumerated() {
      first += walk.closure(walk.start).map { Place(glob: index, node: $0) }
    }
    reach(left.start, right.start, set: number(of: Set(first).sorted()), before: -1, byte: 0)
    var next = 0
    while next < found.count {
      if next > Self.mostPairs { return .unknown }
      let pair = found[next]
      let isExcluded = sets[pair.set].contains { excluded[$0.glob].isEnd($0.node) }
      if !isExcluded, left.isEnd(pair.left), right.isEnd(pair.right) { return .example(path(to: next)) }
      for (set, target) in left.steps(pair.left) {
        for (otherSet, otherTarget) in right.steps(pair.right) {
          for byte in examples(set.intersection(otherSet), sets[pair.set]) {
            reach(target, otherTarget, set: after(byte, sets[pair.set]), before: next, byte: byte)
          }
        }
      }
      next += 1
    }
    return .none
  }

  /// One byte of a set for each way in which the excluded globs treat its bytes.
  private func examples(_ set: ByteSet, _ places: [Place]) -> [UInt8] {
    if places.isEmpty { return set.example.map { [$0] } ?? [] }
    var mentioned = ByteSet()
    for place in places {
      for step in excluded[place.glob].steps(place.node) { mentioned.formUnion(step.set.mentioned) }
    }
    var bytes: [UInt8] = []
    set.intersection(mentioned).forEach { bytes.append($0) }
    return (set.subtracting(mentioned).example.map { [$0] } ?? []) + bytes
  }

  private mutating func after(_ byte: UInt8, _ places: [Place]) -> Int {
    var next: Set<Place> = []
    for place in places {
      let walk = excluded[place.glob]
      for step in walk.steps(place.node) where step.set.contains(byte) {
        for node in walk.closure(step.target) { next.insert(Place(glob: place.glob, node: node)) }
      }
    }
    return number(of: next.sorted())
  }

  private mutating func number(of places: [Place]) -> Int {
    if let number = setNumbers[places] { return number }
    sets.append(places)
    setNumbers[places] = sets.count - 1
    return sets.count - 1
  }

  private mutating func reach(_ one: UInt32, _ other: UInt32, set: Int, before: Int, byte: UInt8) {
    for first in left.closure(one) {
      for second in right.closure(other) {
        let key = Key(pair: UInt64(first) << 32 | UInt64(second), set: set)
        guard seen.insert(key).inserted else { continue }
        found.append(Pair(left: first, right: second, set: set, before: before, byte: byte))
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
