// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The parts of arming that touch the kernel outside /dev/moor, so that tests can replay them.
package protocol ArmingSteps {
  /// Loads and attaches the programs with the cookie, and hands each link over with its name.
  func attach(
    programs: String, withAccess: Bool, cookie: UInt64, handOver: (String, Int32) throws(KernelModuleError) -> Void
  ) throws(KernelModuleError) -> Int
  /// Triggers every hook that is attached; returns the steps that stopped before theirs, in words.
  func prove(withAccess: Bool) -> [String]
  /// Waits.
  func pause(milliseconds: Int)
}

struct KernelArmingSteps: ArmingSteps {
  func attach(
    programs: String, withAccess: Bool, cookie: UInt64, handOver: (String, Int32) throws(KernelModuleError) -> Void
  ) throws(KernelModuleError) -> Int {
    try HookPrograms(path: programs, withAccess: withAccess).attach(cookie: cookie, handOver: handOver)
  }

  func prove(withAccess: Bool) -> [String] {
    HookProof.run(withAccess: withAccess).map { "\($0.step) stopped with \($0.error.name)" }
  }

  func pause(milliseconds: Int) {
    usleep(UInt32(milliseconds) * 1000)
  }
}

extension Device {
  /// How often the hooks are triggered before a silent one is given up: task_free comes only after a grace
  /// period of RCU, which on a busy host takes a while.
  private static let attempts = 50
  private static let pause = 40

  /// Attaches the hook programs, proves that each calls the module, and arms it.
  ///
  /// On every error nothing is armed, and the module gives all hooks back when this device is closed.
  ///
  /// - Parameters:
  ///   - programs: The object file with the programs.
  ///   - withAccess: Whether the hooks are attached without which no access policy comes into force.
  public func attachAndArm(programs: String, withAccess: Bool) throws(KernelModuleError) {
    try attachAndArm(programs: programs, withAccess: withAccess, steps: KernelArmingSteps())
  }

  package func attachAndArm(
    programs: String, withAccess: Bool, steps: some ArmingSteps
  ) throws(KernelModuleError) {
    let attachment = try beginAttaching(withAccess: withAccess)
    let count = try steps.attach(programs: programs, withAccess: withAccess, cookie: attachment.cookie) {
      name, link throws(KernelModuleError) in
      try attach(link: link, named: name)
    }
    guard count == attachment.hookCount else {
      throw .rejected(
        Rejection(
          .programs,
          "\(programs) has \(count) programs, but the module has \(attachment.hookCount) hooks: "
            + "install module and programs of the same build"))
    }
    try prove(withAccess: withAccess, steps: steps)
  }

  private func prove(withAccess: Bool, steps: some ArmingSteps) throws(KernelModuleError) {
    var silent = HookSet(words: [])
    var stopped: [String] = []
    for _ in 0..<Self.attempts {
      stopped = steps.prove(withAccess: withAccess)
      switch try arm() {
      case .armed: return
      case .missing(let hooks):
        throw .kernel(KernelRefusal(.arm, SystemError(rawValue: ENOLINK), detail: "without a link: \(hooks)"))
      case .unproven(let hooks): silent = hooks
      }
      steps.pause(milliseconds: Self.pause)
    }
    let detail = (["never called: \(silent)"] + stopped).joined(separator: "\n")
    throw .kernel(KernelRefusal(.arm, SystemError(rawValue: EPROTO), detail: detail))
  }
}
