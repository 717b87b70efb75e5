// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EventLog

@Suite("The record of an access policy")
struct AccessRecordTests {
  private let boot = "0f2c8f0e-3c5b-4a55-9d1c-7f8a1b2c3d4e"
  private let words =
    "record=access alg=sha256 digest=\(String(repeating: "a5", count: 32)) mode=learning name=\"hosts/rack12\" "
    + "version=7 generation=0"

  @Test("is number 11, and reads back as it was written")
  func binary() throws {
    let event = SampleLog.access()
    #expect(Array(event.encoded().prefix(6)) == [1, 0, 0, 0, 1, 11])
    let log = try MeasurementLog(
      pcr: SampleLog.pcr, banks: SampleLog.banks,
      events: SampleLog.events() + [(event, SampleLog.note(time: 5_000, pid: 411))])
    let found = try MeasurementLog(log.encoded())
    #expect(found == log)
    #expect(found.records.last?.event == event)
    #expect(found.records.last?.description == "number=9 boot=\(boot) \(words) pid=411")
  }

  @Test("is bound by the digests like any other")
  func replayed() throws {
    let log = try MeasurementLog(
      pcr: SampleLog.pcr, banks: SampleLog.banks, events: SampleLog.events() + [(SampleLog.access(), nil)])
    #expect(try Replay(log, from: .recorded).banks.allSatisfy { $0.mismatch == nil })
    var changed = SampleLog.access()
    changed.mode = .enforcing
    let last = try #require(log.records.last)
    let forged = MeasurementRecord(
      number: last.number, pcr: last.pcr, digests: last.digests, event: changed, extended: HexBytes(changed.encoded()),
      note: nil, unknown: [])
    let replay = try Replay(MeasurementLog(records: log.records.dropLast() + [forged]), from: .recorded)
    #expect(replay.banks.map(\.mismatch?.record) == [last.number, last.number])
  }

  @Test("stands in the system log with the keys of a policy's")
  func text() throws {
    let line = "moor boot=\(boot) seq=4 \(words) pid=411"
    let record = try #require(try AuditRecord(line: "audit: type=1805 audit(1.000:1): \(line)".utf8))
    #expect(record.event == SampleLog.access())
    #expect(record.text == line)
  }
}
