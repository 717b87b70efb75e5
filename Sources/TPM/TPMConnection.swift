// SPDX-License-Identifier: Apache-2.0

internal import CTSS2
import Glibc

/// A connection to one TPM; the synchronous core for small tools.
///
/// There is one owner, and each command needs exclusive access to it: ESYS contexts are not thread-safe. Commands
/// block the calling thread until the TPM has answered, at most ``init(_:timeout:)``'s timeout where the TCTI can wait
/// with one (`device:` can). From asynchronous code use ``TPMClient``, which keeps the blocking off the shared pool.
///
/// The connection is closed when the value goes out of scope.
public struct TPMConnection: ~Copyable {
  var context: ESYSContext
  /// What is allocated, read once: it changes with TPM2_PCR_Allocate and a reset only.
  var knownAllocation: PCRSelection?

  /// Opens a connection.
  ///
  /// - Parameters:
  ///   - tcti: how the TPM is reached.
  ///   - timeout: how long to wait for one answer. Some commands take a TPM several seconds; the longest that the
  ///     TCG PC Client Platform TPM Profile allows is 90 s, for making keys.
  /// - Throws: ``TPMError`` with `cannotConnect`, and the reason where the TCTI gives one.
  public init(_ tcti: TCTI = .device, timeout: Duration = .seconds(30)) throws(TPMError) {
    context = try ESYSContext(tcti, timeout: timeout)
  }

  /// Stops the TSS libraries from writing their own log to standard error; all they say there is in ``TPMError``.
  ///
  /// For programs, at their very start: it sets `TSS2_LOG` in the environment (unless it is set already), which is
  /// safe only while there is one thread.
  public static func silenceLibraryLog() {
    setenv("TSS2_LOG", "all+NONE", 0)
  }

  /// Random bytes from the TPM (TPM 2.0 Library Part 3, TPM2_GetRandom), in as many commands as it takes.
  ///
  /// - Parameter count: how many bytes, 0 to 65,536.
  /// - Throws: ``TPMError`` with `invalidArgument` for another count; `malformedResponse` when the TPM gives none.
  public mutating func random(count: Int) throws(TPMError) -> [UInt8] {
    let operation = "TPM2_GetRandom"
    guard (0...65536).contains(count) else {
      throw TPMError(.invalidArgument, operation: operation, detail: "\(count) bytes, not 0 to 65536, are asked for")
    }
    var bytes: [UInt8] = []
    while bytes.count < count {
      let wanted = UInt16(clamping: count - bytes.count)
      var output = ESYSOutput<TPM2B_DIGEST>()
      try context.run(operation) {
        Esys_GetRandom_Async($0, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, wanted)
      } finish: {
        Esys_GetRandom_Finish($0, &output.pointer)
      }
      let part = try output.value(of: operation).bytes
      try context.requireParameters(size: 2 + part.count, of: operation)
      guard !part.isEmpty, part.count <= wanted else {
        throw TPMError(.malformedResponse, operation: operation, detail: "\(part.count) bytes for \(wanted) asked for")
      }
      bytes += part
    }
    return bytes
  }

  /// Clock and counters (TPM 2.0 Library Part 3, TPM2_ReadClock), without a proof of who answered.
  public mutating func clock() throws(TPMError) -> TPMClock {
    let operation = "TPM2_ReadClock"
    var output = ESYSOutput<TPMS_TIME_INFO>()
    try context.run(operation) {
      Esys_ReadClock_Async($0, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE)
    } finish: {
      Esys_ReadClock_Finish($0, &output.pointer)
    }
    let info = try output.value(of: operation)
    // TPMS_TIME_INFO: time, clock, resetCount, restartCount, safe.
    try context.requireParameters(size: 8 + 8 + 4 + 4 + 1, of: operation)
    return TPMClock(
      time: info.time, clock: info.clockInfo.clock, resetCount: info.clockInfo.resetCount,
      restartCount: info.clockInfo.restartCount, isSafe: info.clockInfo.safe != 0)
  }
}

/// TPMS_TIME_INFO (TPM 2.0 Library Part 2, section 10.11.6).
public struct TPMClock: Equatable, Sendable {
  /// Milliseconds since the TPM was last powered.
  public let time: UInt64
  /// Milliseconds the TPM has been powered in all, since the owner last changed.
  public let clock: UInt64
  /// TPM resets: one more at each boot.
  public let resetCount: UInt32
  /// TPM restarts and resumes since the last reset: one more at each return from sleep.
  public let restartCount: UInt32
  /// False when the clock may have shown a higher value before (after a power cut).
  public let isSafe: Bool
}

extension TPM2B_DIGEST {
  /// The digest's bytes, never more than the buffer holds.
  var bytes: [UInt8] {
    withUnsafeBytes(of: buffer) { Array($0.prefix(Int(size))) }
  }
}
