// SPDX-License-Identifier: Apache-2.0

/// What a module holds to, in a sentence: for an error after which only part of what was asked is in force.
enum InForce {
  static func words(folder: String = ModuleState.folder) -> String {
    do throws(KernelModuleError) {
      return words(try ModuleState(folder: folder))
    } catch {
      let isGone = error.systemError?.name == "ENOENT"
      return isGone
        ? "Nothing is in force: the module was unloaded again." : "What is in force cannot be read: \(error)"
    }
  }

  static func words(_ state: ModuleState) -> String {
    guard let trust = state.policy else { return "Nothing is in force: the module is \(state.state.rawValue)." }
    let access = state.access.map { "policy “\($0.name)” version \($0.version), \($0.mode.rawValue)" } ?? "none"
    return
      "In force: trust by policy “\(trust.name)” version \(trust.version), \(state.mode.rawValue); access by \(access)."
  }
}

extension KernelModuleError {
  /// The same error with a further line for the person in front of it.
  func noting(_ line: String) -> KernelModuleError {
    switch self {
    case .rejected(let rejection): .rejected(Rejection(rejection.code, "\(rejection.message)\n  \(line)"))
    case .kernel(let refusal):
      .kernel(
        KernelRefusal(
          refusal.operation, refusal.error, detail: refusal.detail.isEmpty ? line : "\(refusal.detail)\n\(line)"))
    }
  }
}
