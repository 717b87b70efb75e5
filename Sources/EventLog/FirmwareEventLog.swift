// SPDX-License-Identifier: Apache-2.0

/// The firmware's event log in its crypto-agile form, as Linux shows it in
/// `/sys/kernel/security/tpm0/binary_bios_measurements`: TCG PC Client Platform Firmware Profile 1.06, section 10.
///
/// The log of a TPM 1.2, with SHA-1 alone, is refused by name.
public struct FirmwareEventLog: Hashable, Sendable {
  /// A bank of the log.
  public struct Bank: Hashable, Sendable {
    /// The bank's algorithm.
    public let algorithm: HashAlgorithm
    /// Its digests' length in bytes, as the log says; for an algorithm that moor knows, the right one.
    public let digestLength: Int
  }

  /// The banks, in the order of the Spec ID event.
  public let banks: [Bank]
  /// The events after the Spec ID event, in order.
  public let events: [FirmwareEvent]
  /// The locality from which the TPM was started, which PCR 0 begins with (section 10.4.5.3).
  public let startupLocality: UInt8

  /// Reads a whole log.
  public init(_ bytes: [UInt8]) throws(EventLogError) {
    var parser = FirmwareEventParser(bytes)
    banks = try parser.specID()
    var events: [FirmwareEvent] = []
    var locality: UInt8?
    while let event = try parser.event(banks: banks) {
      if let found = try parser.startupLocality(event, known: locality, after: events) { locality = found }
      events.append(event)
    }
    self.events = events
    startupLocality = locality ?? 0
  }
}

/// Reads the structures of the log.
private struct FirmwareEventParser {
  private var reader: LittleEndianReader
  private var nextNumber = 0

  init(_ bytes: [UInt8]) {
    reader = LittleEndianReader(bytes[...])
  }

  private static let specIDSignature = Array("Spec ID Event03\0".utf8)
  private static let localitySignature = Array("StartupLocality\0".utf8)
  /// More banks than any TPM has; a bound for what one event may claim.
  private static let mostBanks: UInt32 = 16

  /// The first event: TCG_PCClientPCREvent around TCG_EfiSpecIDEvent (sections 10.2.1 and 10.4.5.1).
  mutating func specID() throws(EventLogError) -> [FirmwareEventLog.Bank] {
    let start = reader.offset
    let pcr = try reader.number(UInt32.self, "the Spec ID event's PCR")
    guard pcr == 0 else { throw reader.error(.wrongNumber(UInt64(pcr)), at: start, "the Spec ID event in PCR 0") }
    let type = try reader.number(UInt32.self, "the Spec ID event's type")
    guard FirmwareEventType(rawValue: type) == .noAction else {
      throw reader.error(.wrongNumber(UInt64(type)), at: start + 4, "the Spec ID event's type, EV_NO_ACTION")
    }
    let digest = try reader.bytes(20, "the Spec ID event's digest")
    guard digest.allSatisfy({ $0 == 0 }) else {
      throw reader.error(.wrongContent, at: start + 8, "a Spec ID event with a digest of zeros")
    }
    let size = try reader.number(UInt32.self, "the Spec ID event's size")
    let data = try reader.bytes(Int(size), "the Spec ID event")
    nextNumber = 1
    reader.record = 1
    return try Self.banks(data)
  }

  private static func banks(_ data: ArraySlice<UInt8>) throws(EventLogError) -> [FirmwareEventLog.Bank] {
    var reader = LittleEndianReader(data)
    let signature = try reader.bytes(16, "the signature Spec ID Event03")
    guard Array(signature) == specIDSignature else {
      throw reader.error(.wrongContent, at: data.startIndex, "the signature Spec ID Event03 of a crypto-agile log")
    }
    // Platform class, version of the specification, size of UINTN: nothing here depends on them.
    _ = try reader.bytes(8, "the Spec ID event's version")
    let count = try reader.number(UInt32.self, "the number of banks")
    guard (1...mostBanks).contains(count) else {
      throw reader.error(.wrongNumber(UInt64(count)), at: reader.offset - 4, "1 to \(mostBanks) banks")
    }
    var banks: [FirmwareEventLog.Bank] = []
    for _ in 0..<count { banks.append(try bank(&reader, after: banks)) }
    let vendor = try reader.number(UInt8.self, "the size of the vendor's information")
    _ = try reader.bytes(Int(vendor), "the vendor's information")
    guard reader.rest.isEmpty else {
      throw reader.error(.trailingBytes(reader.rest.count), at: reader.offset, "the end of the Spec ID event")
    }
    return banks
  }

  private static func bank(
    _ reader: inout LittleEndianReader, after banks: [FirmwareEventLog.Bank]
  ) throws(EventLogError) -> FirmwareEventLog.Bank {
    let start = reader.offset
    let algorithm = HashAlgorithm(rawValue: try reader.number(UInt16.self, "a bank's algorithm"))
    guard !banks.contains(where: { $0.algorithm == algorithm }) else {
      throw reader.error(.wrongNumber(UInt64(algorithm.rawValue)), at: start, "each bank once")
    }
    let length = Int(try reader.number(UInt16.self, "a bank's digest size"))
    guard length > 0, length == algorithm.digestLength ?? length else {
      throw reader.error(.wrongNumber(UInt64(length)), at: start + 2, "the digest size of \(algorithm)")
    }
    return FirmwareEventLog.Bank(algorithm: algorithm, digestLength: length)
  }

  /// The next event, TCG_PCR_EVENT2 (section 10.2.2); nil at the end.
  mutating func event(banks: [FirmwareEventLog.Bank]) throws(EventLogError) -> FirmwareEvent? {
    guard !reader.rest.isEmpty else { return nil }
    let start = reader.offset
    let pcr = try reader.number(UInt32.self, "an event's PCR")
    let type = FirmwareEventType(rawValue: try reader.number(UInt32.self, "an event's type"))
    guard type == .noAction || UInt64(pcr) <= MeasurementLogReader.highestPCR else {
      throw reader.error(.wrongNumber(UInt64(pcr)), at: start, "a PCR up to \(MeasurementLogReader.highestPCR)")
    }
    let count = try reader.number(UInt32.self, "the number of digests")
    guard Int(count) == banks.count else {
      throw reader.error(
        .wrongNumber(UInt64(count)), at: reader.offset - 4, "a digest for each of \(banks.count) banks")
    }
    var digests: [Digest] = []
    for _ in 0..<count { digests.append(try digest(banks: banks, after: digests)) }
    let size = try reader.number(UInt32.self, "the size of the event's data")
    let data = try reader.bytes(Int(size), "the event's data")
    defer {
      nextNumber += 1
      reader.record += 1
    }
    return FirmwareEvent(
      number: nextNumber, offset: start, pcr: pcr, type: type, digests: digests, data: HexBytes(data))
  }

  private mutating func digest(
    banks: [FirmwareEventLog.Bank], after digests: [Digest]
  ) throws(EventLogError) -> Digest {
    let start = reader.offset
    let algorithm = HashAlgorithm(rawValue: try reader.number(UInt16.self, "a digest's algorithm"))
    guard let bank = banks.first(where: { $0.algorithm == algorithm }),
      !digests.contains(where: { $0.algorithm == algorithm })
    else {
      throw reader.error(
        .wrongNumber(UInt64(algorithm.rawValue)), at: start, "a bank of the Spec ID event that is not there yet")
    }
    let bytes = try reader.bytes(bank.digestLength, "a \(algorithm) digest of \(bank.digestLength) bytes")
    return Digest(algorithm: algorithm, checked: Array(bytes))
  }

  /// The locality that a StartupLocality event names (section 10.4.5.3): once, before PCR 0 is extended, for only there
  /// can it be true.
  func startupLocality(
    _ event: FirmwareEvent, known: UInt8?, after events: [FirmwareEvent]
  ) throws(EventLogError) -> UInt8? {
    let data = event.data.bytes
    guard event.type == .noAction, data.starts(with: Self.localitySignature) else { return nil }
    var place = reader
    place.record = UInt64(event.number)
    guard data.count == Self.localitySignature.count + 1, let locality = data.last, event.pcr == 0 else {
      throw place.error(.wrongContent, at: event.offset, "a StartupLocality event of 17 bytes in PCR 0")
    }
    guard known == nil, !events.contains(where: { $0.isExtended && $0.pcr == 0 }) else {
      throw place.error(.wrongContent, at: event.offset, "one StartupLocality event, before PCR 0 is extended")
    }
    guard locality <= 4 else {
      throw place.error(.wrongNumber(UInt64(locality)), at: event.offset, "a startup locality of 0 to 4")
    }
    return locality
  }
}
