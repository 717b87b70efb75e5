// SPDX-License-Identifier: Apache-2.0

public import AccessPolicy
public import PolicyText
public import TrustPolicy

extension AccessPolicy {
  /// Compares the rules about objects with a file system, where two paths may be one file: by hard links, symbolic links,
  /// bind mounts, two nodes of one device, and by what lies behind a qcow2 image.
  ///
  /// - Parameter raw: Images of which somebody knows that they are raw: what a guest writes at their beginning is no header.
  /// - Returns: An error for each pair of rules by which two VMs meet in one object that their text alone does not show; a
  ///   warning for a path that leads over a symbolic link and so never matches, for an image that cannot be followed or whose
  ///   VM may not read what lies behind it, and where not all was looked at. Empty when all are well.
  public func check(against root: FileRoot, raw: Set<[UInt8]> = [], limits: Limits = Limits()) -> [Diagnostic] {
    var check = ObjectFileCheck(self, root, raw: raw, most: limits.diagnostics)
    check.run()
    return check.diagnostics
  }
}

/// Finds objects in which two VMs meet, by what paths lead to.
struct ObjectFileCheck {
  /// Names that are looked at for all patterns together.
  static let mostNames = 200_000
  /// Folders inside folders that are entered.
  static let deepest = 24

  private(set) var diagnostics: [Diagnostic] = []
  private let policy: AccessPolicy
  private let root: FileRoot
  private let raw: Set<[UInt8]>
  private let most: Int
  private var names = 0
  private var isExhausted = false
  private var listings: [[UInt8]: [(path: [UInt8], file: FileRoot.File)]] = [:]
  private var reported: Set<[Int]> = []

  /// A rule that claims objects.
  private struct Holder {
    let rule: AccessRule
    let path: PathRule
    let claim: ObjectClaim
    /// The index of the VM's or template's domain; helpers count as their VM.
    let owner: Int
    let number: Int
    let denied: [GlobMatcher]
  }

  /// Rules with one path or pattern, two VMs of each claim: whoever meets with more of them meets with these.
  private struct Group {
    let glob: Glob
    var holders: [Holder] = []
  }

  /// A path of some rules, and what it leads to.
  private struct Entry {
    let path: [UInt8]
    let file: FileRoot.File
    let group: Int
  }

  private var groups: [Group] = []
  private var entries: [FileRoot.Identity: [Entry]] = [:]

  init(_ policy: AccessPolicy, _ root: FileRoot, raw: Set<[UInt8]>, most: Int) {
    self.policy = policy
    self.root = root
    self.raw = raw
    self.most = most
  }

  mutating func run() {
    collect()
    for index in groups.indices where groups[index].glob.isLiteral { lookUp(index) }
    // What is a VM's own is looked for first, should there be too much to look at all of it.
    let patterns = groups.indices.filter { !groups[$0].glob.isLiteral }
    for isReading in [false, true] {
      for index in patterns where groups[index].holders.allSatisfy({ $0.claim == .read }) == isReading { walk(index) }
    }
    let identities = entries.values.filter { $0.count > 1 }.sorted { $0[0].path.lexicographicallyPrecedes($1[0].path) }
    for alike in identities { compare(alike) }
    for list in entries.values.sorted(by: { $0[0].path.lexicographicallyPrecedes($1[0].path) }) {
      for entry in list where diagnostics.count < most { followChain(entry) }
    }
    diagnostics = diagnostics.enumerated().sorted { left, right in
      let (one, other) = (left.element.place, right.element.place)
      return (one.file, one.line, one.column, left.offset) < (other.file, other.line, other.column, right.offset)
    }.map(\.element)
  }

  private mutating func collect() {
    var indices: [Glob: Int] = [:]
    var number = 0
    for (index, domain) in policy.domains.enumerated() {
      for rule in domain.rules where !rule.isDenial {
        guard let path = rule.path, path.glob.root == .path, path.glob.values.isEmpty, let claim = Self.claim(path)
        else {
          continue
        }
        let group = indices[path.glob] ?? groups.count
        if group == groups.count {
          indices[path.glob] = group
          groups.append(Group(glob: path.glob))
        }
        let owner = domain.owner(at: index)
        let alike = groups[group].holders.filter { $0.claim == claim && $0.path.verb == path.verb }
        if alike.count >= 2 || alike.contains(where: { $0.owner == owner }) { continue }
        number += 1
        groups[group].holders.append(
          Holder(
            rule: rule, path: path, claim: claim, owner: owner, number: number,
            denied: rule.denials(among: domain.rules).map { GlobMatcher($0) }))
      }
    }
  }

  /// A device's rule claims a block device, too; of other devices many VMs have one.
  private static func claim(_ path: PathRule) -> ObjectClaim? {
    if path.verb == .device { return path.permissions.contains(.deviceWrite) ? .change : .read }
    return ObjectClaim(path)
  }

  private mutating func lookUp(_ index: Int) {
    guard let path = groups[index].glob.literalPath, let file = try? root.resolve(path) else { return }
    if file.path != path { warnOfLink(index, file.path) }
    add(Entry(path: path, file: file, group: index))
  }

  private mutating func add(_ entry: Entry) {
    // A folder is no object: what is in it has rules of its own.
    if entry.file.kind == .folder { return }
    entries[entry.file.identity, default: []].append(entry)
  }

  private mutating func warnOfLink(_ index: Int, _ resolved: [UInt8]) {
    for holder in groups[index].holders where [.object, .shared].contains(holder.path.verb) {
      report(
        Diagnostic(
          .file, at: holder.rule.location,
          "the path leads over a symbolic link and never matches; the kernel sees the resolved path",
          severity: .warning,
          nearest: Quote.word(resolved)))
    }
  }

  private mutating func report(_ diagnostic: Diagnostic) {
    if diagnostics.count < most { diagnostics.append(diagnostic) }
  }

  // MARK: Patterns

  private mutating func walk(_ index: Int) {
    let folder = groups[index].glob.folder
    if Self.isMadeUp(folder) { return }
    let matcher = GlobMatcher(groups[index].glob)
    enter(folder, depth: 0, matcher, index)
  }

  /// What the kernel makes up below /proc and /sys is no file that anybody could link or mount elsewhere.
  private static func isMadeUp(_ folder: [UInt8]) -> Bool {
    let first = folder.dropFirst().prefix { $0 != PathText.slash }
    return first.elementsEqual("proc".utf8) || first.elementsEqual("sys".utf8)
  }

  private mutating func enter(_ folder: [UInt8], depth: Int, _ matcher: GlobMatcher, _ index: Int) {
    guard depth < Self.deepest else { return exhaust(index) }
    for (path, file) in list(folder) {
      names += 1
      guard names <= Self.mostNames else { return exhaust(index) }
      let answer = matcher.match(path)
      if answer.isMatch { add(Entry(path: path, file: file, group: index)) }
      if answer.mayContinue, file.kind == .folder, !Self.isMadeUp(path) {
        enter(path, depth: depth + 1, matcher, index)
      }
    }
  }

  private mutating func list(_ folder: [UInt8]) -> [(path: [UInt8], file: FileRoot.File)] {
    if let known = listings[folder] { return known }
    var found: [(path: [UInt8], file: FileRoot.File)] = []
    for name in root.names(in: folder) {
      let path = folder + [PathText.slash] + name
      // What a link leads to is another path, and matches by that.
      guard let file = try? root.resolve(path), file.path == path else { continue }
      found.append((path, file))
    }
    listings[folder] = found
    return found
  }

  private mutating func exhaust(_ index: Int) {
    guard !isExhausted, let holder = groups[index].holders.first else { return }
    isExhausted = true
    report(
      Diagnostic(
        .file, at: holder.rule.location,
        "not all that patterns match was looked at: there are more than \(Self.mostNames) names, or folders in folders more "
          + "than \(Self.deepest) deep", severity: .warning))
  }

  // MARK: Meetings

  private mutating func compare(_ alike: [Entry]) {
    for (index, one) in alike.enumerated() {
      for other in alike[..<index] where one.group != other.group && one.path != other.path {
        for left in groups[one.group].holders {
          for right in groups[other.group].holders { compare(left, one, right, other) }
        }
        if diagnostics.count >= most { return }
      }
    }
  }

  private mutating func compare(_ left: Holder, _ one: Entry, _ right: Holder, _ other: Entry) {
    guard left.owner != right.owner, ObjectClaim.exclude(left.claim, right.claim), holds(left, one), holds(right, other)
    else { return }
    let (first, firstEntry, second, secondEntry) =
      left.number < right.number ? (left, one, right, other) : (right, other, left, one)
    guard reported.insert([first.number, second.number]).inserted else { return }
    let names = (policy.domains[first.owner].name, policy.domains[second.owner].name)
    report(
      Diagnostic(
        .meeting, at: second.rule.location,
        "\(names.0) and \(names.1) meet in one object: \(SafeText.render(firstEntry.path)) and "
          + "\(SafeText.render(secondEntry.path)) are \(same(firstEntry, secondEntry)); expected objects of one VM, or 'shared' "
          + "in all of them",
        notes: [Diagnostic.Note("the rule of \(names.0): \(first.rule.text)", at: first.rule.location.place)]))
  }

  /// A device's rule is about the devices alone that have blocks.
  private func holds(_ holder: Holder, _ entry: Entry) -> Bool {
    if holder.path.verb == .device {
      guard case .blockDevice = entry.file.identity else { return false }
    }
    return !holder.denied.contains { $0.match(entry.path).isMatch }
  }

  private func same(_ one: Entry, _ other: Entry) -> String {
    if one.file.path == other.file.path { return "one path, by a symbolic link" }
    switch one.file.identity {
    case .inode: return "one file, by a hard link or a bind mount"
    case .blockDevice, .characterDevice: return "one device"
    }
  }

  // MARK: Chains

  private mutating func followChain(_ entry: Entry) {
    guard entry.file.kind == .regular, !raw.contains(entry.file.path) else { return }
    for holder in groups[entry.group].holders {
      guard holder.claim == .own || holder.claim == .change || holder.path.verb == .shared, holds(holder, entry) else {
        continue
      }
      follow(entry, holder)
    }
  }

  private mutating func follow(_ top: Entry, _ holder: Holder) {
    var seen: Set<FileRoot.Identity> = [top.file.identity]
    var waiting: [(path: [UInt8], file: FileRoot.File)] = [(top.path, top.file)]
    while let (path, file) = waiting.popLast() {
      guard seen.count <= ImageChain.longest else {
        report(
          Diagnostic(
            .file, at: holder.rule.location,
            "there are more than \(ImageChain.longest) images behind \(SafeText.render(top.path)), which are not looked at",
            severity: .warning))
        return
      }
      for name in next(path, file, holder) {
        guard let behind = ImageChain.path(name, besides: path), PathText.problem(of: behind) == nil,
          let found = try? root.resolve(behind), seen.insert(found.identity).inserted
        else { continue }
        meet(found, behind: top, holder)
        waiting.append((behind, found))
      }
    }
  }

  /// The names that an image's header has of other files.
  private mutating func next(_ path: [UInt8], _ file: FileRoot.File, _ holder: Holder) -> [[UInt8]] {
    guard file.kind == .regular, file.size >= 72, !raw.contains(file.path) else { return [] }
    do {
      let header = try QCOW2Header(try QCOW2Header.beginning(of: file, root))
      return [header.backingFile, header.dataFile].compactMap { $0 }
    } catch QCOW2Header.Problem.otherFormat {
      return []
    } catch {
      report(
        Diagnostic(
          .file, at: holder.rule.location,
          "what lies behind \(SafeText.render(path)) is not known: \(error)", severity: .warning))
      return []
    }
  }

  private mutating func meet(_ found: FileRoot.File, behind top: Entry, _ holder: Holder) {
    let name = policy.domains[holder.owner].name
    var mayRead = false
    for entry in entries[found.identity] ?? [] {
      for other in groups[entry.group].holders where holds(other, entry) {
        if other.owner == holder.owner { mayRead = true }
        guard other.owner != holder.owner, other.claim != .read,
          reported.insert([holder.number, other.number, 1]).inserted
        else { continue }
        let otherName = policy.domains[other.owner].name
        report(
          Diagnostic(
            .meeting, at: holder.rule.location,
            "\(name) and \(otherName) meet in one object: \(SafeText.render(entry.path)), which \(otherName) may change, lies "
              + "behind \(SafeText.render(top.path)) by its header; expected 'shared' in both, or an image of its own",
            notes: [Diagnostic.Note("the rule of \(otherName): \(other.rule.text)", at: other.rule.location.place)]))
      }
    }
    guard !mayRead, reported.insert([holder.number, -1]).inserted else { return }
    report(
      Diagnostic(
        .file, at: holder.rule.location,
        "\(SafeText.render(found.path)) lies behind \(SafeText.render(top.path)), and no rule of \(name) lets it be read",
        severity: .warning, nearest: "shared rk \(Quote.word(found.path))"))
  }
}
