// SPDX-License-Identifier: Apache-2.0

import CKernelModule
import CMoor
import Glibc
import Testing

@testable import KernelModule

@Suite struct SnapshotTests {
  private static let logBytes = 16
  private static let recordCount = 24

  /// Answers as the module does for a log of `bytes`, and ENOSPC when the buffer is smaller.
  private static func answer(_ bytes: [UInt8], banks: UInt32 = 1, digestLength: UInt16 = 32) -> ReplayedDevice.Answer {
    { argument in
      var snapshot = argument.load(as: moor_snapshot.self)
      defer { argument.storeBytes(of: snapshot, as: moor_snapshot.self) }
      snapshot.log_bytes = UInt32(bytes.count)
      guard snapshot.buffer_size >= bytes.count else { return -ENOSPC }
      UnsafeMutableRawPointer(bitPattern: UInt(snapshot.buffer))?.copyMemory(from: bytes, byteCount: bytes.count)
      snapshot.record_count = snapshot.first_record + 2
      snapshot.pending_count = 1
      snapshot.pcr = 13
      snapshot.bank_count = banks
      snapshot.banks.0.algorithm = 0x000B
      snapshot.banks.0.digest_length = digestLength
      withUnsafeMutableBytes(of: &snapshot.banks.0.digest) { $0.copyBytes(from: 1...32) }
      return 0
    }
  }

  @Test func readsLogAndBanks() throws {
    let device = try Device(
      path: "/dev/moor", calls: ReplayedDevice([moor_ioc_snapshot: [Self.answer([1, 2, 3])]]))
    let snapshot = try device.snapshot(from: 5)
    #expect(
      snapshot
        == LogSnapshot(
          log: [1, 2, 3], recordCount: 7, pendingCount: 1, pcr: 13,
          banks: [BankValue(algorithm: 0x000B, digest: Array(1...32))]))
  }

  @Test func growsUntilTheLogFits() throws {
    let bytes = [UInt8](repeating: 9, count: 200_000)
    let calls = ReplayedDevice([moor_ioc_snapshot: [Self.answer(bytes)]])
    let device = try Device(path: "/dev/moor", calls: calls)
    #expect(try device.snapshot().log == bytes)
    #expect(calls.requests.count == 2)
  }

  @Test(
    arguments: [
      ("more banks than there can be", SnapshotTests.answer([1], banks: 9), Rejection.Code.malformed),
      ("a digest longer than any", SnapshotTests.answer([1], digestLength: 65), .malformed),
      (
        "more bytes than the buffer has",
        { argument in
          argument.storeBytes(of: UInt32.max, toByteOffset: 28, as: UInt32.self)
          return 0
        }, .malformed
      ),
      (
        "a log that never fits",
        { argument in
          argument.storeBytes(of: UInt32.max, toByteOffset: 28, as: UInt32.self)
          return -ENOSPC
        }, .size
      ),
      (
        "a log that always asks for a little more",
        { argument in
          let size = argument.load(fromByteOffset: 24, as: UInt32.self)
          argument.storeBytes(of: size, toByteOffset: 28, as: UInt32.self)
          return -ENOSPC
        }, .size
      ),
    ] as [(String, ReplayedDevice.Answer, Rejection.Code)])
  func rejectsAnAnswerThatCannotBe(what: String, answer: @escaping ReplayedDevice.Answer, code: Rejection.Code) throws {
    let device = try Device(path: "/dev/moor", calls: ReplayedDevice([moor_ioc_snapshot: [answer]]))
    #expect(rejection { _ = try device.snapshot() } == code, "\(what)")
  }

  @Test func saysThatThereIsNoTPM() throws {
    let device = try Device(path: "/dev/moor", calls: ReplayedDevice(refusing: moor_ioc_snapshot, with: ENODEV))
    let found = refusal { _ = try device.snapshot() }
    #expect(found?.meaning == "the module runs without a TPM")
  }
}
