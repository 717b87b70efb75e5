// SPDX-License-Identifier: Apache-2.0

internal import CMoor

/// The kernel's form of the entries: `struct moor_trust_entry` of lsm/uapi/moor.h, one after the other.
///
/// Each begins with `u16 size, u16 path_length, u8 kind, u8 algorithm, u8 digest_length, u8 flags` in the machine's
/// order, then the digest, the path, and zero bytes up to a multiple of 8.
public enum PackedTrust {
  /// Entries at most: MOOR_TRUST_ENTRIES_MAX.
  public static let entryLimit = Int(MOOR_TRUST_ENTRIES_MAX)
  /// Bytes of all entries at most: MOOR_TRUST_BYTES_MAX.
  public static let byteLimit = Int(MOOR_TRUST_BYTES_MAX)

  private static let headerSize = MemoryLayout<moor_trust_entry>.size

  /// Why bytes are no packed entries.
  public struct DecodingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where the entry begins that cannot be read.
    public let offset: Int
    /// What is wrong with it.
    public let reason: String

    /// In words.
    public var description: String { "the packed entry at byte \(offset) cannot be read: \(reason)" }
  }

  /// Bytes that an entry takes.
  public static func size(of entry: TrustEntry) -> Int {
    (headerSize + (entry.digest?.bytes.count ?? 0) + entry.path.bytes.count + 7) & ~7
  }

  /// Packs entries in the one order (kind, path, algorithm, digest), so that equal policies have equal bytes.
  public static func encode(_ entries: [TrustEntry]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(entries.reduce(0) { $0 + size(of: $1) })
    for entry in entries.sorted() {
      let end = bytes.count + size(of: entry)
      append(UInt16(size(of: entry)), to: &bytes)
      append(UInt16(entry.path.bytes.count), to: &bytes)
      bytes.append(entry.kind.rawValue)
      bytes.append(entry.digest?.algorithm.rawValue ?? UInt8(MOOR_ALGORITHM_NONE.rawValue))
      bytes.append(UInt8(entry.digest?.bytes.count ?? 0))
      bytes.append(entry.flags.rawValue)
      bytes += entry.digest?.bytes ?? []
      bytes += entry.path.bytes
      bytes += repeatElement(0, count: end - bytes.count)
    }
    return bytes
  }

  /// Reads packed entries back, with the checks that the kernel makes.
  public static func decode(_ bytes: [UInt8]) throws(DecodingError) -> [TrustEntry] {
    guard bytes.count <= byteLimit else {
      throw DecodingError(offset: 0, reason: "\(bytes.count) bytes are more than \(byteLimit)")
    }
    var entries: [TrustEntry] = []
    var offset = 0
    while offset < bytes.count {
      guard entries.count < entryLimit else {
        throw DecodingError(offset: offset, reason: "there are more than \(entryLimit) entries")
      }
      let (entry, size) = try decodeEntry(bytes[offset...], at: offset)
      entries.append(entry)
      offset += size
    }
    return entries
  }

  private static func decodeEntry(
    _ bytes: ArraySlice<UInt8>, at offset: Int
  ) throws(DecodingError) -> (TrustEntry, size: Int) {
    func fail(_ reason: String) -> DecodingError { DecodingError(offset: offset, reason: reason) }
    guard bytes.count >= headerSize else { throw fail("\(bytes.count) bytes are left, fewer than a header has") }
    let size = Int(number(bytes, offset))
    let pathLength = Int(number(bytes, offset + 2))
    let digestLength = Int(bytes[offset + 6])
    guard size >= headerSize, size % 8 == 0, size <= bytes.count else { throw fail("its size is \(size)") }
    let used = headerSize + digestLength + pathLength
    guard used <= size, size - used < 8 else { throw fail("its parts have \(used) bytes, its size is \(size)") }
    guard let kind = TrustKind(rawValue: bytes[offset + 4]) else { throw fail("its kind is \(bytes[offset + 4])") }
    let flags = TrustFlags(rawValue: bytes[offset + 7])
    let known: TrustFlags = kind == .exec ? [.domain, .memoryExec] : []
    guard flags.isSubset(of: known), !flags.contains(.memoryExec) || flags.contains(.domain) else {
      throw fail("its flags are \(flags.rawValue)")
    }
    let digestStart = offset + headerSize
    let pathStart = digestStart + digestLength
    let pathEnd = pathStart + pathLength
    let digest: TrustDigest?
    if bytes[offset + 5] == UInt8(MOOR_ALGORITHM_NONE.rawValue) {
      guard digestLength == 0 else { throw fail("it has a digest of \(digestLength) bytes without an algorithm") }
      digest = nil
    } else {
      guard let algorithm = TrustDigest.Algorithm(rawValue: bytes[offset + 5]) else {
        throw fail("its algorithm is \(bytes[offset + 5])")
      }
      digest = TrustDigest(algorithm, bytes[digestStart..<pathStart])
      guard digest != nil else {
        throw fail("its digest has \(digestLength) bytes, \(algorithm.word) has \(algorithm.length)")
      }
    }
    guard bytes[pathEnd..<(offset + size)].allSatisfy({ $0 == 0 }) else { throw fail("it is not filled up with zeros") }
    do {
      let path = try TrustPath(bytes[pathStart..<pathEnd])
      return (TrustEntry(kind: kind, path: path, flags: flags, digest: digest), size)
    } catch {
      throw fail("its path is not absolute and normalised")
    }
  }

  private static func append(_ value: UInt16, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: value) { bytes += $0 }
  }

  private static func number(_ bytes: ArraySlice<UInt8>, _ index: Int) -> UInt16 {
    bytes[index..<(index + 2)].withUnsafeBytes { $0.loadUnaligned(as: UInt16.self) }
  }
}
