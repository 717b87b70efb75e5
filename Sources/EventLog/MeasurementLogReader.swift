// SPDX-License-Identifier: Apache-2.0

import CMoor

/// Reads moor's measurement log record by record: the TCG Canonical Event Log Format in its TLV encoding, as
/// docs/formats.md has it. Every record before a damaged one is handed out.
///
/// Strict, so that two readers can never understand one log differently: record numbers are consecutive, all records are of
/// one PCR and carry the same banks in the same order, tags ascend, lengths are exact. What a newer module may add (numbers
/// of enumerations, field tags) is kept. Encoding what was read gives the same bytes again.
public struct MeasurementLogReader {
  private var reader: ElementReader
  private var nextNumber: UInt64?
  private var pcr: UInt32?
  private var banks: [HashAlgorithm]?

  /// TPMs of the PC Client Platform TPM Profile have PCR 0 to 23.
  static let highestPCR: UInt64 = 23

  /// - Parameters:
  ///   - bytes: the log.
  ///   - firstRecord: the number that the first record must have; nil for any.
  public init(_ bytes: [UInt8], firstRecord: UInt64? = 0) {
    reader = ElementReader(bytes[...], record: firstRecord ?? 0)
    nextNumber = firstRecord
  }

  /// How many bytes have been read; where the next record begins.
  public var offset: Int { reader.offset }

  /// The next record; nil at the end of the log.
  ///
  /// - Throws: an error with the place. The reader is then good for nothing more.
  public mutating func next() throws(EventLogError) -> MeasurementRecord? {
    guard !reader.rest.isEmpty else { return nil }
    let number = try readNumber()
    let pcr = try readPCR()
    let digests = try readDigests()
    let tag = UInt8(truncatingIfNeeded: MOOR_CEL_CONTENT)
    let content = try reader.next(tag, "a content of moor's (type \(tag))")
    let record = try Self.record(number: number, pcr: pcr, digests: digests, content: content)
    reader.record = number &+ 1
    nextNumber = number &+ 1
    return record
  }

  private mutating func readNumber() throws(EventLogError) -> UInt64 {
    let element = try fixed(UInt8(truncatingIfNeeded: MOOR_CEL_RECNUM), length: 8, "RECNUM")
    let number = element.value.bigEndianNumber
    if let expected = nextNumber, number != expected {
      throw reader.error(.wrongNumber(number), at: element.value.startIndex, "record number \(expected)")
    }
    reader.record = number
    return number
  }

  private mutating func readPCR() throws(EventLogError) -> UInt32 {
    let element = try fixed(UInt8(truncatingIfNeeded: MOOR_CEL_PCR), length: 1, "PCR")
    let number = element.value.bigEndianNumber
    if let pcr, number != UInt64(pcr) {
      throw reader.error(.wrongNumber(number), at: element.value.startIndex, "PCR \(pcr) as in the first record")
    }
    guard number <= Self.highestPCR else {
      throw reader.error(.wrongNumber(number), at: element.value.startIndex, "a PCR up to \(Self.highestPCR)")
    }
    let found = UInt32(truncatingIfNeeded: number)
    pcr = found
    return found
  }

  /// DIGESTS: an element a bank, whose type is the low byte of the TPM_ALG_ID.
  private mutating func readDigests() throws(EventLogError) -> [Digest] {
    let tag = UInt8(truncatingIfNeeded: MOOR_CEL_DIGESTS)
    let element = try reader.next(tag, "DIGESTS (tag \(tag))")
    var inner = ElementReader(element.value, record: reader.record)
    var digests: [Digest] = []
    while !inner.rest.isEmpty {
      let one = try inner.next("a digest")
      let algorithm = HashAlgorithm(rawValue: UInt16(one.tag))
      try check(algorithm, at: digests.count, among: digests, offset: one.offset)
      guard let length = algorithm.digestLength else {
        throw inner.error(.unknownAlgorithm(algorithm.rawValue), at: one.offset, "a known hash algorithm")
      }
      guard one.value.count == length else {
        throw inner.error(.wrongLength(one.value.count), at: one.offset + 1, "a \(algorithm) digest of \(length) bytes")
      }
      digests.append(Digest(algorithm: algorithm, checked: Array(one.value)))
    }
    guard !digests.isEmpty, digests.count >= banks?.count ?? 1 else {
      throw reader.error(
        .truncated(needed: banks?.count ?? 1, available: digests.count), at: element.offset,
        banks == nil ? "at least one digest" : "as many digests as in the first record")
    }
    banks = digests.map(\.algorithm)
    return digests
  }

  /// The bank must be the one that stands here in the first record; in the first record, a new one.
  private func check(
    _ algorithm: HashAlgorithm, at index: Int, among digests: [Digest], offset: Int
  ) throws(EventLogError) {
    let number = UInt64(algorithm.rawValue)
    if let banks {
      guard index < banks.count, banks[index] == algorithm else {
        throw reader.error(.wrongNumber(number), at: offset, "the banks of the first record, in its order")
      }
    } else {
      guard index < Field.mostBanks, !digests.contains(where: { $0.algorithm == algorithm }) else {
        throw reader.error(.wrongNumber(number), at: offset, "at most \(Field.mostBanks) banks, each once")
      }
    }
  }

  private mutating func fixed(_ tag: UInt8, length: Int, _ name: String) throws(EventLogError) -> Element {
    let element = try reader.next(tag, "\(name) (tag \(tag))")
    guard element.value.count == length else {
      throw reader.error(.wrongLength(element.value.count), at: element.offset + 1, "\(name) of \(length) bytes")
    }
    return element
  }

  private static func record(
    number: UInt64, pcr: UInt32, digests: [Digest], content: Element
  ) throws(EventLogError) -> MeasurementRecord {
    let eventTag = UInt8(truncatingIfNeeded: MOOR_CONTENT_EVENT.rawValue)
    let noteTag = UInt8(truncatingIfNeeded: MOOR_CONTENT_NOTE.rawValue)
    var elements = AscendingElements(content.value, record: number, name: "an element of the content")
    guard let first = try elements.next(), first.tag == eventTag else {
      let problem = content.value.first.map(EventLogError.Problem.unexpectedTag) ?? .truncated(needed: 5, available: 0)
      throw elements.error(problem, at: content.value.startIndex, "EVENT (tag \(eventTag))")
    }
    let event = try MeasurementEvent(parsing: first.value, record: number)
    var note: MeasurementNote?
    var unknown: [UnknownElement] = []
    while let element = try elements.next() {
      if element.tag == noteTag {
        note = try MeasurementNote(parsing: element.value, record: number)
      } else {
        unknown.append(UnknownElement(tag: element.tag, value: HexBytes(element.value)))
      }
    }
    return MeasurementRecord(
      number: number, pcr: pcr, digests: digests, event: event, extended: HexBytes(first.value), note: note,
      unknown: unknown)
  }
}

/// A whole measurement log in memory.
public struct MeasurementLog: Hashable, Sendable, Codable {
  /// The records, in order.
  public let records: [MeasurementRecord]

  /// Reads all of a log; `firstRecord` is the number that its first record must have, nil for any.
  public init(_ bytes: [UInt8], firstRecord: UInt64? = 0) throws(EventLogError) {
    var reader = MeasurementLogReader(bytes, firstRecord: firstRecord)
    var records: [MeasurementRecord] = []
    while let record = try reader.next() { records.append(record) }
    self.records = records
  }

  /// A log of these records.
  init(records: [MeasurementRecord]) {
    self.records = records
  }

  /// The banks that every record extends; empty for an empty log.
  public var banks: [HashAlgorithm] { records.first?.digests.map(\.algorithm) ?? [] }
}
