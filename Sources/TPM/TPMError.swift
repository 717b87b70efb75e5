// SPDX-License-Identifier: Apache-2.0

/// Why an operation on a TPM did not succeed.
public struct TPMError: Error, Equatable, Sendable {
  /// What kind of failure it was.
  public enum Code: String, Sendable {
    /// The TPM answered with a response code: see ``TPMError/response``.
    case response
    /// The TPM cannot be reached: the TCTI could not be opened.
    case cannotConnect
    /// The TPM went away, or a layer of the TSS failed, during this command or an earlier one on the same connection.
    case connectionLost
    /// The TPM did not answer in time. The connection is closed for further commands, as a late answer could be
    /// taken for that of the next command.
    case timedOut
    /// The TCTI string cannot be read.
    case invalidTCTI
    /// An argument was refused before anything was sent.
    case invalidArgument
    /// A bank was named that the TPM has not allocated.
    case bankAbsent
    /// A PCR was named that the TPM has not in that bank.
    case pcrAbsent
    /// PCRs changed during each of the attempts to read them as of one instant.
    case pcrsChanging
    /// The TPM's answer contradicts itself or the question.
    case malformedResponse
  }

  /// The kind of failure.
  public let code: Code
  /// The operation that failed: a command such as `TPM2_PCR_Read`, or what was attempted in plain words.
  public let operation: String
  /// What happened, for a person.
  public let detail: String
  /// The response code of the TPM or of a layer of the TSS, when there was one.
  public let response: ResponseCode?

  init(_ code: Code, operation: String, detail: String, response: ResponseCode? = nil) {
    self.code = code
    self.operation = operation
    self.detail = detail
    self.response = response
  }

  init(operation: String, response: ResponseCode) {
    self.init(.response, operation: operation, detail: response.description, response: response)
  }

  /// What can be done so that the operation may succeed.
  public var recovery: ResponseCode.Recovery {
    switch code {
    case .response: response?.recovery ?? .none
    case .cannotConnect, .connectionLost, .timedOut: .reconnect
    case .pcrsChanging: .resubmit
    case .invalidTCTI, .invalidArgument, .bankAbsent, .pcrAbsent, .malformedResponse: .none
    }
  }
}

extension TPMError: CustomStringConvertible {
  /// Operation and detail in one line.
  public var description: String { "\(operation): \(detail)" }
}
