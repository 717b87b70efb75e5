// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EventLog

@Suite("Reader of the measurement log")
struct MeasurementLogReaderTests {
  @Test("reads back every kind of record and every field")
  func roundTrip() throws {
    let log = try MeasurementLog(try SampleLog.bytes())
    let events = try SampleLog.events()
    #expect(log.records.count == events.count)
    for (record, expected) in zip(log.records, events) {
      #expect(record.event == expected.event)
      #expect(record.note == expected.note)
      #expect(record.pcr == SampleLog.pcr)
      #expect(record.digests.map(\.algorithm) == SampleLog.banks)
    }
    #expect(log.records.map(\.number) == (0..<UInt64(events.count)).map { $0 })
    #expect(log.banks == SampleLog.banks)
  }

  @Test("encoding what was read gives the same bytes")
  func canonical() throws {
    let bytes = try SampleLog.bytes()
    #expect(try MeasurementLog(bytes).encoded() == bytes)
  }

  @Test("an empty log has no records")
  func empty() throws {
    #expect(try MeasurementLog([]).records.isEmpty)
  }

  @Test("hands out the records before a damaged one, and where it begins")
  func goodPrefix() throws {
    let whole = try SampleLog.make()
    let first = whole.records[0].encoded()
    var reader = MeasurementLogReader(first + [0, 0])
    #expect(try reader.next() == whole.records[0])
    #expect(reader.offset == first.count)
    #expect(throws: EventLogError.self) { try reader.next() }
  }

  @Test("reads the tail of a log from the record asked for")
  func tail() throws {
    let log = try SampleLog.make()
    let tail = log.records[3...].flatMap { $0.encoded() }
    #expect(try MeasurementLog(tail, firstRecord: 3).records == Array(log.records[3...]))
    #expect(try MeasurementLog(tail, firstRecord: nil).records == Array(log.records[3...]))
    let error = #expect(throws: EventLogError.self) { try MeasurementLog(tail) }
    #expect(
      error == EventLogError(offset: 5, record: 0, expected: "record number 0", problem: .wrongNumber(3)))
  }

  @Test("keeps numbers and fields that a newer module may add")
  func unknownKept() throws {
    let event =
      SampleLog.element(1, [200]) + SampleLog.element(2, [201]) + SampleLog.element(7, [202])
      + SampleLog.element(8, [203]) + SampleLog.element(40, [1, 2, 3]) + SampleLog.element(255, [])
    let note = SampleLog.element(9, [7])
    let bytes = SampleLog.record(
      content: SampleLog.element(1, event) + SampleLog.element(2, note) + SampleLog.element(77, [5]))
    let log = try MeasurementLog(bytes)
    let record = try #require(log.records.first)
    #expect(record.event.record == RecordKind(rawValue: 200))
    #expect(record.event.kind == FileKind(rawValue: 201))
    #expect(record.event.reason == Reason(rawValue: 202))
    #expect(record.event.mode == Mode(rawValue: 203))
    #expect(
      record.event.unknown == [
        UnknownElement(tag: 40, value: HexBytes([1, 2, 3])), UnknownElement(tag: 255, value: HexBytes([])),
      ])
    #expect(record.note?.unknown == [UnknownElement(tag: 9, value: HexBytes([7]))])
    #expect(record.unknown == [UnknownElement(tag: 77, value: HexBytes([5]))])
    #expect(log.encoded() == bytes)
    #expect(record.event.description == "record=200 kind=201 reason=202 mode=203 field-40=010203 field-255=")
  }

  struct BadEvent: CustomTestStringConvertible, Sendable {
    let what: String
    let event: [UInt8]
    /// From the begin of the EVENT's value.
    let offset: Int
    let expected: String
    let problem: EventLogError.Problem
    var testDescription: String { what }
  }

  private static let started = SampleLog.element(1, [5])

  static let badEvents: [BadEvent] = [
    BadEvent(
      what: "no fields", event: [], offset: 0, expected: "the field RECORD (tag 1)",
      problem: .truncated(needed: 6, available: 0)),
    BadEvent(
      what: "RECORD missing", event: SampleLog.element(2, [1]), offset: 0, expected: "the field RECORD (tag 1)",
      problem: .unexpectedTag(2)),
    BadEvent(
      what: "tag 0 first", event: SampleLog.element(0, []) + started, offset: 0, expected: "the field RECORD (tag 1)",
      problem: .unexpectedTag(0)),
    BadEvent(
      what: "RECORD empty", event: SampleLog.element(1, []), offset: 1, expected: "RECORD of 1 bytes",
      problem: .wrongLength(0)),
    BadEvent(
      what: "RECORD of two bytes", event: SampleLog.element(1, [0, 5]), offset: 1, expected: "RECORD of 1 bytes",
      problem: .wrongLength(2)),
    BadEvent(
      what: "RECORD twice", event: started + started, offset: 6, expected: "a field of the event with a tag above 1",
      problem: .tagOrder(tag: 1, previous: 1)),
    BadEvent(
      what: "descending tags", event: started + SampleLog.element(8, [1]) + SampleLog.element(7, [1]), offset: 12,
      expected: "a field of the event with a tag above 8", problem: .tagOrder(tag: 7, previous: 8)),
    BadEvent(
      what: "half a field header", event: started + [2, 0, 0], offset: 6, expected: "a field of the event",
      problem: .truncated(needed: 5, available: 3)),
    BadEvent(
      what: "a length beyond the event", event: started + [2, 0, 0, 0, 2, 1], offset: 7,
      expected: "a field of the event", problem: .truncated(needed: 2, available: 1)),
    BadEvent(
      what: "the largest length", event: started + [3, 255, 255, 255, 255, 47], offset: 7,
      expected: "a field of the event", problem: .truncated(needed: 4_294_967_295, available: 1)),
    BadEvent(
      what: "KIND of two bytes", event: started + SampleLog.element(2, [0, 1]), offset: 7, expected: "KIND of 1 bytes",
      problem: .wrongLength(2)),
    BadEvent(
      what: "empty PATH", event: started + SampleLog.element(3, []), offset: 7, expected: "PATH of 1 to 4095 bytes",
      problem: .wrongLength(0)),
    BadEvent(
      what: "PATH one byte too long", event: started + SampleLog.element(3, [UInt8](repeating: 47, count: 4096)),
      offset: 7, expected: "PATH of 1 to 4095 bytes", problem: .wrongLength(4096)),
    BadEvent(
      what: "NUL in PATH", event: started + SampleLog.element(3, [47, 0, 47]), offset: 12,
      expected: "PATH without NUL", problem: .wrongContent),
    BadEvent(
      what: "ALGORITHM empty", event: started + SampleLog.element(4, []), offset: 7, expected: "ALGORITHM of 1 bytes",
      problem: .wrongLength(0)),
    BadEvent(
      what: "a SHA-256 digest of 31 bytes",
      event: started + SampleLog.element(4, [1]) + SampleLog.element(5, [UInt8](repeating: 1, count: 31)), offset: 13,
      expected: "DIGEST (sha256) of 32 bytes", problem: .wrongLength(31)),
    BadEvent(
      what: "a SHA-512 fs-verity digest of 32 bytes",
      event: started + SampleLog.element(4, [3]) + SampleLog.element(5, [UInt8](repeating: 1, count: 32)), offset: 13,
      expected: "DIGEST (fsverity-sha512) of 64 bytes", problem: .wrongLength(32)),
    BadEvent(
      what: "a digest where ALGORITHM says none",
      event: started + SampleLog.element(4, [0]) + SampleLog.element(5, [UInt8](repeating: 1, count: 32)), offset: 13,
      expected: "DIGEST (none) of 0 bytes", problem: .wrongLength(32)),
    BadEvent(
      what: "a digest of 65 bytes", event: started + SampleLog.element(5, [UInt8](repeating: 1, count: 65)), offset: 7,
      expected: "DIGEST of 1 to 64 bytes", problem: .wrongLength(65)),
    BadEvent(
      what: "EXPECTED empty", event: started + SampleLog.element(6, []), offset: 7,
      expected: "EXPECTED of 1 to 64 bytes", problem: .wrongLength(0)),
    BadEvent(
      what: "REASON of four bytes", event: started + SampleLog.element(7, [0, 0, 0, 1]), offset: 7,
      expected: "REASON of 1 bytes", problem: .wrongLength(4)),
    BadEvent(
      what: "MODE empty", event: started + SampleLog.element(8, []), offset: 7, expected: "MODE of 1 bytes",
      problem: .wrongLength(0)),
    BadEvent(
      what: "NAME too long", event: started + SampleLog.element(9, [UInt8](repeating: 97, count: 128)), offset: 7,
      expected: "NAME of 0 to 127 bytes", problem: .wrongLength(128)),
    BadEvent(
      what: "VERSION of four bytes", event: started + SampleLog.element(10, [0, 0, 0, 1]), offset: 7,
      expected: "VERSION of 8 bytes", problem: .wrongLength(4)),
    BadEvent(
      what: "GENERATION of nine bytes", event: started + SampleLog.element(11, [UInt8](repeating: 0, count: 9)),
      offset: 7, expected: "GENERATION of 8 bytes", problem: .wrongLength(9)),
    BadEvent(
      what: "ABI of eight bytes", event: started + SampleLog.element(12, [UInt8](repeating: 0, count: 8)), offset: 7,
      expected: "ABI of 4 bytes", problem: .wrongLength(8)),
    BadEvent(
      what: "BUILD_ID empty", event: started + SampleLog.element(13, []), offset: 7,
      expected: "BUILD_ID of 1 to 64 bytes", problem: .wrongLength(0)),
    BadEvent(
      what: "half a program tag", event: started + SampleLog.element(14, [UInt8](repeating: 9, count: 12)), offset: 7,
      expected: "PROGRAM_TAGS of a multiple of 8 bytes", problem: .wrongLength(12)),
    BadEvent(
      what: "PCR_BEFORE ends in a header", event: started + SampleLog.element(15, [0, 11, 0]), offset: 11,
      expected: "a bank of PCR_BEFORE", problem: .truncated(needed: 4, available: 3)),
    BadEvent(
      what: "PCR_BEFORE of an unknown bank", event: started + SampleLog.element(15, [1, 0, 0, 1, 9]), offset: 11,
      expected: "a known hash algorithm in PCR_BEFORE", problem: .unknownAlgorithm(256)),
    BadEvent(
      what: "PCR_BEFORE with another bank's length", event: started + SampleLog.element(15, [0, 11, 0, 20]), offset: 13,
      expected: "a sha256 value of 32 bytes in PCR_BEFORE", problem: .wrongLength(20)),
    BadEvent(
      what: "PCR_BEFORE cut in a value", event: started + SampleLog.element(15, [0, 11, 0, 32, 1, 2]), offset: 15,
      expected: "a sha256 value in PCR_BEFORE", problem: .truncated(needed: 32, available: 2)),
    BadEvent(
      what: "a bank twice in PCR_BEFORE",
      event: started
        + SampleLog.element(
          15, [0, 4, 0, 20] + [UInt8](repeating: 0, count: 20) + [0, 4, 0, 20] + [UInt8](repeating: 0, count: 20)),
      offset: 35, expected: "each bank once in PCR_BEFORE", problem: .wrongNumber(4)),
    BadEvent(
      what: "CLOSED of 2", event: started + SampleLog.element(16, [2]), offset: 11, expected: "CLOSED of 0 or 1",
      problem: .wrongNumber(2)),
  ]

  @Test("refuses an event that breaks its format, naming the byte", arguments: badEvents)
  func refusesEvent(bad: BadEvent) {
    let error = #expect(throws: EventLogError.self) { try MeasurementLog(SampleLog.record(event: bad.event)) }
    #expect(
      error
        == EventLogError(
          offset: SampleLog.eventOffset + bad.offset, record: 0, expected: bad.expected, problem: bad.problem))
  }

  struct BadRecord: CustomTestStringConvertible, Sendable {
    let what: String
    let bytes: [UInt8]
    let error: EventLogError
    var testDescription: String { what }

    init(
      _ what: String, _ bytes: [UInt8], offset: Int, record: UInt64 = 0, _ expected: String,
      _ problem: EventLogError.Problem
    ) {
      self.what = what
      self.bytes = bytes
      self.error = EventLogError(offset: offset, record: record, expected: expected, problem: problem)
    }
  }

  private static let lock = SampleLog.element(1, SampleLog.element(1, [7]))
  private static let good = SampleLog.record(content: lock)
  private static let sha256 = SampleLog.element(0x0B, [UInt8](repeating: 0, count: 32))
  private static let sha1 = SampleLog.element(0x04, [UInt8](repeating: 0, count: 20))
  private static func second(_ pcr: UInt8 = 13, digests: [UInt8] = sha256, number: UInt8 = 1) -> [UInt8] {
    good
      + SampleLog.record(
        number: [0, 0, 0, 0, 0, 0, 0, number], pcr: [pcr], digests: digests, content: lock)
  }

  static let badRecords: [BadRecord] = [
    BadRecord("one byte", [0], offset: 0, "RECNUM (tag 0)", .truncated(needed: 5, available: 1)),
    BadRecord("text instead of a log", Array("moor".utf8), offset: 0, "RECNUM (tag 0)", .unexpectedTag(109)),
    BadRecord(
      "RECNUM of four bytes", SampleLog.record(number: [0, 0, 0, 0], content: lock), offset: 1, "RECNUM of 8 bytes",
      .wrongLength(4)),
    BadRecord(
      "RECNUM with the largest length", [0, 255, 255, 255, 255], offset: 1, "RECNUM (tag 0)",
      .truncated(needed: 4_294_967_295, available: 0)),
    BadRecord(
      "not from 0", SampleLog.record(number: [0, 0, 0, 0, 0, 0, 0, 1], content: lock), offset: 5, "record number 0",
      .wrongNumber(1)),
    BadRecord(
      "a record doubled", good + good, offset: good.count + 5, record: 1, "record number 1", .wrongNumber(0)),
    BadRecord(
      "a record cut out", second(number: 2), offset: good.count + 5, record: 1, "record number 1", .wrongNumber(2)),
    BadRecord("PCR missing", Array(good[..<13]) + Array(good[19...]), offset: 13, "PCR (tag 1)", .unexpectedTag(3)),
    BadRecord(
      "PCR of four bytes", SampleLog.record(pcr: [0, 0, 0, 13], content: lock), offset: 14, "PCR of 1 bytes",
      .wrongLength(4)),
    BadRecord(
      "PCR out of range", SampleLog.record(pcr: [24], content: lock), offset: 18, "a PCR up to 23",
      .wrongNumber(24)),
    BadRecord(
      "another PCR later", second(12), offset: good.count + 18, record: 1, "PCR 13 as in the first record",
      .wrongNumber(12)),
    BadRecord(
      "NV index instead of PCR", SampleLog.element(0, [UInt8](repeating: 0, count: 8)) + SampleLog.element(2, [1]),
      offset: 13, "PCR (tag 1)", .unexpectedTag(2)),
    BadRecord(
      "ends after the PCR", Array(good[..<19]), offset: 19, "DIGESTS (tag 3)", .truncated(needed: 5, available: 0)),
    BadRecord(
      "no digests", SampleLog.record(digests: [], content: lock), offset: 19, "at least one digest",
      .truncated(needed: 1, available: 0)),
    BadRecord(
      "a digest of an unknown algorithm", SampleLog.record(digests: SampleLog.element(0x10, [1]), content: lock),
      offset: 24, "a known hash algorithm", .unknownAlgorithm(16)),
    BadRecord(
      "a digest of another length",
      SampleLog.record(digests: SampleLog.element(0x0B, [UInt8](repeating: 0, count: 20)), content: lock), offset: 25,
      "a sha256 digest of 32 bytes", .wrongLength(20)),
    BadRecord(
      "a digest beyond DIGESTS", SampleLog.record(digests: [0x0B, 0, 0, 0, 32, 1, 2, 3], content: lock), offset: 25,
      "a digest", .truncated(needed: 32, available: 3)),
    BadRecord(
      "a bank twice", SampleLog.record(digests: sha256 + sha256, content: lock), offset: 61,
      "at most 8 banks, each once", .wrongNumber(11)),
    BadRecord(
      "one bank more than before", second(digests: sha256 + sha1), offset: good.count + 61, record: 1,
      "the banks of the first record, in its order", .wrongNumber(4)),
    BadRecord(
      "another bank than before", second(digests: sha1), offset: good.count + 24, record: 1,
      "the banks of the first record, in its order", .wrongNumber(4)),
    BadRecord(
      "one bank less than before",
      SampleLog.record(digests: sha1 + sha256, content: lock)
        + SampleLog.record(number: [0, 0, 0, 0, 0, 0, 0, 1], digests: sha1, content: lock),
      offset: good.count + 25 + 19, record: 1, "as many digests as in the first record",
      .truncated(needed: 2, available: 1)),
    BadRecord(
      "a content of somebody else's", Array(good[..<61]) + SampleLog.element(5, []), offset: 61,
      "a content of moor's (type 109)", .unexpectedTag(5)),
    BadRecord(
      "no content", Array(good[..<61]), offset: 61, "a content of moor's (type 109)",
      .truncated(needed: 5, available: 0)),
    BadRecord(
      "an empty content", SampleLog.record(content: []), offset: 66, "EVENT (tag 1)",
      .truncated(needed: 5, available: 0)),
    BadRecord(
      "a NOTE without EVENT", SampleLog.record(content: SampleLog.element(2, [])), offset: 66, "EVENT (tag 1)",
      .unexpectedTag(2)),
    BadRecord(
      "two EVENTs", SampleLog.record(content: lock + lock), offset: 77,
      "an element of the content with a tag above 1", .tagOrder(tag: 1, previous: 1)),
    BadRecord(
      "a NOTE before the EVENT", SampleLog.record(content: SampleLog.element(0, []) + lock), offset: 66,
      "EVENT (tag 1)", .unexpectedTag(0)),
    BadRecord(
      "BOOT of 15 bytes",
      SampleLog.record(
        content: lock + SampleLog.element(2, SampleLog.element(1, [UInt8](repeating: 1, count: 15)))), offset: 83,
      "BOOT of 16 bytes", .wrongLength(15)),
    BadRecord(
      "TIME of four bytes",
      SampleLog.record(content: lock + SampleLog.element(2, SampleLog.element(2, [0, 0, 0, 1]))), offset: 83,
      "TIME of 8 bytes", .wrongLength(4)),
    BadRecord(
      "PID of two bytes", SampleLog.record(content: lock + SampleLog.element(2, SampleLog.element(3, [0, 1]))),
      offset: 83, "PID of 4 bytes", .wrongLength(2)),
    BadRecord(
      "an empty VM", SampleLog.record(content: lock + SampleLog.element(2, SampleLog.element(4, []))), offset: 83,
      "VM of 1 to 63 bytes", .wrongLength(0)),
    BadRecord(
      "NUL in VM", SampleLog.record(content: lock + SampleLog.element(2, SampleLog.element(4, [97, 0]))), offset: 88,
      "VM without NUL", .wrongContent),
    BadRecord(
      "bytes after the last record", good + [9], offset: good.count, record: 1, "RECNUM (tag 0)", .unexpectedTag(9)),
  ]

  @Test("refuses a record that breaks its format, naming record and byte", arguments: badRecords)
  func refusesRecord(bad: BadRecord) {
    let error = #expect(throws: EventLogError.self) { try MeasurementLog(bad.bytes) }
    #expect(error == bad.error)
  }

  @Test("the hand-made record is itself good")
  func goodRecord() throws {
    #expect(try MeasurementLog(Self.good).records.first?.event == MeasurementEvent(.lock))
  }

  @Test("the longest path, policy name and VM name are taken")
  func longest() throws {
    var event = SampleLog.measure(path: "/" + String(repeating: "a", count: 4094))
    event.name = UntrustedText(String(repeating: "n", count: 127))
    let note = SampleLog.note(time: .max, pid: .max, vm: String(repeating: "v", count: 63))
    let record = try MeasurementRecord(number: 0, pcr: 23, banks: [.sha512], event: event, note: note)
    #expect(try MeasurementLog(record.encoded()).records == [record])
  }

  @Test("an error says record, byte, expectation and finding in one line")
  func errorText() {
    let error = #expect(throws: EventLogError.self) { try MeasurementLog(Self.second(12)) }
    #expect(error?.description == "record 1, byte 95: expected PCR 13 as in the first record, found 12")
  }
}
