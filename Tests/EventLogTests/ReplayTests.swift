// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EventLog

@Suite("Replay of the measurement log")
struct ReplayTests {
  let log: MeasurementLog

  init() throws { log = try SampleLog.make() }

  private func values(_ log: MeasurementLog, from start: ReplayStart = .zero) throws -> [Digest] {
    try Replay(log, from: start).banks.map(\.end)
  }

  /// The PCR extend of TPM 2.0, one record after the other, written the plain way.
  private func plainReplay(_ bank: HashAlgorithm, from start: Digest) throws -> [Digest] {
    var value = start
    return try log.records.map { record in
      let digest = try Digest(hashing: record.extended.bytes, with: bank)
      value = try Digest(hashing: value.bytes + digest.bytes, with: bank)
      return value
    }
  }

  @Test("gives the value after each record in each bank")
  func valueAfterEach() throws {
    let replay = try Replay(log, from: .zero)
    #expect(replay.pcr == SampleLog.pcr)
    #expect(replay.banks.map(\.algorithm) == SampleLog.banks)
    for bank in replay.banks {
      let start = try #require(Digest(zero: bank.algorithm))
      let expected = [start] + (try plainReplay(bank.algorithm, from: start))
      #expect((0...log.records.count).map { bank.value(afterRecords: $0) } == expected)
      #expect(bank.count == log.records.count)
      #expect(bank.value(afterRecords: -1) == nil)
      #expect(bank.value(afterRecords: bank.count + 1) == nil)
      #expect(bank.end == expected.last)
      #expect(bank.mismatch == nil)
    }
  }

  @Test("one extend of a known digest gives the known value")
  func knownValue() throws {
    // printf '\1\0\0\0\1\7' | sha256sum, then (32 zero bytes, that digest) | sha256sum; sha384 likewise.
    let log = try MeasurementLog(pcr: 13, banks: [.sha256, .sha384], events: [(MeasurementEvent(.lock), nil)])
    #expect(
      try values(log).map(\.description) == [
        "sha256:b4a2bf0c6c652b7c2049dfb5537013edd73a64d20bf3d0450856d7029e763fa8",
        "sha384:c972bdd27e84aece44b526a99052e07cd15ff0fddbd786881cecf7a27e8bee081ae56cfadfedfad609f01c5140b9d9f0",
      ])
  }

  @Test("an empty log leads nowhere and proves nothing")
  func emptyLog() throws {
    let replay = try Replay(MeasurementLog([]), from: .zero)
    #expect(replay.banks.isEmpty)
    #expect(!replay.isProven(by: []))
    let zero = try #require(Digest(zero: .sha256))
    #expect(replay.compare(with: [zero]).map(\.outcome) == [.notInLog(read: zero)])
  }

  @Test("starts from what the start record says the PCR held")
  func recordedStart() throws {
    var start = try SampleLog.start()
    let before = try SampleLog.banks.map { try Digest(hashing: [1], with: $0) }
    start.pcrBefore = before
    let log = try MeasurementLog(pcr: 13, banks: SampleLog.banks, events: [(start, nil), (SampleLog.measure(), nil)])
    let recorded = try values(log, from: .recorded)
    #expect(recorded == (try values(log, from: .values(before))))
    #expect(recorded != (try values(log, from: .zero)))
  }

  @Test("replays a tail from the value before it")
  func tail() throws {
    let whole = try Replay(log, from: .zero)
    let tail = MeasurementLog(records: Array(log.records[4...]))
    let before = whole.banks.compactMap { $0.value(afterRecords: 4) }
    #expect(try values(tail, from: .values(before)) == whole.banks.map(\.end))
  }

  @Test("no replay without a starting value of each bank")
  func noStart() throws {
    let zero = try #require(Digest(zero: .sha256))
    #expect(throws: ReplayError.noStartingValue(.sha384)) { try Replay(log, from: .values([zero])) }
    let tail = MeasurementLog(records: Array(log.records[1...]))
    #expect(throws: ReplayError.noStartRecord) { try Replay(tail, from: .recorded) }
    #expect(throws: ReplayError.noStartRecord) { try Replay(MeasurementLog([]), from: .recorded) }
    var start = try SampleLog.start()
    start.pcrBefore = [zero]
    let partial = try MeasurementLog(pcr: 13, banks: SampleLog.banks, events: [(start, nil)])
    #expect(throws: ReplayError.noStartingValue(.sha384)) { try Replay(partial, from: .recorded) }
  }

  @Test("the values read from the TPM prove the log")
  func proven() throws {
    let replay = try Replay(log, from: .zero)
    let read = replay.banks.map(\.end)
    #expect(replay.isProven(by: read))
    #expect(replay.isProven(by: read.reversed()))
    #expect(replay.compare(with: read).map(\.outcome) == [.matches, .matches])
  }

  @Test("a bank on one side only is not proven")
  func bankMissing() throws {
    let replay = try Replay(log, from: .zero)
    let read = replay.banks.map(\.end)
    let foreign = try #require(Digest(zero: .sha512))
    #expect(!replay.isProven(by: [read[0]]))
    #expect(!replay.isProven(by: read + [foreign]))
    #expect(!replay.isProven(by: []))
    #expect(
      replay.compare(with: [read[0], foreign]) == [
        BankComparison(algorithm: .sha256, outcome: .matches),
        BankComparison(algorithm: .sha384, outcome: .notRead(replayed: read[1])),
        BankComparison(algorithm: .sha512, outcome: .notInLog(read: foreign)),
      ])
  }

  @Test("a PCR that was read earlier proves the records up to then")
  func stopsShort() throws {
    let replay = try Replay(log, from: .zero)
    for count in 0..<log.records.count {
      let read = replay.banks.compactMap { $0.value(afterRecords: count) }
      #expect(replay.compare(with: read).map(\.outcome) == [.stopsShort(records: count), .stopsShort(records: count)])
      #expect(!replay.isProven(by: read))
    }
  }

  @Test("one bank can differ alone, and is named")
  func oneBankDiffers() throws {
    let replay = try Replay(log, from: .zero)
    var read = replay.banks.map(\.end)
    let other = try Digest(hashing: [], with: .sha384)
    read[1] = other
    #expect(
      replay.compare(with: read) == [
        BankComparison(algorithm: .sha256, outcome: .matches),
        BankComparison(algorithm: .sha384, outcome: .differs(replayed: replay.banks[1].end, read: other)),
      ])
  }

  private func record(_ record: MeasurementRecord, extended: [UInt8], digests: [Digest]) -> MeasurementRecord {
    MeasurementRecord(
      number: record.number, pcr: record.pcr, digests: digests, event: record.event, extended: HexBytes(extended),
      note: record.note, unknown: [])
  }

  @Test("a record whose content was changed is named, though its digests were left alone")
  func changedContent() throws {
    let read = try values(log)
    for index in log.records.indices {
      var records = log.records
      let changed = SampleLog.measure(path: "/evil").encoded()
      records[index] = record(records[index], extended: changed, digests: records[index].digests)
      let outcomes = try Replay(MeasurementLog(records: records), from: .zero).compare(with: read)
      for outcome in outcomes {
        let mismatch = ContentMismatch(
          record: UInt64(index), logged: try #require(log.records[index].digest(outcome.algorithm)),
          computed: try Digest(hashing: changed, with: outcome.algorithm))
        #expect(outcome.outcome == .contentMismatch(mismatch))
      }
    }
  }

  @Test("the first of several changed records is named")
  func firstOfSeveral() throws {
    var records = log.records
    for index in [2, 5] {
      records[index] = record(records[index], extended: [1, 0, 0, 0, 1, 9], digests: records[index].digests)
    }
    let replay = try Replay(MeasurementLog(records: records), from: .zero)
    #expect(replay.banks.map(\.mismatch?.record) == [2, 2])
  }

  @Test("a digest changed in one bank is a mismatch of that bank alone")
  func changedDigest() throws {
    let read = try values(log)
    var records = log.records
    let forged = try Digest(hashing: [7], with: .sha384)
    records[3] = record(
      records[3], extended: records[3].extended.bytes, digests: [records[3].digests[0], forged])
    let outcomes = try Replay(MeasurementLog(records: records), from: .zero).compare(with: read).map(\.outcome)
    #expect(outcomes[0] == .matches)
    let mismatch = ContentMismatch(record: 3, logged: forged, computed: log.records[3].digests[1])
    #expect(outcomes[1] == .contentMismatch(mismatch))
  }

  @Test("a record forged with its digests, cut out, doubled or swapped leads elsewhere", arguments: 0..<4)
  func forgedLogs(way: Int) throws {
    let read = try values(log)
    var records = log.records
    switch way {
    case 0:
      records[4] = try MeasurementRecord(
        number: 4, pcr: 13, banks: SampleLog.banks, event: SampleLog.measure(path: "/evil"), note: nil)
    case 1: records.remove(at: 4)
    case 2: records.insert(records[4], at: 4)
    default: records.swapAt(4, 5)
    }
    let replay = try Replay(MeasurementLog(records: records), from: .zero)
    for (bank, value) in zip(replay.compare(with: read), read) {
      let end = try #require(replay.banks.first { $0.algorithm == bank.algorithm }).end
      #expect(bank.outcome == .differs(replayed: end, read: value))
    }
  }

  @Test("each outcome reads as one line")
  func outcomeText() throws {
    let zero = try #require(Digest(zero: .sha1))
    let hex = String(repeating: "00", count: 20)
    let rows: [(BankOutcome, String)] = [
      (.matches, "sha1: the log leads to the PCR"),
      (
        .contentMismatch(ContentMismatch(record: 3, logged: zero, computed: zero)),
        "sha1: record 3 was changed: its digest is \(hex), its content hashes to \(hex)"
      ),
      (.stopsShort(records: 2), "sha1: the PCR proves the first 2 records only"),
      (.differs(replayed: zero, read: zero), "sha1: the log leads to \(hex), the PCR holds \(hex)"),
      (.notInLog(read: zero), "sha1: the log has no such bank, the PCR holds \(hex)"),
      (.notRead(replayed: zero), "sha1: the log leads to \(hex), no PCR value was read"),
    ]
    for (outcome, text) in rows {
      #expect(BankComparison(algorithm: .sha1, outcome: outcome).description == text)
    }
  }
}
