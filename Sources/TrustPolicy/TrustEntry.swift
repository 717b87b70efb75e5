// SPDX-License-Identifier: Apache-2.0

/// One entry as the kernel takes it: a path, and one digest or none.
public struct TrustEntry: Sendable, Hashable, Comparable {
  /// What it vouches for.
  public let kind: TrustKind
  /// The path.
  public let path: TrustPath
  /// Only with kind exec.
  public let flags: TrustFlags
  /// nil: not yet measured. Fine while learning, refused while enforcing.
  public let digest: TrustDigest?

  /// Makes an entry.
  public init(kind: TrustKind, path: TrustPath, flags: TrustFlags = [], digest: TrustDigest?) {
    self.kind = kind
    self.path = path
    self.flags = flags
    self.digest = digest
  }

  /// By kind, path, algorithm and digest: the order of the packed form.
  public static func < (left: Self, right: Self) -> Bool {
    if left.kind != right.kind { return left.kind < right.kind }
    if left.path != right.path { return left.path < right.path }
    switch (left.digest, right.digest) {
    case (let one?, let other?): return one < other
    case (nil, .some): return true
    default: return false
    }
  }
}
