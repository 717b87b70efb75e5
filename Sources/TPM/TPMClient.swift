// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// A TPM for asynchronous code: one connection, used from one thread at a time that may block.
///
/// The connection is opened at the first use, and anew after it was lost.
public actor TPMClient {
  private let tcti: TCTI
  private let timeout: Duration
  private let executor = BlockingExecutor()
  private var connection: TPMConnection?

  /// The actor's own executor: the TSS blocks, which the shared pool's few threads must not.
  nonisolated public var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Prepares a client; nothing is opened yet.
  ///
  /// - Parameters:
  ///   - tcti: how the TPM is reached.
  ///   - timeout: how long to wait for one answer.
  public init(_ tcti: TCTI = .device, timeout: Duration = .seconds(30)) {
    self.tcti = tcti
    self.timeout = timeout
  }

  /// Runs several commands with nobody else's between them.
  ///
  /// - Throws: ``TPMError`` of opening the connection, or what the body throws.
  public func withConnection<Result: Sendable>(
    _ body: @Sendable (inout TPMConnection) throws(TPMError) -> Result
  ) throws(TPMError) -> Result {
    var open =
      if let connection = connection.take() { connection } else { try TPMConnection(tcti, timeout: timeout) }
    do {
      let result = try body(&open)
      connection = consume open
      return result
    } catch {
      if error.recovery != .reconnect { connection = consume open }
      throw error
    }
  }
}

/// Runs an actor's jobs one after the other on a serial queue. Serial queues take threads of their own when one
/// blocks, apart from the cooperative pool (dispatch_queue_create(3)).
private final class BlockingExecutor: SerialExecutor {
  private let queue = DispatchQueue(label: "moor.tpm")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async {
      job.runSynchronously(on: self.asUnownedSerialExecutor())
    }
  }
}
