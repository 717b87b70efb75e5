// SPDX-License-Identifier: Apache-2.0

/// Pairs of globs that may match one path: one's literal beginning begins the other's.
///
/// Sorted by their beginnings, those that can meet with one stand on a stack when its turn comes: what cannot meet by
/// its beginning is never compared.
enum PrefixPairs {
  /// Calls with the indices of each pair, the shorter beginning first, until it says no.
  static func forEach(_ globs: [Glob], _ body: (Int, Int) -> Bool) {
    let prefixes = globs.map(\.prefix)
    let order = globs.indices.sorted { one, other in
      prefixes[one] == prefixes[other] ? one < other : prefixes[one].lexicographicallyPrecedes(prefixes[other])
    }
    var stack: [Int] = []
    for index in order {
      let prefix = prefixes[index]
      while let last = stack.last, !prefix.starts(with: prefixes[last]) { stack.removeLast() }
      for other in stack where globs[other].root == globs[index].root {
        guard GlobIntersection.couldMeet(globs[other], globs[index]) else { continue }
        if !body(other, index) { return }
      }
      stack.append(index)
    }
  }
}
