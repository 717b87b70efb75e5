// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EventLog

@Suite("Firmware event log")
struct FirmwareEventLogTests {
  @Test("reads banks, events and their digests")
  func reads() throws {
    let log = try FirmwareEventLog(try SampleFirmwareLog.bytes())
    #expect(
      log.banks == [
        FirmwareEventLog.Bank(algorithm: .sha1, digestLength: 20),
        FirmwareEventLog.Bank(algorithm: .sha256, digestLength: 32),
      ])
    #expect(log.startupLocality == 3)
    #expect(log.events.map(\.number) == [1, 2, 3, 4, 5, 6, 7])
    #expect(log.events.map(\.pcr) == [0, 0, 0xFFFF_FFFF, 7, 0, 7, 4])
    #expect(
      log.events.map(\.type.description) == [
        "EV_NO_ACTION", "EV_S_CRTM_VERSION", "EV_NO_ACTION", "EV_EFI_VARIABLE_DRIVER_CONFIG", "EV_SEPARATOR",
        "EV_SEPARATOR", "EV_EFI_BOOT_SERVICES_APPLICATION",
      ])
    #expect(log.events[1].data.bytes == Array("1.0\0".utf8))
    #expect(log.events.map(\.isExtended) == [false, true, false, true, true, true, true])
    #expect(FirmwareEventType(rawValue: 0x1234_5678).description == "0x12345678")
  }

  @Test("tells an event whose digest is the hash of its data from one whose data only describes it")
  func hashOfData() throws {
    let log = try FirmwareEventLog(try SampleFirmwareLog.bytes())
    #expect(try log.events[4].isHash(in: .sha256))
    #expect(try log.events[4].isHash(in: .sha1))
    #expect(try !log.events[6].isHash(in: .sha256))
    #expect(try !log.events[4].isHash(in: .sha512))
  }

  @Test("an event is one safe line")
  func eventText() throws {
    let log = try FirmwareEventLog(try SampleFirmwareLog.bytes())
    #expect(
      log.events[4].description
        == "event=5 pcr=0 type=EV_SEPARATOR digests=sha1:9069ca78e7450a285173431b3e52c5c25299e473,"
        + "sha256:df3f619804a92fdb4057192dc43dd748ea778adc52bc498ce80524c014b81119 bytes=4")
  }

  @Test("a bank that moor does not know is read by the size that the log gives")
  func unknownBank() throws {
    let digest = Digest(algorithm: HashAlgorithm(rawValue: 0x99), checked: [1, 2, 3])
    let bytes =
      SampleFirmwareLog.specID(banks: [(0x99, 3)])
      + SampleFirmwareLog.event(pcr: 1, type: 4, digests: [digest], data: [])
    let log = try FirmwareEventLog(bytes)
    #expect(log.events.first?.digests == [digest])
    let replay = try FirmwareReplay(log)
    #expect(replay.banks.isEmpty)
    #expect(replay.unknownBanks == [HashAlgorithm(rawValue: 0x99)])
    #expect(replay.value(pcr: 1, bank: HashAlgorithm(rawValue: 0x99)) == nil)
  }

  @Test("digests may stand in another order than the banks")
  func digestOrder() throws {
    let event = SampleFirmwareLog.event(
      pcr: 1, type: 4, digests: SampleFirmwareLog.zeros.reversed(), data: [])
    let log = try FirmwareEventLog(SampleFirmwareLog.specID() + event)
    #expect(log.events.first?.digest(.sha1) == SampleFirmwareLog.zeros[0])
    #expect(log.events.first?.digest(.sha384) == nil)
  }

  struct Bad: CustomTestStringConvertible, Sendable {
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

  private static let head = SampleFirmwareLog.specID()
  private static let zeros = SampleFirmwareLog.zeros
  /// Where the digests of the first event after `head` begin.
  private static let digests = head.count + 12

  static let bad: [Bad] = [
    Bad("nothing", [], offset: 0, "the Spec ID event's PCR", .truncated(needed: 4, available: 0)),
    Bad(
      "the first event in another PCR", SampleFirmwareLog.specID(pcr: 1), offset: 0, "the Spec ID event in PCR 0",
      .wrongNumber(1)),
    Bad(
      "the first event of another type", SampleFirmwareLog.specID(type: 8), offset: 4,
      "the Spec ID event's type, EV_NO_ACTION", .wrongNumber(8)),
    Bad(
      "the first event with a digest", SampleFirmwareLog.specID(digest: [UInt8](repeating: 1, count: 20)), offset: 8,
      "a Spec ID event with a digest of zeros", .wrongContent),
    Bad(
      "a log of TPM 1.2", SampleFirmwareLog.specID(signature: "Spec ID Event00\0"), offset: 32,
      "the signature Spec ID Event03 of a crypto-agile log", .wrongContent),
    Bad(
      "the Spec ID event beyond the end", Array(head[..<28]) + [255, 255, 255, 255], offset: 32, "the Spec ID event",
      .truncated(needed: 4_294_967_295, available: 0)),
    Bad(
      "no bank", SampleFirmwareLog.specID(banks: []), offset: 56, "1 to 16 banks", .wrongNumber(0)),
    Bad(
      "more banks than any TPM has", SampleFirmwareLog.specID(count: 17), offset: 56, "1 to 16 banks",
      .wrongNumber(17)),
    Bad(
      "more banks than are there", SampleFirmwareLog.specID(count: 3), offset: 68, "a bank's algorithm",
      .truncated(needed: 2, available: 1)),
    Bad(
      "a bank twice", SampleFirmwareLog.specID(banks: [(4, 20), (4, 20)]), offset: 64, "each bank once",
      .wrongNumber(4)),
    Bad(
      "a known bank with another size", SampleFirmwareLog.specID(banks: [(11, 20)]), offset: 62,
      "the digest size of sha256", .wrongNumber(20)),
    Bad(
      "an unknown bank of no size", SampleFirmwareLog.specID(banks: [(0x99, 0)]), offset: 62,
      "the digest size of 0x99", .wrongNumber(0)),
    Bad(
      "bytes after the vendor's information", SampleFirmwareLog.specID(after: [7]), offset: 69,
      "the end of the Spec ID event", .trailingBytes(1)),
    Bad(
      "half an event", head + [1, 0, 0], offset: head.count, record: 1, "an event's PCR",
      .truncated(needed: 4, available: 3)),
    Bad(
      "a PCR that no TPM has", head + SampleFirmwareLog.event(pcr: 24, type: 4, digests: zeros, data: []),
      offset: head.count, record: 1, "a PCR up to 23", .wrongNumber(24)),
    Bad(
      "a digest too few", head + SampleFirmwareLog.event(pcr: 1, type: 4, digests: [zeros[0]], data: []),
      offset: head.count + 8, record: 1, "a digest for each of 2 banks", .wrongNumber(1)),
    Bad(
      "a digest too many", head + SampleFirmwareLog.event(pcr: 1, type: 4, digests: zeros + [zeros[0]], data: []),
      offset: head.count + 8, record: 1, "a digest for each of 2 banks", .wrongNumber(3)),
    Bad(
      "one bank twice",
      head + SampleFirmwareLog.event(pcr: 1, type: 4, digests: [zeros[0], zeros[0]], data: []),
      offset: digests + 22, record: 1, "a bank of the Spec ID event that is not there yet", .wrongNumber(4)),
    Bad(
      "a bank of its own",
      head
        + SampleFirmwareLog.event(
          pcr: 1, type: 4, digests: [Digest(algorithm: .sm3, checked: [UInt8](repeating: 0, count: 32)), zeros[0]],
          data: []), offset: digests, record: 1, "a bank of the Spec ID event that is not there yet",
      .wrongNumber(0x12)),
    Bad(
      "data beyond the end",
      head + SampleFirmwareLog.event(pcr: 1, type: 4, digests: zeros, data: [1, 2]).dropLast(), offset: digests + 60,
      record: 1, "the event's data", .truncated(needed: 2, available: 1)),
    Bad(
      "StartupLocality in another PCR", head + SampleFirmwareLog.locality(3, pcr: 1), offset: head.count, record: 1,
      "a StartupLocality event of 17 bytes in PCR 0", .wrongContent),
    Bad(
      "StartupLocality without a number",
      head + SampleFirmwareLog.event(pcr: 0, type: 3, digests: zeros, data: Array("StartupLocality\0".utf8)),
      offset: head.count, record: 1, "a StartupLocality event of 17 bytes in PCR 0", .wrongContent),
    Bad(
      "a locality that there is not", head + SampleFirmwareLog.locality(5), offset: head.count, record: 1,
      "a startup locality of 0 to 4", .wrongNumber(5)),
    Bad(
      "two localities", head + SampleFirmwareLog.locality(3) + SampleFirmwareLog.locality(0), offset: head.count + 89,
      record: 2, "one StartupLocality event, before PCR 0 is extended", .wrongContent),
    Bad(
      "a locality after PCR 0 was extended",
      head + SampleFirmwareLog.event(pcr: 0, type: 4, digests: zeros, data: []) + SampleFirmwareLog.locality(3),
      offset: digests + 60, record: 2, "one StartupLocality event, before PCR 0 is extended", .wrongContent),
  ]

  @Test("refuses what breaks the format, naming event and byte", arguments: bad)
  func refuses(bad: Bad) {
    let error = #expect(throws: EventLogError.self) { try FirmwareEventLog(bad.bytes) }
    #expect(error == bad.error)
  }

  @Test("every truncation is an error with its place, or ends between two events")
  func truncations() throws {
    let bytes = try SampleFirmwareLog.bytes()
    let whole = try FirmwareEventLog(bytes)
    try checkTruncations(of: bytes, borders: whole.events.map(\.offset), read: FirmwareEventLog.init(_:)) { log in
      #expect(log.events == Array(whole.events.prefix(log.events.count)))
    }
  }

  @Test("random damage and over-large lengths never crash, and errors lie in the log", arguments: [1, 2] as [UInt64])
  func mutations(seed: UInt64) throws {
    let bytes = try SampleFirmwareLog.bytes()
    var random = SeededGenerator(seed: seed)
    for round in 0..<4_000 {
      var changed = bytes
      let at = Int.random(in: 0..<(bytes.count - 4), using: &random)
      if round.isMultiple(of: 2) {
        changed.replaceSubrange(at..<at + 4, with: [255, 255, 255, UInt8.random(in: 0...255, using: &random)])
      } else {
        changed[at] = UInt8.random(in: 0...255, using: &random)
      }
      do throws(EventLogError) {
        _ = try FirmwareEventLog(changed)
      } catch {
        #expect((0...changed.count).contains(error.offset))
      }
    }
  }
}
