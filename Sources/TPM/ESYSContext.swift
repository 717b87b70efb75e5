// SPDX-License-Identifier: Apache-2.0

internal import CTSS2
import Glibc

/// The one owner of an ESYS context and the TCTI below it.
///
/// "Esys_Finalize ... the tcti context is not finalised" when it came from the application: so ESYS goes first, as it
/// may still use the TCTI, and the TCTI after it (tss2-esys, esys_context.c). A context is not thread-safe; a value
/// of this type is never shared, and each command needs exclusive access to it.
struct ESYSContext: ~Copyable {
  private let esys: OpaquePointer
  private let tcti: OpaquePointer
  private let timeout: Duration
  /// Why no further command is possible; nil while the connection is good.
  private var lost: TPMError?

  init(_ configuration: TCTI, timeout: Duration) throws(TPMError) {
    let operation = "connecting to \(configuration)"
    // Its TCTI writes a command to whatever it opened: never to a file that was named by mistake.
    if let path = configuration.devicePath {
      var status = stat()
      if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFCHR {
        throw TPMError(.cannotConnect, operation: operation, detail: "\(path) is not a character device")
      }
    }
    var tcti: OpaquePointer?
    let loaded = withoutBrokenPipeSignal { Tss2_TctiLdr_Initialize(configuration.configuration, &tcti) }
    guard loaded == TSS2_RC_SUCCESS, let tcti else {
      throw Self.cannotConnect(to: configuration, operation: operation, response: ResponseCode(rawValue: loaded))
    }
    var esys: OpaquePointer?
    let initialised = Esys_Initialize(&esys, tcti, nil)
    guard initialised == TSS2_RC_SUCCESS, let esys else {
      var owned: OpaquePointer? = tcti
      Tss2_TctiLdr_Finalize(&owned)
      throw TPMError(operation: operation, response: ResponseCode(rawValue: initialised))
    }
    self.esys = esys
    self.tcti = tcti
    self.timeout = timeout
  }

  deinit {
    var esys: OpaquePointer? = esys
    var tcti: OpaquePointer? = tcti
    withoutBrokenPipeSignal {
      Esys_Finalize(&esys)
      Tss2_TctiLdr_Finalize(&tcti)
    }
  }

  /// Sends one command and waits for its answer.
  ///
  /// - Parameters:
  ///   - operation: the command's name in TPM 2.0 Library Part 3, for errors.
  ///   - send: calls `Esys_..._Async`.
  ///   - finish: calls `Esys_..._Finish`; more than once when the TPM asked for the command again.
  mutating func run(
    _ operation: String,
    send: (OpaquePointer) -> TSS2_RC,
    finish: (OpaquePointer) -> TSS2_RC
  ) throws(TPMError) {
    if let lost {
      throw TPMError(
        .connectionLost, operation: operation, detail: "the connection is closed since \(lost)", response: lost.response
      )
    }
    let deadline = ContinuousClock.now + timeout
    let esys = self.esys
    var result = withoutBrokenPipeSignal { send(esys) }
    // ESYS itself sends a command again, up to five times, when the TPM answers RETRY, TESTING or YIELDED, and says
    // TRY_AGAIN meanwhile; the TCTI says the same when the time given to it is over.
    if result == TSS2_RC_SUCCESS {
      repeat {
        let left = max(.zero, deadline - .now).components
        Esys_SetTimeout(esys, Int32(clamping: left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000))
        result = withoutBrokenPipeSignal { finish(esys) }
      } while result & 0xFFFF == TSS2_BASE_RC_TRY_AGAIN && ContinuousClock.now < deadline
    }
    if result != TSS2_RC_SUCCESS {
      throw failure(operation, ResponseCode(rawValue: result))
    }
  }

  /// Makes the error of a command, and closes the connection when nothing sensible can follow on it.
  private mutating func failure(_ operation: String, _ response: ResponseCode) -> TPMError {
    switch response.layer {
    case .tpm, .resourceManagerTPM:
      // The TPM answered: the connection is as good as before.
      return TPMError(operation: operation, response: response)
    default:
      break
    }
    // After an error of its own or of a layer below, an ESYS context takes no further command.
    let error =
      response.code == TSS2_BASE_RC_TRY_AGAIN
      ? TPMError(.timedOut, operation: operation, detail: "no answer within \(timeout)", response: response)
      : TPMError(.connectionLost, operation: operation, detail: "the connection broke: \(response)", response: response)
    lost = error
    return error
  }

  /// Refuses an answer whose parameters have another size than what was read from them.
  ///
  /// tss2-sys reads up to the end of its buffer, not of the answer: what a short answer lacks comes from older bytes
  /// there, and is reported as success.
  ///
  /// - Parameter size: bytes of the response parameters, as TPM 2.0 Library Part 3 and the lists in them make it.
  mutating func requireParameters(size: Int, of operation: String) throws(TPMError) {
    var sys: OpaquePointer?
    var found = 0
    var start: UnsafePointer<UInt8>?
    guard Esys_GetSysContext(esys, &sys) == TSS2_RC_SUCCESS,
      Tss2_Sys_GetRpBuffer(sys, &found, &start) == TSS2_RC_SUCCESS, found == size
    else {
      let error = TPMError(
        .malformedResponse, operation: operation, detail: "an answer of \(found) bytes, where \(size) were read")
      lost = error
      throw error
    }
  }

  private static func cannotConnect(
    to configuration: TCTI, operation: String, response: ResponseCode
  ) -> TPMError {
    var detail = "\(response)"
    // The TCTI keeps errno to itself; opening the device once more tells what is wrong with it.
    if let path = configuration.devicePath {
      let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK)
      if descriptor >= 0 {
        close(descriptor)
      } else {
        let reason = errno
        detail = "\(path): \(String(cString: strerror(reason)))"
        if reason == EBUSY { detail += "; another process has it, /dev/tpmrm0 can be shared" }
      }
    }
    return TPMError(.cannotConnect, operation: operation, detail: detail, response: response)
  }
}

/// Memory that ESYS allocated for one output, freed exactly once.
struct ESYSOutput<Value>: ~Copyable {
  /// Where ESYS puts the pointer.
  var pointer: UnsafeMutablePointer<Value>?

  deinit {
    Esys_Free(pointer)
  }

  /// The output, copied.
  func value(of operation: String) throws(TPMError) -> Value {
    guard let pointer else {
      throw TPMError(.malformedResponse, operation: operation, detail: "the TSS returned no output")
    }
    return pointer.pointee
  }
}
