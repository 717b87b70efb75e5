// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EventLog

@Suite("Replay of the firmware event log")
struct FirmwareReplayTests {
  let log: FirmwareEventLog
  let replay: FirmwareReplay

  init() throws {
    log = try FirmwareEventLog(try SampleFirmwareLog.bytes())
    replay = try FirmwareReplay(log)
  }

  private func extended(_ start: [UInt8], by contents: [[UInt8]], _ bank: HashAlgorithm) throws -> Digest {
    var value = start
    for content in contents {
      value = try Digest(hashing: value + Digest(hashing: content, with: bank).bytes, with: bank).bytes
    }
    return try #require(Digest(algorithm: bank, bytes: value))
  }

  @Test("extends each PCR by its events, PCR 0 from the startup locality", arguments: SampleFirmwareLog.banks)
  func values(bank: HashAlgorithm) throws {
    let length = try #require(bank.digestLength)
    let zeros = [UInt8](repeating: 0, count: length)
    let separator: [UInt8] = [0, 0, 0, 0]
    let fromLocality = Array(zeros.dropLast()) + [3]
    #expect(
      replay.value(pcr: 0, bank: bank) == (try extended(fromLocality, by: [Array("1.0\0".utf8), separator], bank)))
    #expect(
      replay.value(pcr: 7, bank: bank) == (try extended(zeros, by: [Array("SecureBoot".utf8), separator], bank)))
    #expect(replay.value(pcr: 4, bank: bank) == (try extended(zeros, by: [[9]], bank)))
    #expect(replay.value(pcr: 1, bank: bank) == Digest(zero: bank))
    #expect(replay.value(pcr: 17, bank: bank)?.bytes == [UInt8](repeating: 0xFF, count: length))
    #expect(replay.steps(pcr: 7, bank: bank).map(\.event) == [4, 6])
    #expect(replay.pcrs == [0, 4, 7])
  }

  @Test("a bank that the log has not is not replayed")
  func otherBank() {
    #expect(replay.value(pcr: 0, bank: .sha384) == nil)
    #expect(replay.steps(pcr: 0, bank: .sha384).isEmpty)
  }

  @Test("an event of no action extends nothing, even in a PCR that exists")
  func noAction() throws {
    let digests = try SampleFirmwareLog.banks.map { try Digest(hashing: [1], with: $0) }
    let bytes =
      SampleFirmwareLog.specID() + SampleFirmwareLog.event(pcr: 5, type: 3, digests: digests, data: [1])
    let replay = try FirmwareReplay(try FirmwareEventLog(bytes))
    #expect(replay.value(pcr: 5, bank: .sha256) == Digest(zero: .sha256))
    #expect(replay.pcrs.isEmpty)
  }

  @Test("comparison names each PCR and bank, and the event that the PCR stopped at")
  func compare() throws {
    let seven = try #require(replay.value(pcr: 7, bank: .sha256))
    let earlier = try #require(replay.steps(pcr: 7, bank: .sha256).first).value
    let other = try Digest(hashing: [], with: .sha256)
    let foreign = try #require(Digest(zero: .sha512))
    let read = [
      PCRValue(pcr: 7, value: seven), PCRValue(pcr: 7, value: earlier), PCRValue(pcr: 7, value: other),
      PCRValue(pcr: 7, value: foreign),
    ]
    #expect(
      replay.compare(with: read) == [
        FirmwareComparison(read: read[0], outcome: .matches),
        FirmwareComparison(read: read[1], outcome: .stopsShort(event: 4)),
        FirmwareComparison(read: read[2], outcome: .differs(replayed: seven)),
        FirmwareComparison(read: read[3], outcome: .notReplayed),
      ])
  }
}

/// A log and the PCRs of the same boot, from a real firmware and a software TPM.
@Suite("Firmware event log of OVMF")
struct FirmwareReplayOfOVMFTests {
  let log: FirmwareEventLog
  let read: [PCRValue]

  init() throws {
    log = try FirmwareEventLog(try Fixture.bytes("ovmf-linux-6.12-firmware", "bin"))
    read = try Self.pcrs(String(decoding: try Fixture.bytes("ovmf-linux-6.12-pcrs", "txt"), as: UTF8.self))
  }

  /// Reads what tpm2_pcrread prints: a line for each bank, then one for each PCR.
  private static func pcrs(_ text: String) throws -> [PCRValue] {
    var bank: HashAlgorithm?
    var values: [PCRValue] = []
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":").map { $0.filter { $0 != " " } }
      if parts.count == 1 {
        bank = HashAlgorithm(name: parts[0])
      } else {
        let algorithm = try #require(bank)
        let bytes = try #require(HexBytes(hex: parts[1].dropFirst(2))).bytes
        let digest = try #require(Digest(algorithm: algorithm, bytes: bytes))
        values.append(PCRValue(pcr: try #require(UInt32(parts[0])), value: digest))
      }
    }
    return values
  }

  @Test("leads to the TPM's PCRs in both banks, but for the one that the system extended later")
  func leadsToPCRs() throws {
    #expect(log.banks.map(\.algorithm) == [.sha256, .sha384])
    #expect(read.count == 48)
    for comparison in try FirmwareReplay(log).compare(with: read) {
      let pcr = comparison.read.pcr
      if pcr == 10 {
        let zero = try #require(Digest(zero: comparison.read.value.algorithm))
        #expect(comparison.outcome == .differs(replayed: zero))
      } else {
        #expect(comparison.outcome == .matches, "PCR \(pcr)")
      }
    }
  }

  @Test("has a separator in each of PCR 0 to 7, and its digest is the hash of its data")
  func separators() throws {
    let separators = log.events.filter { $0.type == .separator }
    #expect(separators.map(\.pcr).sorted() == Array(0...7))
    for event in separators {
      #expect(event.data.bytes == [0, 0, 0, 0])
      #expect(try event.isHash(in: .sha256))
      #expect(try event.isHash(in: .sha384))
    }
  }

  @Test("every truncation is an error or a shorter log")
  func truncations() throws {
    let bytes = try Fixture.bytes("ovmf-linux-6.12-firmware", "bin")
    try checkTruncations(of: bytes, borders: log.events.map(\.offset), read: FirmwareEventLog.init(_:)) { shorter in
      #expect(shorter.events.count < log.events.count)
    }
  }
}
