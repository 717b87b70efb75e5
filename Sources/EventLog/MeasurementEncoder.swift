// SPDX-License-Identifier: Apache-2.0

import CMoor

/// Puts TLV elements together.
struct ElementWriter {
  private var elements: [(tag: UInt8, value: [UInt8])] = []

  /// Adds an element, unless there is nothing to add.
  mutating func add(_ tag: UInt8, _ value: [UInt8]?) {
    guard let value else { return }
    elements.append((tag, value))
  }

  mutating func add(_ unknown: [UnknownElement]) {
    for element in unknown { add(element.tag, element.value.bytes) }
  }

  /// All elements, in ascending order of tag.
  func ascending() -> [UInt8] {
    elements.sorted { $0.tag < $1.tag }.reduce(into: []) { $0 += Self.element($1.tag, $1.value) }
  }

  static func element(_ tag: UInt8, _ value: [UInt8]) -> [UInt8] {
    [tag] + UInt32(clamping: value.count).bigEndianBytes + value
  }
}

extension FixedWidthInteger {
  /// The number's bytes, most significant first.
  var bigEndianBytes: [UInt8] {
    stride(from: Self.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> $0) }
  }
}

extension MeasurementEvent {
  /// The value of the EVENT element: what each bank hashes.
  public func encoded() -> [UInt8] {
    var writer = ElementWriter()
    writer.add(Field.record, [record.rawValue])
    writer.add(Field.kind, kind.map { [$0.rawValue] })
    writer.add(Field.path, path?.bytes)
    writer.add(Field.algorithm, algorithm.map { [$0.rawValue] })
    writer.add(Field.digest, digest?.bytes)
    writer.add(Field.expected, expected?.bytes)
    writer.add(Field.reason, reason.map { [$0.rawValue] })
    writer.add(Field.mode, mode.map { [$0.rawValue] })
    writer.add(Field.name, name?.bytes)
    writer.add(Field.version, version?.bigEndianBytes)
    writer.add(Field.generation, generation?.bigEndianBytes)
    writer.add(Field.abi, abi?.bigEndianBytes)
    writer.add(Field.buildID, buildID?.bytes)
    writer.add(Field.programTags, programTags?.flatMap(\.bytes))
    writer.add(Field.pcrBefore, pcrBefore?.flatMap(Self.bank))
    writer.add(Field.closed, closed.map { [$0 ? 1 : 0] })
    writer.add(unknown)
    return writer.ascending()
  }

  private static func bank(_ value: Digest) -> [UInt8] {
    value.algorithm.rawValue.bigEndianBytes + UInt16(clamping: value.bytes.count).bigEndianBytes + value.bytes
  }
}

extension MeasurementNote {
  /// The value of the NOTE element.
  public func encoded() -> [UInt8] {
    var writer = ElementWriter()
    writer.add(NoteField.boot, boot?.bytes)
    writer.add(NoteField.time, time?.bigEndianBytes)
    writer.add(NoteField.pid, pid?.bigEndianBytes)
    writer.add(NoteField.vm, vm?.bytes)
    writer.add(unknown)
    return writer.ascending()
  }
}

extension MeasurementRecord {
  /// A record of this event, with its digest in each bank as the module computes it.
  public init(
    number: UInt64, pcr: UInt32, banks: [HashAlgorithm], event: MeasurementEvent, note: MeasurementNote?
  ) throws(HashingError) {
    let extended = event.encoded()
    var digests: [Digest] = []
    for bank in banks { digests.append(try Digest(hashing: extended, with: bank)) }
    self.init(
      number: number, pcr: pcr, digests: digests, event: event, extended: HexBytes(extended), note: note, unknown: [])
  }

  /// The record as it stands in the log.
  public func encoded() -> [UInt8] {
    var content = ElementWriter()
    content.add(UInt8(truncatingIfNeeded: MOOR_CONTENT_EVENT.rawValue), extended.bytes)
    content.add(UInt8(truncatingIfNeeded: MOOR_CONTENT_NOTE.rawValue), note?.encoded())
    content.add(unknown)
    let banks = digests.flatMap {
      // A hash's TPM_ALG_ID is below 256, so its low byte says all.
      ElementWriter.element(UInt8(truncatingIfNeeded: $0.algorithm.rawValue), $0.bytes)
    }
    return ElementWriter.element(UInt8(truncatingIfNeeded: MOOR_CEL_RECNUM), number.bigEndianBytes)
      + ElementWriter.element(UInt8(truncatingIfNeeded: MOOR_CEL_PCR), [UInt8(clamping: pcr)])
      + ElementWriter.element(UInt8(truncatingIfNeeded: MOOR_CEL_DIGESTS), banks)
      + ElementWriter.element(UInt8(truncatingIfNeeded: MOOR_CEL_CONTENT), content.ascending())
  }
}

extension MeasurementLog {
  /// A log of these events in one PCR and these banks, numbered from 0.
  public init(
    pcr: UInt32, banks: [HashAlgorithm], events: [(event: MeasurementEvent, note: MeasurementNote?)]
  ) throws(HashingError) {
    var records: [MeasurementRecord] = []
    for (number, one) in events.enumerated() {
      records.append(
        try MeasurementRecord(number: UInt64(number), pcr: pcr, banks: banks, event: one.event, note: one.note))
    }
    self.init(records: records)
  }

  /// The log as securityfs shows it.
  public func encoded() -> [UInt8] {
    records.reduce(into: []) { $0 += $1.encoded() }
  }
}
