// SPDX-License-Identifier: Apache-2.0

internal import EventLog
internal import KernelModule
internal import Learning
internal import PolicyText
internal import TPM

/// Why a command failed, as it is told to the caller: words, and an exit code.
struct CommandFailure: Error, CustomStringConvertible {
  let status: ExitStatus
  let description: String

  init(_ status: ExitStatus, _ description: String) {
    self.status = status
    self.description = description
  }

  /// An error of moor's own libraries, with the exit code of its cause; nil for any other, which is
  /// ArgumentParser's to show.
  init?(_ error: any Error) {
    switch error {
    case let failure as CommandFailure: self = failure
    case let error as KernelModuleError: self.init(Self.status(of: error), error.description)
    case let error as PolicyError: self.init(.data, error.description)
    case let error as EventLogError: self.init(.data, "the measurement log cannot be read: \(error)")
    case let error as ReplayError: self.init(.data, "the measurement log cannot be replayed: \(error)")
    case let error as LogSourceError:
      self.init(error.isMissing ? .noInput : error.isForbidden ? .noPermission : .io, error.description)
    case let error as TPMError: self.init(Self.status(of: error), error.description)
    default: return nil
    }
  }

  private static func status(of error: KernelModuleError) -> ExitStatus {
    switch error {
    case .rejected(let rejection):
      switch rejection.code {
      case .vmName, .parameter: .usage
      case .policyName, .size: .data
      case .timeout: .unavailable
      case .programs: .configuration
      case .malformed, .digest: .software
      }
    case .kernel(let refusal): status(of: refusal)
    }
  }

  private static func status(of refusal: KernelRefusal) -> ExitStatus {
    switch (refusal.operation, refusal.error.name) {
    case (.openDevice, "ENOENT"), (.readState, "ENOENT"), (.readLog, "ENOENT"), (.unloadModule, "ENOENT"),
      (_, "ENODEV"),
      (.loadModule, "ENOPKG"):
      .unavailable
    case (.loadModule, "ENOENT"), (.loadOther, "ENOENT"), (.openPrograms, "ENOENT"), (.readFile, "ENOENT"): .noInput
    case (.openAccess, "ENOENT"): .configuration
    case (.accessData, "EKEYREJECTED"), (.accessCommit, "EKEYREJECTED"): .temporary
    case (_, "EPERM"), (_, "EACCES"), (_, "EKEYREJECTED"), (_, "ENOKEY"), (_, "ESTALE"), (.release, "ENOTRECOVERABLE"):
      .noPermission
    case (_, "EBUSY"), (_, "EAGAIN"), (_, "ENOMEM"), (_, "EALREADY"), (_, "EUSERS"), (_, "ETXTBSY"): .temporary
    case (_, "EIO"): .io
    case (.loadModule, _), (.loadOther, _), (.loadPrograms, _), (.linkProgram, _), (.attach, _), (.arm, _),
      (_, "ENOTTY"),
      (_, "EOPNOTSUPP"),
      (_, "EINVAL"):
      .configuration
    case (.readFile, _), (.readLog, _), (.readState, _): .io
    default: .software
    }
  }

  private static func status(of error: TPMError) -> ExitStatus {
    switch error.code {
    case .invalidTCTI, .invalidArgument: .usage
    case .cannotConnect, .bankAbsent, .pcrAbsent: .unavailable
    case .pcrsChanging: .temporary
    default: .io
    }
  }
}
