// SPDX-License-Identifier: Apache-2.0

internal import PolicyText
internal import TrustPolicy

/// What would become of a policy and its lock with newly measured digests. Nothing is written here.
///
/// A path that the policy's own text names gets its digest there, all other bytes of the text staying as they are;
/// one that only a pattern or an included file names gets it in the lock.
struct TrustUpdatePlan {
  /// How digests that a path has already are treated.
  enum Known {
    /// The measured digest replaces those taken the same way.
    case replace
    /// The measured digest comes beside them: an update window.
    case keep
  }

  let before: TrustPolicy
  let after: TrustPolicy
  let policyText: [UInt8]
  let lockText: [UInt8]
  let changesPolicy: Bool
  let changesLock: Bool
  let difference: TrustDiff
  /// Measured files that the policy does not name, and that were not to be added.
  let uncovered: [MeasuredFile]
  /// Paths whose old digests stay in force though they were to be replaced: they stand in a file that the policy
  /// includes, or behind a variable, where tools do not edit.
  let kept: [TrustPath]

  private struct Key: Hashable {
    let kind: TrustKind
    let path: TrustPath
  }

  init(_ files: PolicyFiles, _ measured: [MeasuredFile], known: Known, addsUncovered: Bool) throws {
    let tree = try files.tree()
    let lockSource = try files.lockSource()
    let own = try TrustPolicy(tree)
    before = try TrustPolicy(tree, lock: lockSource)

    var locked: [Key: [TrustDigest]] = [:]
    for rule in before.rules {
      let ownDigests = own.rule(rule.kind, rule.path)?.digests ?? []
      let digests = rule.digests.filter { !ownDigests.contains($0) }
      if !digests.isEmpty { locked[Key(kind: rule.kind, path: rule.path)] = digests }
    }

    let editable = tree.main.document.editableTrustSubjects
    var edits: [TrustEdit] = []
    var uncovered: [MeasuredFile] = []
    var kept: [TrustPath] = []
    for file in measured {
      let key = Key(kind: file.kind, path: file.path)
      let present = before.rule(file.kind, file.path)?.digests ?? []
      let wanted = Self.digests(present, with: file.digest, known)
      if let rule = own.rule(file.kind, file.path) {
        guard wanted != present else { continue }
        if editable.contains(TrustSubject(kind: file.kind, path: file.path)) {
          edits.append(.setDigests(file.kind, file.path, wanted))
          locked[key] = nil
        } else {
          locked[key] = wanted.filter { !rule.digests.contains($0) }
          if !rule.digests.allSatisfy(wanted.contains) { kept.append(file.path) }
        }
      } else if before.covers(file.kind, file.path) {
        locked[key] = wanted
      } else if addsUncovered {
        // It was run, not started as a VM: an emulator is only ever named by a person.
        edits.append(.add(file.kind, file.path, [], [file.digest]))
      } else {
        uncovered.append(file)
      }
    }
    self.uncovered = uncovered
    self.kept = kept

    policyText = try tree.main.document.applying(edits).bytes
    let entries = locked.flatMap { key, digests in
      digests.map { TrustEntry(kind: key.kind, path: key.path, digest: $0) }
    }
    let isLockNeeded = lockSource != nil || !entries.isEmpty
    let rendered = Array(TrustLock.render(for: tree.header, entries).utf8)
    lockText = rendered
    changesPolicy = policyText != tree.main.document.bytes
    after = try files.read(policyText: policyText, lockText: rendered)
    difference = TrustDiff(from: before, to: after)
    changesLock = isLockNeeded && rendered != lockSource?.bytes && !(entries.isEmpty && lockSource == nil)
  }

  private static func digests(_ present: [TrustDigest], with digest: TrustDigest, _ known: Known) -> [TrustDigest] {
    switch known {
    case .keep: present.contains(digest) ? present : present + [digest]
    case .replace: (present.filter { $0.algorithm != digest.algorithm } + [digest]).sorted()
    }
  }
}
