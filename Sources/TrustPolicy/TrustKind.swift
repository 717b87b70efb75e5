// SPDX-License-Identifier: Apache-2.0

internal import CMoor

/// What a trust entry vouches for: `enum moor_kind` of lsm/uapi/moor.h.
public enum TrustKind: UInt8, Sendable, Hashable, Codable, CaseIterable, Comparable {
  /// A program.
  case exec = 1
  /// A file that a guarded domain maps executable.
  case library = 2
  /// A file that a guarded domain opens or is handed: ROMs, firmware, a VM's kernel.
  case firmware = 3
  /// A kernel module.
  case module = 4

  /// The word that stands for it in a policy.
  public var word: String {
    switch self {
    case .exec: "exec"
    case .library: "library"
    case .firmware: "firmware"
    case .module: "module"
    }
  }

  /// The kind that a word stands for.
  public init?(word: String) {
    guard let kind = Self.allCases.first(where: { $0.word == word }) else { return nil }
    self = kind
  }

  /// In the order of the kernel's numbers.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// Writes the word.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(word)
  }

  /// Reads the word.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let word = try container.decode(String.self)
    guard let kind = Self(word: word) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(word)' is no kind of trust entry")
    }
    self = kind
  }
}

/// What an `exec` entry permits besides running the program: MOOR_TRUST_DOMAIN and MOOR_TRUST_MEMORY_EXEC.
public struct TrustFlags: OptionSet, Sendable, Hashable {
  /// The bits as the kernel has them.
  public let rawValue: UInt8

  /// Makes flags of the kernel's bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Executing it starts a guarded domain: it is an emulator. Without, it is measured and checked only.
  public static let domain = TrustFlags(rawValue: UInt8(MOOR_TRUST_DOMAIN))
  /// The domain may have anonymous executable memory, which QEMU's TCG needs.
  public static let memoryExec = TrustFlags(rawValue: UInt8(MOOR_TRUST_MEMORY_EXEC))

  /// The words that stand for them in a policy, for an entry of kind exec.
  public var words: [String] {
    (contains(.domain) ? [] : [Self.measuredWord]) + (contains(.memoryExec) ? [Self.memoryExecWord] : [])
  }

  static let measuredWord = "measured"
  static let memoryExecWord = "memory-exec"
}
