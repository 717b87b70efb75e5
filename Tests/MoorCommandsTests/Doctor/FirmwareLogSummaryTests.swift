// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import MoorCommands

@Suite struct FirmwareLogSummaryTests {
  @Test func countsEventsByPCRWithoutThoseThatAreNotExtended() throws {
    let log = FirmwareLogBuilder().event(pcr: 0).event(pcr: 0, type: 3).event(pcr: 7, data: []).event(pcr: 0)
    let summary = try FirmwareLogSummary(log.bytes)
    #expect(summary.events == [0: 2, 7: 1])
    #expect(summary.count == 3)
  }

  @Test func readsALogOfOneBankAndNoEvent() throws {
    #expect(try FirmwareLogSummary(FirmwareLogBuilder(banks: [(0x0004, 20)]).bytes).count == 0)
  }

  /// Where the header's parts are: event 32 bytes in, signature 16, then 8, the number of banks, 4 for each of two
  /// banks, and the length of the vendor's part.
  static let header = FirmwareLogBuilder().bytes
  static let whole = FirmwareLogBuilder().event(pcr: 0).bytes

  static func changed(_ offset: Int, _ values: [UInt8]) -> [UInt8] {
    var bytes = whole
    bytes.replaceSubrange(offset..<offset + values.count, with: values)
    return bytes
  }

  @Test(arguments: [
    ([], 0, "4 bytes announced, 0 are left"),
    ([1, 2, 3], 0, "4 bytes announced, 3 are left"),
    (changed(4, [8]), 32, "no crypto-agile log: it does not begin with Spec ID Event03"),
    (changed(46, [0x32]), 32, "no crypto-agile log: it does not begin with Spec ID Event03"),
    (changed(56, [0]), 56, "0 banks"),
    (changed(56, [17]), 56, "17 banks"),
    (changed(56, [0xFF, 0xFF, 0xFF, 0xFF]), 56, "4294967295 banks"),
    (changed(28, [1]), 32, "the first event says 1 bytes, but has 37"),
    (changed(header.count + 8, [3]), header.count + 8, "3 digests, but only 2 banks"),
    (changed(header.count + 12, [0x12]), header.count + 12, "a digest of a bank that the log does not announce"),
    (
      changed(whole.count - 7, [0xFF, 0xFF, 0xFF, 0xFF]), whole.count - 3,
      "4294967295 bytes announced, 3 are left"
    ),
  ])
  func namesTheOffsetOfWhatItCannotRead(bytes: [UInt8], offset: Int, reason: String) {
    #expect(throws: FirmwareLogSummary.Malformed(offset: offset, reason: reason)) {
      try FirmwareLogSummary(bytes)
    }
  }

  @Test func everyTruncationIsAnErrorExceptBetweenEvents() {
    for count in 0..<Self.whole.count where count != Self.header.count {
      #expect(throws: FirmwareLogSummary.Malformed.self) { try FirmwareLogSummary(Array(Self.whole.prefix(count))) }
    }
  }

  @Test func everyChangedByteIsReadOrRefusedWithoutATrap() {
    for index in Self.whole.indices {
      for value: UInt8 in [0, 1, 0x7F, 0xFF] {
        _ = try? FirmwareLogSummary(Self.changed(index, [value]))
      }
    }
  }
}
