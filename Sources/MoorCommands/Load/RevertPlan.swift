// SPDX-License-Identifier: Apache-2.0

internal import EventLog
internal import KernelModule

/// How a load is taken back: decided, and said, before anything is loaded.
enum RevertPlan {
  /// What was in force is committed again.
  ///
  /// - Parameter learning: The new rules of access in learning mode, where there were none: they cannot be taken out.
  case again(TrustCommit, AccessCommit?, learning: AccessCommit?)
  /// There was no module: it is unloaded.
  case unload(Launch)
  /// There was no policy: the new one is put in learning mode, in which it denies nothing.
  case learn(Launch)

  /// - Throws: ``CommandFailure`` where a load could not be taken back; nothing is to be loaded then.
  init(_ module: any ModuleAccess, _ launch: Launch, _ loaded: LoadedPolicies) throws {
    guard module.isLoaded else {
      self = .unload(launch)
      return
    }
    let state = try module.state()
    if state.isLocked {
      throw CommandFailure(
        .noPermission,
        "the host is locked: what is loaded now stays until a reboot, and --revert-after cannot take it back")
    }
    guard let policy = state.policy else {
      self = state.state == .unarmed ? .unload(launch) : .learn(launch)
      return
    }
    guard let trust = try loaded.trust(policy, state.mode) else { throw Self.noCopy(policy.name, policy.version) }
    guard let old = state.access else {
      self = .again(trust, nil, learning: try launch.access.map { access in try access.learning() })
      return
    }
    guard let access = try loaded.access(old) else { throw Self.noCopy(old.name, old.version) }
    self = .again(trust, access, learning: nil)
  }

  private static func noCopy(_ name: String, _ version: UInt64) -> CommandFailure {
    CommandFailure(
      .noInput,
      """
      policy \(UntrustedText(name).quoted) version \(version) is in force and \(LoadedPolicies.folder) has no copy of it, so that it \
      could not be brought back. Load it once more with `moor load` and without --revert-after, from then on it can.
      """)
  }

  /// What is in force when it was taken back.
  var description: String {
    switch self {
    case .again(let trust, let access, let learning):
      if let access { return "\(trust), and \(access), come back" }
      return "\(trust) comes back"
        + (learning == nil ? "" : "; the new rules of access only learn, as there were none before")
    case .unload: return "nothing is in force, as before: the module is unloaded, or learns as long as a VM runs"
    case .learn: return "the new policy only learns, and denies nothing: there was none before"
    }
  }

  /// Takes it back.
  ///
  /// - Returns: What was done, in words.
  func run(_ module: any ModuleAccess) throws -> String {
    guard module.isLoaded else { return "the module was unloaded meanwhile: nothing is in force" }
    switch self {
    case .again(let trust, let access, let learning):
      try Self.commit(module, trust, access ?? learning)
      return access.map { "in force again: \(trust), and \($0)" } ?? "in force again: \(trust)"
    case .learn(let launch):
      try Self.learn(module, launch)
      return "the new policy learns, and denies nothing"
    case .unload(let launch):
      do throws(KernelModuleError) {
        if try module.state().state != .unarmed { try module.release() }
        try module.unload()
        return "the module is unloaded"
      } catch {
        // A VM that was started meanwhile holds it.
        try Self.learn(module, launch)
        return "the new policy learns, and denies nothing: the module stays (\(error))"
      }
    }
  }

  private static func learn(_ module: any ModuleAccess, _ launch: Launch) throws {
    guard let policy = launch.policy else { return }
    try commit(module, try policy.learning(), try launch.access.map { access in try access.learning() })
  }

  private static func commit(_ module: any ModuleAccess, _ trust: TrustCommit, _ access: AccessCommit?) throws {
    try module.launch(
      Launch(
        module: InstalledFiles.module(release: InstalledFiles.runningRelease), programs: InstalledFiles.programs,
        policy: trust, access: access)
    ) { _ in }
  }
}

extension TrustCommit {
  /// The same, measuring and allowing.
  fileprivate func learning() throws(KernelModuleError) -> TrustCommit {
    try TrustCommit(name: name, version: version, generation: generation, isEnforcing: false, image: image)
  }
}

extension AccessCommit {
  /// The same, recording and allowing.
  fileprivate func learning() throws(KernelModuleError) -> AccessCommit {
    try AccessCommit(
      name: name, version: version, generation: generation, isEnforcing: false, image: image, objects: objects)
  }
}
