// SPDX-License-Identifier: Apache-2.0

@testable import EventLog

/// A firmware event log put together field by field.
enum SampleFirmwareLog {
  static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    number.bigEndianBytes.reversed()
  }

  /// The Spec ID event; `banks` are algorithm and digest size.
  static func specID(
    pcr: UInt32 = 0, type: UInt32 = 3, digest: [UInt8] = [UInt8](repeating: 0, count: 20),
    signature: String = "Spec ID Event03\0", banks: [(UInt16, UInt16)] = [(0x04, 20), (0x0B, 32)],
    count: UInt32? = nil, vendor: [UInt8] = [], after: [UInt8] = []
  ) -> [UInt8] {
    let data =
      Array(signature.utf8) + little(UInt32(0)) + [0, 2, 105, 2] + little(count ?? UInt32(banks.count))
      + banks.flatMap { little($0.0) + little($0.1) } + [UInt8(vendor.count)] + vendor + after
    return little(pcr) + little(type) + digest + little(UInt32(data.count)) + data
  }

  /// An event with these digests.
  static func event(pcr: UInt32, type: UInt32, digests: [Digest], data: [UInt8]) -> [UInt8] {
    little(pcr) + little(type) + little(UInt32(digests.count))
      + digests.flatMap { little($0.algorithm.rawValue) + $0.bytes } + little(UInt32(data.count)) + data
  }

  /// An event whose digests are the hashes of its data.
  static func event(pcr: UInt32, type: UInt32, data: [UInt8]) throws -> [UInt8] {
    let digests = try banks.map { try Digest(hashing: data, with: $0) }
    return event(pcr: pcr, type: type, digests: digests, data: data)
  }

  static let banks: [HashAlgorithm] = [.sha1, .sha256]
  static let zeros = banks.compactMap { Digest(zero: $0) }

  static func locality(_ number: UInt8, pcr: UInt32 = 0) -> [UInt8] {
    event(pcr: pcr, type: 3, digests: zeros, data: Array("StartupLocality\0".utf8) + [number])
  }

  /// Version, a note of the vendor's, secure boot, separators, a boot loader: 7 events.
  static func bytes() throws -> [UInt8] {
    try specID(vendor: [1, 2, 3]) + locality(3)
      + event(pcr: 0, type: 8, data: Array("1.0\0".utf8))
      + event(pcr: 0xFFFF_FFFF, type: 3, digests: zeros, data: Array("SP800-155 Event\0".utf8))
      + event(pcr: 7, type: 0x8000_0001, data: Array("SecureBoot".utf8))
      + event(pcr: 0, type: 4, data: [0, 0, 0, 0])
      + event(pcr: 7, type: 4, data: [0, 0, 0, 0])
      + event(pcr: 4, type: 0x8000_0003, digests: banks.map { try Digest(hashing: [9], with: $0) }, data: [1, 2])
  }
}
