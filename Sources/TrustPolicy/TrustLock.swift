// SPDX-License-Identifier: Apache-2.0

public import PolicyText

/// The lock beside a policy: digests that tools keep, of files that the policy names or covers by a pattern.
///
/// It begins with `lock "NAME" version NUMBER`, the name being the policy's and the version that for which it was
/// written, and has the same `trust` blocks, without flags and patterns. It cannot make the policy wider.
public enum TrustLock {
  /// Where the lock of a policy is: the same path with the ending `.lock` in place of `.moor`.
  public static func path(beside policy: String) -> String {
    policy.hasSuffix(".moor") ? String(policy.dropLast(5)) + ".lock" : policy + ".lock"
  }

  /// The text of a lock, entries sorted, digests of one path in one statement.
  public static func render(for header: PolicyHeader, _ entries: [TrustEntry]) -> String {
    var text = """
      # Written by "moor trust update"; edit the policy instead.
      lock \(Quote.string(header.name.utf8)) version \(header.version)

      trust {

      """
    var digests: [TrustDigest] = []
    let sorted = entries.sorted()
    for (index, entry) in sorted.enumerated() {
      if let digest = entry.digest, digests.last != digest { digests.append(digest) }
      let next = index + 1 < sorted.count ? sorted[index + 1] : nil
      if let next, next.kind == entry.kind, next.path == entry.path { continue }
      if !digests.isEmpty {
        text += "  " + TrustText.statement(entry.kind, entry.path, flags: .domain, digests: digests) + "\n"
      }
      digests = []
    }
    return text + "}\n"
  }
}

/// The text of statements.
public enum TrustText {
  /// One statement; of several digests each stands on a line of its own.
  ///
  /// - Parameter flags: Looked at only when the kind is exec.
  public static func statement(
    _ kind: TrustKind, _ path: TrustPath, flags: TrustFlags, digests: [TrustDigest]
  ) -> String {
    let words = [kind.word, path.word] + (kind == .exec ? flags.words : [])
    return words.joined(separator: " ") + self.digests(digests)
  }

  static func digests(_ digests: [TrustDigest]) -> String {
    let separator = digests.count > 1 ? " \\\n      " : " "
    return digests.map { separator + $0.description }.joined()
  }
}
