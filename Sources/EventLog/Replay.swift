// SPDX-License-Identifier: Apache-2.0

/// Where a replay of the measurement log begins.
public enum ReplayStart: Hashable, Sendable {
  /// The PCR held zeros, as after a TPM reset.
  case zero
  /// The value that the log's START record says the PCR held before it. The record is itself extended, so a made-up value
  /// does not lead to the PCR's; but what made the value is not in this log.
  case recorded
  /// These values, one a bank: to replay the tail of a log.
  case values([Digest])
}

/// Why a log cannot be replayed at all.
public enum ReplayError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No starting value of this bank.
  case noStartingValue(HashAlgorithm)
  /// The first record is no START record with the value before it.
  case noStartRecord
  /// OpenSSL failed.
  case hashing(HashingError)

  /// What is missing, in one line.
  public var description: String {
    switch self {
    case .noStartingValue(let bank): "there is no starting value of the bank \(bank)"
    case .noStartRecord: "the first record is no start record with the PCR's value before it"
    case .hashing(let error): error.description
    }
  }
}

/// A record whose digest in one bank is not the hash of what the record says: the log was changed.
public struct ContentMismatch: Hashable, Sendable, Codable {
  /// The record's number.
  public let record: UInt64
  /// The digest in the log.
  public let logged: Digest
  /// The hash of the record's content.
  public let computed: Digest
}

/// The values of one bank over a whole log.
public struct BankReplay: Hashable, Sendable {
  /// The bank.
  public let algorithm: HashAlgorithm
  /// The value before the first record.
  public let start: Digest
  /// The number of the first record; nil for an empty log.
  public let firstRecord: UInt64?
  /// The first record whose digest is not the hash of its content, if there is one. Nothing the log says may then be
  /// believed.
  public let mismatch: ContentMismatch?
  /// All values, one after the other; one block for 100,000 records instead of as many small ones.
  private let values: [UInt8]

  /// Replays one bank. What is extended is the digest in the log; whether the content hashes to it is checked apart, so
  /// that a changed record is found by its number even when its digest was left alone.
  init(_ records: [MeasurementRecord], bank start: Digest) throws(HashingError) {
    var hasher = try BankHasher(start.algorithm)
    var value = start.bytes
    var values: [UInt8] = []
    values.reserveCapacity(records.count * value.count)
    var mismatch: ContentMismatch?
    for record in records {
      let computed = try hasher.hash(record.extended.bytes)
      let logged = record.digest(start.algorithm)?.bytes ?? computed
      if mismatch == nil, logged != computed {
        mismatch = ContentMismatch(
          record: record.number, logged: Digest(algorithm: start.algorithm, checked: logged),
          computed: Digest(algorithm: start.algorithm, checked: computed))
      }
      value = try hasher.extend(value, with: logged)
      values += value
    }
    self.algorithm = start.algorithm
    self.start = start
    self.firstRecord = records.first?.number
    self.mismatch = mismatch
    self.values = values
  }

  /// How many records were replayed.
  public var count: Int { values.count / start.bytes.count }

  /// The value after this many records of the log; 0 gives ``start``. Nil beyond the log.
  public func value(afterRecords count: Int) -> Digest? {
    guard count > 0 else { return count == 0 ? start : nil }
    guard count <= self.count else { return nil }
    let length = start.bytes.count
    return Digest(algorithm: algorithm, checked: Array(values[(count - 1) * length..<count * length]))
  }

  /// The value after the last record.
  public var end: Digest { value(afterRecords: count) ?? start }

  /// Where the PCR stood: after how many records it had this value; nil when it never had.
  func records(leadingTo value: Digest) -> Int? {
    // From the end: a value can only repeat where a hash collides, but the answer should not depend on that.
    (0...count).reversed().first { self.value(afterRecords: $0) == value }
  }
}

/// A log replayed in every bank it has.
public struct Replay: Hashable, Sendable {
  /// The PCR that the records extend; nil for an empty log.
  public let pcr: UInt32?
  /// The banks, in the order of the log.
  public let banks: [BankReplay]

  /// Replays this log.
  public init(_ log: MeasurementLog, from start: ReplayStart) throws(ReplayError) {
    pcr = log.records.first?.pcr
    let values = try Self.startingValues(start, of: log)
    var banks: [BankReplay] = []
    do {
      for value in values { banks.append(try BankReplay(log.records, bank: value)) }
    } catch {
      throw .hashing(error)
    }
    self.banks = banks
  }

  private static func startingValues(_ start: ReplayStart, of log: MeasurementLog) throws(ReplayError) -> [Digest] {
    let given: [Digest]
    switch start {
    case .zero:
      given = log.banks.compactMap { Digest(zero: $0) }
    case .recorded:
      guard let event = log.records.first?.event, event.record == .start, let before = event.pcrBefore else {
        throw .noStartRecord
      }
      given = before
    case .values(let values):
      // Without a record, the values given are all there is.
      if log.records.isEmpty { return values }
      given = values
    }
    var values: [Digest] = []
    for bank in log.banks {
      guard let value = given.first(where: { $0.algorithm == bank }) else { throw .noStartingValue(bank) }
      values.append(value)
    }
    return values
  }
}
