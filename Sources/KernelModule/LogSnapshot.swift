// SPDX-License-Identifier: Apache-2.0

internal import CMoor

/// What one bank of the TPM holds in the module's PCR.
public struct BankValue: Sendable, Equatable {
  /// The bank's hash as a TPM_ALG_ID (TPM 2.0 Library, Part 2, section 6.3), such as 0x000B for SHA-256.
  public let algorithm: UInt16
  /// The value.
  public let digest: [UInt8]

  /// Makes a value.
  public init(algorithm: UInt16, digest: [UInt8]) {
    self.algorithm = algorithm
    self.digest = digest
  }
}

/// The measurement log from a record on, and the PCR, as of one instant.
public struct LogSnapshot: Sendable, Equatable {
  /// The records as the TCG canonical event log in TLV form; untrusted until replayed.
  public let log: [UInt8]
  /// How many records the whole log has.
  public let recordCount: UInt64
  /// How many records wait for the cap.
  public let pendingCount: UInt64
  /// The PCR's number.
  public let pcr: UInt32
  /// What the TPM read, bank by bank.
  public let banks: [BankValue]

  /// Makes a snapshot.
  public init(log: [UInt8], recordCount: UInt64, pendingCount: UInt64, pcr: UInt32, banks: [BankValue]) {
    self.log = log
    self.recordCount = recordCount
    self.pendingCount = pendingCount
    self.pcr = pcr
    self.banks = banks
  }

  init(_ answer: moor_snapshot, _ buffer: [UInt8]) throws(KernelModuleError) {
    guard answer.log_bytes <= buffer.count, answer.bank_count <= UInt32(MOOR_BANKS_MAX) else {
      throw .rejected(
        Rejection(
          .malformed,
          "the module answered with \(answer.log_bytes) bytes in a buffer of \(buffer.count), and \(answer.bank_count) banks"
        ))
    }
    log = Array(buffer[0..<Int(answer.log_bytes)])
    recordCount = answer.record_count
    pendingCount = answer.pending_count
    pcr = answer.pcr
    banks = try withUnsafeBytes(of: answer.banks) { bytes throws(KernelModuleError) -> [BankValue] in
      var banks: [BankValue] = []
      for index in 0..<Int(answer.bank_count) {
        let stride = MemoryLayout<moor_bank_value>.stride
        let bank = bytes.loadUnaligned(fromByteOffset: index * stride, as: moor_bank_value.self)
        guard bank.digest_length <= UInt16(MOOR_DIGEST_MAX) else {
          throw .rejected(Rejection(.malformed, "the module answered with a digest of \(bank.digest_length) bytes"))
        }
        let digest = withUnsafeBytes(of: bank.digest) { Array($0.prefix(Int(bank.digest_length))) }
        banks.append(BankValue(algorithm: bank.algorithm, digest: digest))
      }
      return banks
    }
  }
}
