// SPDX-License-Identifier: Apache-2.0

import CMoor

/// An element whose tag moor does not know, kept as it was found.
public struct UnknownElement: Hashable, Sendable, Codable {
  /// Its type.
  public let tag: UInt8
  /// Its value.
  public let value: HexBytes

  /// An element of this tag and value.
  public init(tag: UInt8, value: HexBytes) {
    self.tag = tag
    self.value = value
  }
}

/// The extended part of a record: the value of the content's EVENT element (`lsm/uapi/moor.h`, `enum moor_field`).
///
/// Fields that do not apply are nil, and absent in the log. docs/formats.md says which record carries which.
/// Paths and names are untrusted: the module proves that they were seen, not that they are harmless.
public struct MeasurementEvent: Hashable, Sendable, Codable {
  /// What the record says.
  public var record: RecordKind
  /// What the file was to be used as.
  public var kind: FileKind?
  /// The file's path as the kernel built it.
  public var path: UntrustedText?
  /// How ``digest`` was taken.
  public var algorithm: DigestMethod?
  /// The digest found; of a policy record, the SHA-256 of all its packed entries.
  public var digest: HexBytes?
  /// The digest that the policy lists, the first where there are several.
  public var expected: HexBytes?
  /// Why it was refused, or would have been.
  public var reason: Reason?
  /// The mode in force, or the new one.
  public var mode: Mode?
  /// The policy's name.
  public var name: UntrustedText?
  /// The policy's version, the number a person gave it.
  public var version: UInt64?
  /// The policy's generation; 0 while it is not sealed.
  public var generation: UInt64?
  /// MOOR_ABI_VERSION of the module.
  public var abi: UInt32?
  /// The module's GNU build id.
  public var buildID: HexBytes?
  /// The tags of the attached BPF programs, 8 bytes each, in the order of the module's hook table.
  public var programTags: [HexBytes]?
  /// What the PCR held before the first record, one value a bank.
  public var pcrBefore: [Digest]?
  /// Whether the module was loaded with `closed=1`.
  public var closed: Bool?
  /// Fields that this version does not know, in ascending order of tag.
  public var unknown: [UnknownElement] = []

  /// An event with no field but what it is.
  public init(_ record: RecordKind) {
    self.record = record
  }
}

/// The limits and tags of the fields, from the one ABI header.
enum Field {
  static let record = UInt8(truncatingIfNeeded: MOOR_FIELD_RECORD.rawValue)
  static let kind = UInt8(truncatingIfNeeded: MOOR_FIELD_KIND.rawValue)
  static let path = UInt8(truncatingIfNeeded: MOOR_FIELD_PATH.rawValue)
  static let algorithm = UInt8(truncatingIfNeeded: MOOR_FIELD_ALGORITHM.rawValue)
  static let digest = UInt8(truncatingIfNeeded: MOOR_FIELD_DIGEST.rawValue)
  static let expected = UInt8(truncatingIfNeeded: MOOR_FIELD_EXPECTED.rawValue)
  static let reason = UInt8(truncatingIfNeeded: MOOR_FIELD_REASON.rawValue)
  static let mode = UInt8(truncatingIfNeeded: MOOR_FIELD_MODE.rawValue)
  static let name = UInt8(truncatingIfNeeded: MOOR_FIELD_NAME.rawValue)
  static let version = UInt8(truncatingIfNeeded: MOOR_FIELD_VERSION.rawValue)
  static let generation = UInt8(truncatingIfNeeded: MOOR_FIELD_GENERATION.rawValue)
  static let abi = UInt8(truncatingIfNeeded: MOOR_FIELD_ABI.rawValue)
  static let buildID = UInt8(truncatingIfNeeded: MOOR_FIELD_BUILD_ID.rawValue)
  static let programTags = UInt8(truncatingIfNeeded: MOOR_FIELD_PROGRAM_TAGS.rawValue)
  static let pcrBefore = UInt8(truncatingIfNeeded: MOOR_FIELD_PCR_BEFORE.rawValue)
  static let closed = UInt8(truncatingIfNeeded: MOOR_FIELD_CLOSED.rawValue)

  static let longestPath = Int(MOOR_PATH_MAX)
  static let longestPolicyName = Int(MOOR_POLICY_NAME_MAX)
  static let longestVMName = Int(MOOR_VM_NAME_MAX)
  static let longestDigest = Int(MOOR_DIGEST_MAX)
  static let mostBanks = Int(MOOR_BANKS_MAX)
  /// A GNU build id is 16 or 20 bytes; other linkers write up to 64.
  static let longestBuildID = 64
  /// Bytes of a BPF program's tag (kernel: BPF_TAG_SIZE).
  static let programTagLength = 8
}

extension DigestMethod {
  /// The digest's length in bytes; nil for a method that is not known.
  public var digestLength: Int? {
    switch self {
    case .none: 0
    case .sha256, .fsveritySHA256: 32
    case .fsveritySHA512: 64
    default: nil
    }
  }
}
