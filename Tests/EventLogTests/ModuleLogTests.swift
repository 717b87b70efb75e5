// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EventLog

/// A log written by the module's encoder in C, and the same events through the one in Swift.
@Suite("Log of the module's own encoder")
struct ModuleLogTests {
  let bytes: [UInt8]

  init() throws {
    bytes = try Fixture.bytes("module-log", "bin")
  }

  /// The module's notes always say boot, time and process.
  private func expected() throws -> MeasurementLog {
    let events = try SampleLog.events().enumerated().map { number, one in
      let note = SampleLog.note(time: 1_000 + UInt64(number), pid: 512, vm: one.note?.vm?.utf8)
      return (event: one.event, note: MeasurementNote?.some(note))
    }
    return try MeasurementLog(pcr: SampleLog.pcr, banks: SampleLog.banks, events: events)
  }

  @Test("is read as the events that were written")
  func read() throws {
    #expect(try MeasurementLog(bytes) == expected())
  }

  @Test("is byte for byte what the encoder in Swift writes")
  func written() throws {
    #expect(try expected().encoded() == bytes)
  }

  @Test("replays without a record that differs from its digests")
  func replays() throws {
    let replay = try Replay(MeasurementLog(bytes), from: .recorded)
    #expect(replay.banks.map(\.algorithm) == [.sha256, .sha384])
    #expect(replay.banks.allSatisfy { $0.mismatch == nil })
  }
}
