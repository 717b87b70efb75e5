// SPDX-License-Identifier: Apache-2.0

internal import CMoor

/// A trust policy's entries in the module's form: `struct moor_trust_entry` of lsm/uapi/moor.h, packed.
///
/// What the entries say is for the policy's compiler and the module to judge; this only knows where each ends, so
/// that they can be handed over in pieces and an answer can be traced back to one of them.
public struct TrustImage: Sendable, Equatable {
  /// How many bytes go into one ioctl at most.
  static let chunkBytes = 1 << 20

  /// All entries, one behind the other.
  public let bytes: [UInt8]
  /// SHA-256 of ``bytes``: the policy's digest as it is committed, logged and extended.
  public let digest: [UInt8]
  /// Where each entry begins.
  private let offsets: [Int]

  /// How many entries there are.
  public var count: Int { offsets.count }

  /// Takes packed entries.
  ///
  /// - Throws: ``Rejection/Code/size`` for more than the module takes, ``Rejection/Code/malformed`` where the
  ///   entries' sizes do not add up.
  public init(packed bytes: [UInt8]) throws(KernelModuleError) {
    guard bytes.count <= Int(MOOR_TRUST_BYTES_MAX) else {
      throw .rejected(
        Rejection(
          .size, "\(bytes.count) bytes of trust entries are more than the module takes: \(MOOR_TRUST_BYTES_MAX)"))
    }
    var offsets: [Int] = []
    var offset = 0
    while offset < bytes.count {
      guard let size = Self.entrySize(bytes, at: offset) else {
        throw .rejected(Rejection(.malformed, "the trust entry at byte \(offset) is not as long as it says"))
      }
      offsets.append(offset)
      offset += size
    }
    guard offsets.count <= Int(MOOR_TRUST_ENTRIES_MAX) else {
      throw .rejected(
        Rejection(.size, "\(offsets.count) trust entries are more than the module takes: \(MOOR_TRUST_ENTRIES_MAX)"))
    }
    self.bytes = bytes
    self.offsets = offsets
    self.digest = try SHA256.digest(of: bytes)
  }

  /// The size of an entry that fits, with all its parts, in what is left.
  private static func entrySize(_ bytes: [UInt8], at offset: Int) -> Int? {
    guard let header = header(bytes, at: offset) else { return nil }
    let size = Int(header.size)
    let parts = MemoryLayout<moor_trust_entry>.size + Int(header.digest_length) + Int(header.path_length)
    return size % 8 == 0 && parts <= size && size <= bytes.count - offset ? size : nil
  }

  private static func header(_ bytes: [UInt8], at offset: Int) -> moor_trust_entry? {
    guard bytes.count - offset >= MemoryLayout<moor_trust_entry>.size else { return nil }
    return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: moor_trust_entry.self) }
  }

  /// Ranges of ``bytes`` that begin and end at entries and are at most `limit` long; an entry alone may be longer.
  func chunks(of limit: Int) -> [Range<Int>] {
    var chunks: [Range<Int>] = []
    var start = 0
    for (offset, end) in zip(offsets, offsets.dropFirst() + [bytes.count]) where end - start > limit && offset > start {
      chunks.append(start..<offset)
      start = offset
    }
    if start < bytes.count { chunks.append(start..<bytes.count) }
    return chunks
  }

  /// Number and path of the entry that holds an offset, for a person.
  func describeEntry(at offset: Int) -> String {
    guard let index = offsets.lastIndex(where: { $0 <= offset }),
      let header = Self.header(bytes, at: offsets[index])
    else { return "" }
    let start = offsets[index] + MemoryLayout<moor_trust_entry>.size + Int(header.digest_length)
    return "entry \(index + 1), \(String(decoding: bytes[start..<(start + Int(header.path_length))], as: UTF8.self))"
  }
}
