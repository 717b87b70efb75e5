// SPDX-License-Identifier: Apache-2.0

/// What the comparison of one bank found.
public enum BankOutcome: Hashable, Sendable {
  /// Every record's digest is the hash of its content, and together they lead to the value read.
  case matches
  /// A record was changed after it was extended.
  case contentMismatch(ContentMismatch)
  /// The value read is the one after `records` records: those after are not proven by it, as when the log was read after
  /// the PCR.
  case stopsShort(records: Int)
  /// The log never leads to the value read: a record is missing, doubled, reordered or forged with its digest, or
  /// something else extended the PCR.
  case differs(replayed: Digest, read: Digest)
  /// The TPM has this bank and the log has not.
  case notInLog(read: Digest)
  /// The log has this bank and no value of it was read.
  case notRead(replayed: Digest)
}

/// One bank's name and outcome.
public struct BankComparison: Hashable, Sendable {
  /// The bank.
  public let algorithm: HashAlgorithm
  /// What was found in it.
  public let outcome: BankOutcome
}

extension BankComparison: CustomStringConvertible {
  /// One line for a person.
  public var description: String {
    switch outcome {
    case .matches:
      "\(algorithm): the log leads to the PCR"
    case .contentMismatch(let mismatch):
      "\(algorithm): record \(mismatch.record) was changed: its digest is \(HexBytes(mismatch.logged.bytes)), "
        + "its content hashes to \(HexBytes(mismatch.computed.bytes))"
    case .stopsShort(let records):
      "\(algorithm): the PCR proves the first \(records) records only"
    case .differs(let replayed, let read):
      "\(algorithm): the log leads to \(HexBytes(replayed.bytes)), the PCR holds \(HexBytes(read.bytes))"
    case .notInLog(let read):
      "\(algorithm): the log has no such bank, the PCR holds \(HexBytes(read.bytes))"
    case .notRead(let replayed):
      "\(algorithm): the log leads to \(HexBytes(replayed.bytes)), no PCR value was read"
    }
  }
}

extension Replay {
  /// Compares with the values read from a TPM, bank by bank: first the banks of the log in its order, then those that only
  /// the TPM has. The log is proven when each outcome is `matches`; an empty list proves nothing.
  public func compare(with read: [Digest]) -> [BankComparison] {
    let known = banks.map { bank in
      BankComparison(
        algorithm: bank.algorithm,
        outcome: bank.compare(with: read.first { $0.algorithm == bank.algorithm }))
    }
    let foreign = read.filter { value in !banks.contains { $0.algorithm == value.algorithm } }
    return known + foreign.map { BankComparison(algorithm: $0.algorithm, outcome: .notInLog(read: $0)) }
  }

  /// Whether the values read prove all of the log, in every bank on either side.
  public func isProven(by read: [Digest]) -> Bool {
    let comparisons = compare(with: read)
    return !comparisons.isEmpty && comparisons.allSatisfy { $0.outcome == .matches }
  }
}

extension BankReplay {
  /// The outcome for this value of the PCR; nil when none was read.
  func compare(with read: Digest?) -> BankOutcome {
    if let mismatch { return .contentMismatch(mismatch) }
    guard let read else { return .notRead(replayed: end) }
    switch records(leadingTo: read) {
    case count: return .matches
    case let records?: return .stopsShort(records: records)
    case nil: return .differs(replayed: end, read: read)
    }
  }
}
