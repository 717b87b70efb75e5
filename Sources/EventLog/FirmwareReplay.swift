// SPDX-License-Identifier: Apache-2.0

/// A PCR's value in one bank.
public struct PCRValue: Hashable, Sendable, Codable {
  /// The PCR.
  public let pcr: UInt32
  /// The bank and its value.
  public let value: Digest

  /// The value of this PCR.
  public init(pcr: UInt32, value: Digest) {
    self.pcr = pcr
    self.value = value
  }
}

/// One PCR and bank of a firmware log beside the value read from a TPM.
public struct FirmwareComparison: Hashable, Sendable {
  /// What was found.
  public enum Outcome: Hashable, Sendable {
    /// The log leads to the value read.
    case matches
    /// The value read is the one after this event: what follows in the log did not reach the PCR.
    case stopsShort(event: Int)
    /// The log never leads to the value read.
    case differs(replayed: Digest)
    /// The log says nothing of this bank, or moor cannot hash in it.
    case notReplayed
  }

  /// The PCR and the value read.
  public let read: PCRValue
  /// What was found.
  public let outcome: Outcome
}

/// The firmware's event log replayed in every bank that moor can hash in.
public struct FirmwareReplay: Hashable, Sendable {
  /// The value of a PCR after one event.
  public struct Step: Hashable, Sendable {
    /// ``FirmwareEvent/number``.
    public let event: Int
    /// The value after it.
    public let value: Digest
  }

  /// The banks that were replayed, in the order of the log.
  public let banks: [HashAlgorithm]
  /// The banks of the log that moor does not know.
  public let unknownBanks: [HashAlgorithm]
  private let steps: [Register: [Step]]
  private let startupLocality: UInt8

  private struct Register: Hashable {
    let pcr: UInt32
    let bank: HashAlgorithm
  }

  /// Replays this log. Events that extend nothing are passed over.
  public init(_ log: FirmwareEventLog) throws(HashingError) {
    let all = log.banks.map(\.algorithm)
    banks = all.filter { $0.digestLength != nil }
    unknownBanks = all.filter { $0.digestLength == nil }
    startupLocality = log.startupLocality
    var steps: [Register: [Step]] = [:]
    for bank in banks {
      var hasher = try BankHasher(bank)
      for event in log.events where event.isExtended {
        guard let digest = event.digest(bank) else { continue }
        let register = Register(pcr: event.pcr, bank: bank)
        let before =
          steps[register]?.last?.value.bytes
          ?? Self.startingValue(pcr: event.pcr, bank: bank, locality: startupLocality)
        let value = try hasher.extend(before, with: digest.bytes)
        steps[register, default: []].append(
          Step(event: event.number, value: Digest(algorithm: bank, checked: value)))
      }
    }
    self.steps = steps
  }

  /// What a PCR holds before the first event (PC Client Platform TPM Profile, section 4.6): zeros; ones in 17 to
  /// 22, which only a dynamic launch resets; PCR 0 ends in the locality of TPM2_Startup.
  private static func startingValue(pcr: UInt32, bank: HashAlgorithm, locality: UInt8) -> [UInt8] {
    let length = bank.digestLength ?? 0
    if (17...22).contains(pcr) { return [UInt8](repeating: 0xFF, count: length) }
    var value = [UInt8](repeating: 0, count: length)
    if pcr == 0, length > 0 { value[length - 1] = locality }
    return value
  }

  /// The values of a PCR after each of its events; empty for one that the log does not extend.
  public func steps(pcr: UInt32, bank: HashAlgorithm) -> [Step] {
    steps[Register(pcr: pcr, bank: bank)] ?? []
  }

  /// The value that a PCR has after the whole log; nil for a bank that was not replayed.
  public func value(pcr: UInt32, bank: HashAlgorithm) -> Digest? {
    guard banks.contains(bank) else { return nil }
    if let last = steps(pcr: pcr, bank: bank).last { return last.value }
    return Digest(
      algorithm: bank, bytes: Self.startingValue(pcr: pcr, bank: bank, locality: startupLocality))
  }

  /// The PCRs that the log extends, ascending.
  public var pcrs: [UInt32] { Set(steps.keys.map(\.pcr)).sorted() }

  /// Compares with values read from a TPM, in their order. What the operating system extended after the firmware (PCR 8 to
  /// 15 as a rule) is not in the log and differs.
  public func compare(with read: [PCRValue]) -> [FirmwareComparison] {
    read.map { read in
      guard let replayed = value(pcr: read.pcr, bank: read.value.algorithm) else {
        return FirmwareComparison(read: read, outcome: .notReplayed)
      }
      if replayed == read.value { return FirmwareComparison(read: read, outcome: .matches) }
      let earlier = steps(pcr: read.pcr, bank: read.value.algorithm).last { $0.value == read.value }
      return FirmwareComparison(
        read: read, outcome: earlier.map { .stopsShort(event: $0.event) } ?? .differs(replayed: replayed))
    }
  }
}
