// SPDX-License-Identifier: Apache-2.0

/// Everything that can go wrong between a tool and the kernel module. It has two roots only: what we
/// refused to ask for, and what the kernel answered.
public enum KernelModuleError: Error, Sendable, Equatable {
  /// The request was wrong before any kernel saw it.
  case rejected(Rejection)
  /// The kernel, or a library that speaks to it, refused.
  case kernel(KernelRefusal)
}

/// Why a request was not even made.
public struct Rejection: Error, Sendable, Equatable {
  /// What was wrong.
  public enum Code: String, Sendable, CaseIterable {
    /// A VM's name is empty, too long, or has bytes that no name has.
    case vmName
    /// A policy's name is too long or has a NUL byte.
    case policyName
    /// A digest cannot be computed.
    case digest
    /// More entries or bytes than the module takes.
    case size
    /// A module parameter's value cannot be passed.
    case parameter
    /// The object with the hook programs does not fit the module.
    case programs
    /// Something that must appear did not, within the time given.
    case timeout
    /// A text of the module could not be read as what it should be.
    case malformed
  }

  /// What was wrong.
  public let code: Code
  /// The whole story, for a person: what was found and what was expected.
  public let message: String

  /// Makes a rejection; `message` names what was found and what was expected.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}

/// What the kernel answered, with what it means here and what to do about it.
public struct KernelRefusal: Error, Sendable, Equatable {
  /// What was asked for.
  public let operation: KernelOperation
  /// The answer.
  public let error: SystemError
  /// More about this very case: a path, hook names, or the log of the library; may be empty.
  public let detail: String

  /// Makes a refusal of `operation` with `error`; `detail` names the object of the request.
  public init(_ operation: KernelOperation, _ error: SystemError, detail: String = "") {
    self.operation = operation
    self.error = error
    self.detail = detail
  }

  /// What the answer means for this operation, in one sentence.
  public var meaning: String { explanation.meaning }

  /// What the person in front of it can do, in one sentence.
  public var advice: String { explanation.advice }

  private var explanation: Explanation { Explanation(of: operation, error) }
}

extension KernelModuleError: CustomStringConvertible {
  /// One line that says what failed, and lines with detail, meaning and advice.
  public var description: String {
    switch self {
    case .rejected(let rejection): rejection.message
    case .kernel(let refusal): refusal.description
    }
  }

  /// The kernel's error number, when it was the kernel that refused.
  public var systemError: SystemError? {
    if case .kernel(let refusal) = self { refusal.error } else { nil }
  }
}

extension KernelRefusal: CustomStringConvertible {
  /// What failed, its errno, its meaning and what to do.
  public var description: String {
    var text = "\(operation.words): \(error.name)"
    if error.name != meaning { text += ": \(meaning)" }
    if !detail.isEmpty { text += "\n  \(detail.split(separator: "\n").joined(separator: "\n  "))" }
    if !advice.isEmpty { text += "\n  What to do: \(advice)" }
    return text
  }
}
