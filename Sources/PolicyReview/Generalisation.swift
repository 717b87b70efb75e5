// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy

/// Wider rules in place of those for single files: suggestions, to be counted and checked before they are offered.
struct Generalisation {
  let vm: String
  let verb: String
  let observations: [Observation]

  /// Each suggestion's statements, from narrow to wide.
  var suggestions: [[String]] {
    let literal = observations.filter { $0.literal != nil && Self.isDeepEnough(PathBytes.folder(of: $0.paths[0])) }
    guard !literal.isEmpty else { return [] }
    let others = observations.filter { observation in
      !literal.contains { $0.object == observation.object }
    }
    let kept = others.flatMap { observation in
      observation.pattern.map { RuleText.rules($0, observation.permissions, verb) } ?? []
    }
    var found: [[String]] = []
    for strategy in [named, ending, folder, below] {
      guard let rules = strategy(literal), !found.contains(rules + kept) else { continue }
      found.append(rules + kept)
    }
    return found
  }

  /// Two folders at least stand before the first wildcard, and none in which everybody makes files.
  private static func isDeepEnough(_ folder: [UInt8]) -> Bool {
    let folders = OneOffNames.temporaryFolders + ["/proc", "/dev", "/sys"]
    return PathBytes.components(folder).count >= 2 && !PathBytes.isBelow(folder + [PathBytes.slash], folders)
  }

  private typealias Strategy = ([Observation]) -> [String]?

  /// Files whose names begin with the VM's, and a mark behind it: `web1.*` is not `web10.img`.
  private func named(_ seen: [Observation]) -> [String]? {
    merged(seen) { path in
      let name = PathBytes.name(of: path)
      let begin = Array(vm.utf8)
      guard name.starts(with: begin), name.count > begin.count, "._-".utf8.contains(name[begin.count]) else {
        return nil
      }
      let head = PathBytes.folder(of: path) + [PathBytes.slash] + begin + [name[begin.count]]
      return PathPattern([.literal(head), .star])
    }
  }

  /// Files of one ending, in the folders that were seen.
  private func ending(_ seen: [Observation]) -> [String]? {
    merged(seen) { path in
      let name = PathBytes.name(of: path)
      let head: PathPattern.Piece = .literal(PathBytes.folder(of: path) + [PathBytes.slash])
      let parts = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      if parts.dropFirst().contains(where: { $0.elementsEqual("so".utf8) }) {
        return PathPattern([head, .star, .literal(Array(".so".utf8)), .star])
      }
      guard parts.count > 1, let last = parts.last, !last.isEmpty, !parts[0].isEmpty,
        last.allSatisfy(PathBytes.isAlphanumeric)
      else { return nil }
      return PathPattern([head, .star, .literal([UInt8(ascii: ".")] + last)])
    }
  }

  private func folder(_ seen: [Observation]) -> [String]? {
    merged(seen) { path in
      PathPattern([.literal(PathBytes.folder(of: path) + [PathBytes.slash]), .star])
    }
  }

  /// All below the folder that they have in common.
  private func below(_ seen: [Observation]) -> [String]? {
    var common = PathBytes.components(PathBytes.folder(of: seen[0].paths[0]))
    for observation in seen.dropFirst() {
      let other = PathBytes.components(PathBytes.folder(of: observation.paths[0]))
      common = Array(zip(common, other).prefix { $0 == $1 }.map(\.0))
    }
    let folder = common.flatMap { [PathBytes.slash] + $0 }
    guard Self.isDeepEnough(folder) else { return nil }
    return merged(seen) { _ in PathPattern([.literal(folder + [PathBytes.slash]), .deep]) }
  }

  /// One rule for each pattern, with all that was done with its files; nil when a file has none.
  private func merged(_ seen: [Observation], _ pattern: ([UInt8]) -> PathPattern?) -> [String]? {
    var order: [PathPattern] = []
    var permissions: [PathPattern: PathPermissions] = [:]
    for observation in seen {
      guard let wide = pattern(observation.paths[0]) else { return nil }
      if permissions[wide] == nil { order.append(wide) }
      permissions[wide, default: []].formUnion(observation.permissions)
    }
    return order.flatMap { RuleText.rules($0, permissions[$0] ?? [], verb) }
  }
}
