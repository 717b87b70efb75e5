// SPDX-License-Identifier: Apache-2.0

/// How many events the firmware's log has for each PCR; nothing is replayed or believed.
///
/// The format is the crypto-agile log of the TCG PC Client Platform Firmware Profile, section 10.2: a TCG_PCR_EVENT
/// that carries a TCG_EfiSpecIDEvent, then TCG_PCR_EVENT2 structures, all little-endian.
struct FirmwareLogSummary {
  /// Why the log cannot be read, and where.
  struct Malformed: Error, Equatable {
    let offset: Int
    let reason: String
  }

  /// Events by PCR; EV_NO_ACTION is left out, as it is never extended.
  private(set) var events: [UInt32: Int] = [:]

  var count: Int { events.values.reduce(0, +) }

  private static let noAction: UInt32 = 3
  private static let signature = Array("Spec ID Event03".utf8) + [0]

  init(_ bytes: [UInt8]) throws(Malformed) {
    var reader = Reader(bytes: bytes)
    let sizes = try Self.readHeader(&reader)
    while !reader.isAtEnd {
      let pcr = try reader.integer(4)
      let type = try reader.integer(4)
      let digests = try reader.integer(4)
      guard digests <= sizes.count else {
        throw Malformed(offset: reader.offset - 4, reason: "\(digests) digests, but only \(sizes.count) banks")
      }
      for _ in 0..<digests {
        let algorithm = UInt16(truncatingIfNeeded: try reader.integer(2))
        guard let size = sizes[algorithm] else {
          throw Malformed(offset: reader.offset - 2, reason: "a digest of a bank that the log does not announce")
        }
        try reader.skip(size)
      }
      try reader.skip(Int(try reader.integer(4)))
      if type != Self.noAction { events[pcr, default: 0] += 1 }
    }
  }

  /// Reads the first event, and the digest sizes it announces.
  private static func readHeader(_ reader: inout Reader) throws(Malformed) -> [UInt16: Int] {
    try reader.skip(4)
    let type = try reader.integer(4)
    try reader.skip(20)
    let size = Int(try reader.integer(4))
    let begin = reader.offset
    let found = try reader.take(signature.count)
    guard type == noAction, found == signature[...] else {
      throw Malformed(offset: begin, reason: "no crypto-agile log: it does not begin with Spec ID Event03")
    }
    try reader.skip(8)
    let banks = try reader.integer(4)
    guard (1...16).contains(banks) else {
      throw Malformed(offset: reader.offset - 4, reason: "\(banks) banks")
    }
    var sizes: [UInt16: Int] = [:]
    for _ in 0..<banks {
      let algorithm = UInt16(truncatingIfNeeded: try reader.integer(2))
      sizes[algorithm] = Int(try reader.integer(2))
    }
    try reader.skip(Int(try reader.integer(1)))
    guard reader.offset == begin + size else {
      throw Malformed(offset: begin, reason: "the first event says \(size) bytes, but has \(reader.offset - begin)")
    }
    return sizes
  }

  private struct Reader {
    let bytes: [UInt8]
    private(set) var offset = 0

    init(bytes: [UInt8]) {
      self.bytes = bytes
    }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func take(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
      guard count <= bytes.count - offset else {
        throw Malformed(offset: offset, reason: "\(count) bytes announced, \(bytes.count - offset) are left")
      }
      defer { offset += count }
      return bytes[offset..<offset + count]
    }

    mutating func skip(_ count: Int) throws(Malformed) {
      _ = try take(count)
    }

    mutating func integer(_ size: Int) throws(Malformed) -> UInt32 {
      try take(size).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
  }
}
