// SPDX-License-Identifier: Apache-2.0

internal import CCrypto
internal import CMoor

/// Trust entries in the form that the module takes (`struct moor_trust_entry` in lsm/uapi/moor.h).
public struct PackedTrust: Sendable, Equatable {
  /// How many bytes go into one ioctl at most.
  public static let chunkBytes = 1 << 20

  /// All entries, one behind the other, each padded to a multiple of 8 bytes.
  public let bytes: [UInt8]
  /// SHA-256 of ``bytes``: the policy's digest, as it is committed, logged and extended.
  public let digest: [UInt8]
  /// Where each entry begins.
  private let offsets: [Int]

  /// How many entries there are.
  public var count: Int { offsets.count }

  /// Packs entries in their order.
  ///
  /// - Throws: ``Rejection/Code/size`` for more than the module takes.
  public init(_ entries: [TrustEntry]) throws(KernelModuleError) {
    guard entries.count <= Int(MOOR_TRUST_ENTRIES_MAX) else {
      throw .rejected(
        Rejection(.size, "\(entries.count) trust entries are more than the module takes: \(MOOR_TRUST_ENTRIES_MAX)"))
    }
    var bytes: [UInt8] = []
    var offsets: [Int] = []
    for entry in entries {
      offsets.append(bytes.count)
      Self.append(entry, to: &bytes)
    }
    // MOOR_TRUST_BYTES_MAX has a cast in it, which Swift does not import.
    guard bytes.count <= 16 << 20 else {
      throw .rejected(
        Rejection(.size, "\(bytes.count) bytes of trust entries are more than the module takes: \(16 << 20)"))
    }
    self.bytes = bytes
    self.offsets = offsets
    self.digest = try Self.sha256(bytes)
  }

  private static func append(_ entry: TrustEntry, to bytes: inout [UInt8]) {
    let header = MemoryLayout<moor_trust_entry>.size
    let length = header + entry.digest.count + entry.path.count
    let size = (length + 7) & ~7
    let fields = moor_trust_entry(
      size: UInt16(size), path_length: UInt16(entry.path.count), kind: entry.kind.rawValue,
      algorithm: entry.algorithm?.rawValue ?? 0, digest_length: UInt8(entry.digest.count),
      flags: entry.flags.rawValue)
    withUnsafeBytes(of: fields) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: entry.digest)
    bytes.append(contentsOf: entry.path)
    bytes.append(contentsOf: repeatElement(0, count: size - length))
  }

  private static func sha256(_ bytes: [UInt8]) throws(KernelModuleError) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    var length: UInt32 = 0
    guard EVP_Digest(bytes, bytes.count, &digest, &length, EVP_sha256(), nil) == 1, length == 32 else {
      throw .rejected(Rejection(.digest, "libcrypto cannot compute SHA-256 here"))
    }
    return digest
  }

  /// Ranges of ``bytes`` that begin and end at entries and are at most `limit` long.
  func chunks(of limit: Int) -> [Range<Int>] {
    var chunks: [Range<Int>] = []
    var start = 0
    for (index, offset) in offsets.enumerated() {
      let end = index + 1 < offsets.count ? offsets[index + 1] : bytes.count
      if end - start > limit, offset > start {
        chunks.append(start..<offset)
        start = offset
      }
    }
    if start < bytes.count { chunks.append(start..<bytes.count) }
    return chunks
  }

  /// The path of the entry that holds an offset, for a person.
  func describeEntry(at offset: Int) -> String {
    guard let index = offsets.lastIndex(where: { $0 <= offset }) else { return "" }
    let start = offsets[index] + MemoryLayout<moor_trust_entry>.size
    let pathLength = Int(bytes[offsets[index] + 2]) | Int(bytes[offsets[index] + 3]) << 8
    let digestLength = Int(bytes[offsets[index] + 6])
    let path = bytes[(start + digestLength)..<(start + digestLength + pathLength)]
    return "entry \(index + 1), \(String(decoding: path, as: UTF8.self))"
  }
}

/// A trust policy as it is committed to the module.
public struct TrustCommit: Sendable, Equatable {
  /// The policy's name, at most 127 bytes.
  public let name: String
  /// The person's number, from the policy's header.
  public let version: UInt64
  /// The generation of the sealed bundle that it came in; 0 when it is not sealed.
  public let generation: UInt64
  /// Whether the module refuses what the policy does not allow; else it only records.
  public let isEnforcing: Bool
  /// What is trusted.
  public let entries: PackedTrust

  /// Makes a commit, or says what the module would refuse in it.
  public init(
    name: String, version: UInt64, generation: UInt64 = 0, isEnforcing: Bool, entries: PackedTrust
  ) throws(KernelModuleError) {
    guard name.utf8.count <= Int(MOOR_POLICY_NAME_MAX), !name.utf8.contains(0) else {
      throw .rejected(
        Rejection(.policyName, "the policy's name has a NUL byte, or more than \(MOOR_POLICY_NAME_MAX) bytes"))
    }
    self.name = name
    self.version = version
    self.generation = generation
    self.isEnforcing = isEnforcing
    self.entries = entries
  }
}

extension TrustCommit: CustomStringConvertible {
  /// Name, version, mode and number of entries.
  public var description: String {
    "policy “\(name)” version \(version), \(isEnforcing ? "enforcing" : "learning"), \(entries.count) entries"
  }
}
