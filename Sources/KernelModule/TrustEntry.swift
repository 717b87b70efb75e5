// SPDX-License-Identifier: Apache-2.0

internal import CMoor

/// One thing that the module is told to trust: a path, what it may be used for, and at most one digest.
/// Several digests of one path are several entries.
public struct TrustEntry: Sendable, Hashable {
  /// What a file is trusted for (`enum moor_kind`).
  public enum Kind: UInt8, Sendable, CaseIterable {
    /// A program.
    case exec = 1
    /// A file mapped executable inside a domain.
    case library = 2
    /// A file that a domain opens, or is handed.
    case firmware = 3
    /// A kernel module that is read from a file.
    case module = 4
  }

  /// How a digest was taken (`enum moor_algorithm`).
  public enum Algorithm: UInt8, Sendable, CaseIterable {
    /// SHA-256 of the file's bytes.
    case sha256 = 1
    /// The fs-verity file digest with SHA-256 (Documentation/filesystems/fsverity.rst).
    case fsveritySHA256 = 2
    /// The fs-verity file digest with SHA-512.
    case fsveritySHA512 = 3

    /// The digest's length in bytes.
    public var length: Int { self == .fsveritySHA512 ? 64 : 32 }
  }

  /// What a program may do beyond being run.
  public struct Flags: OptionSet, Sendable, Hashable {
    /// The bits of `MOOR_TRUST_FLAGS`.
    public let rawValue: UInt8

    /// Takes the bits.
    public init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    /// Running it starts a guarded domain.
    public static let domain = Flags(rawValue: 1 << 0)
    /// Its domain may have anonymous executable memory.
    public static let memoryExec = Flags(rawValue: 1 << 1)
  }

  /// What it is trusted for.
  public let kind: Kind
  /// The absolute, normalised path, as bytes.
  public let path: [UInt8]
  /// How ``digest`` was taken; nil when the digest is not known yet.
  public let algorithm: Algorithm?
  /// The digest; empty when it is not known yet.
  public let digest: [UInt8]
  /// Only of an ``Kind/exec`` entry.
  public let flags: Flags

  /// Makes an entry, or says what the module would refuse in it.
  public init(
    kind: Kind, path: [UInt8], digest: (algorithm: Algorithm, bytes: [UInt8])? = nil, flags: Flags = []
  ) throws(KernelModuleError) {
    let shown = String(decoding: path, as: UTF8.self)
    if let problem = Self.problem(ofPath: path) {
      throw .rejected(Rejection(.path, "\(shown): the path \(problem)"))
    }
    if let digest, digest.bytes.count != digest.algorithm.length {
      throw .rejected(
        Rejection(
          .digest,
          "\(shown): the digest has \(digest.bytes.count) bytes, expected \(digest.algorithm.length)"))
    }
    guard flags.isEmpty || kind == .exec, flags.rawValue & ~UInt8(MOOR_TRUST_FLAGS) == 0 else {
      throw .rejected(Rejection(.flags, "\(shown): only a program can start a domain or have memory exec"))
    }
    self.kind = kind
    self.path = path
    self.algorithm = digest?.algorithm
    self.digest = digest?.bytes ?? []
    self.flags = flags
  }

  private static func problem(ofPath path: [UInt8]) -> String? {
    let slash = UInt8(ascii: "/")
    let dot = UInt8(ascii: ".")
    guard path.first == slash else { return "is not absolute" }
    guard path.count <= Int(MOOR_PATH_MAX) else {
      return "has \(path.count) bytes, more than \(MOOR_PATH_MAX)"
    }
    guard !path.contains(0) else { return "has a NUL byte" }
    for part in path.dropFirst().split(separator: slash, omittingEmptySubsequences: false) {
      switch Array(part) {
      case []: return "has an empty component, or ends in a slash"
      case [dot], [dot, dot]: return "has a '.' or '..' component"
      default: continue
      }
    }
    return nil
  }
}
