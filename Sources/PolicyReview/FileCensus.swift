// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import TrustPolicy

/// Counts the files that exist and that rules would newly admit.
///
/// The walk is bounded: a person is to see that a pattern is wide, not to wait for how wide exactly.
struct FileCensus {
  let root: FileRoot
  /// Names that are looked at for one choice, at most.
  var mostNames = 20_000
  /// Folders inside folders that are entered, at most.
  var deepest = 24

  /// Files that some permission is new on, beyond what is allowed already and what was seen.
  func newlyAdmitted(by rules: DomainGrants, besides known: DomainGrants?, seen: Set<[UInt8]>) -> FileCount {
    var walk = Walk(census: self, rules: rules, known: known, seen: seen)
    let globs = rules.domain.rules.compactMap { $0.isDenial ? nil : $0.path?.glob }.filter { $0.root == .path }
    let folders = Set(globs.filter { !$0.isLiteral }.map(\.folder)).sorted { $0.lexicographicallyPrecedes($1) }
    var entered: [[UInt8]] = []
    for folder in folders where !entered.contains(where: { folder.starts(with: $0 + [PathBytes.slash]) || $0.isEmpty })
    {
      entered.append(folder)
      walk.enter(folder, depth: 0)
    }
    for glob in Set(globs.filter(\.isLiteral)) { walk.look(at: glob) }
    return walk.found
  }

  private struct Walk {
    let census: FileCensus
    let rules: DomainGrants
    let known: DomainGrants?
    var seen: Set<[UInt8]>
    var found = FileCount()
    private var names = 0

    init(census: FileCensus, rules: DomainGrants, known: DomainGrants?, seen: Set<[UInt8]>) {
      self.census = census
      self.rules = rules
      self.known = known
      self.seen = seen
    }

    mutating func enter(_ folder: [UInt8], depth: Int) {
      guard depth < census.deepest else {
        found.isComplete = false
        return
      }
      for name in census.root.names(in: folder) {
        names += 1
        guard names <= census.mostNames else {
          found.isComplete = false
          return
        }
        let path = folder + [PathBytes.slash] + name
        // What a link leads to is another path, which is met where it is.
        guard let file = try? census.root.resolve(path), file.path == path else { continue }
        if file.kind != .folder {
          count(path)
        } else if rules.reaches(below: path) {
          enter(path, depth: depth + 1)
        }
        if names > census.mostNames { return }
      }
    }

    /// A rule without wildcards is about one file.
    mutating func look(at glob: Glob) {
      guard let path = glob.literalPath, let file = try? census.root.resolve(path), file.path == path,
        file.kind != .folder
      else { return }
      count(path)
    }

    private mutating func count(_ path: [UInt8]) {
      guard !seen.contains(path) else { return }
      let new = rules.granted(path).subtracting(known?.granted(path) ?? []).subtracting([.own, .temporary])
      guard !new.isEmpty else { return }
      seen.insert(path)
      found.count += 1
    }
  }
}
