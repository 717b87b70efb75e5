// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The way from a plain kernel to a policy in force: load, attach, prove, arm, gate, cap, commit trust, commit access.
///
/// When a step fails, what this call began is undone: the module is as it was before, or not there. The exceptions
/// are a module loaded closed, which stays armed and refuses all that is guarded, and the trust policy of a module that
/// was armed before: it stays in force when only the access policy was refused. The error says what is in force then.
public struct Launch: Sendable {
  /// A step that is done.
  public enum Step: Sendable, Equatable, CustomStringConvertible {
    /// The module was loaded from this file.
    case loaded(String)
    /// All hooks are held and proven.
    case armed
    /// These further devices are gated.
    case gated([GatedDevices])
    /// The PCR is capped.
    case capped
    /// The trust policy is in force.
    case committed(TrustCommit)
    /// The access policy is in force.
    case committedAccess(AccessCommit)

    /// What is done, in a few words.
    public var description: String {
      switch self {
      case .loaded(let path): "loaded \(path)"
      case .armed: "armed: every hook is held and was proven"
      case .gated(let devices): "gated " + devices.map(\.description).joined(separator: ", ")
      case .capped: "capped the PCR"
      case .committed(let policy): "in force: \(policy)"
      case .committedAccess(let policy): "in force: \(policy)"
      }
    }
  }

  /// The module's file.
  public var module: String
  /// The object file with the hook programs.
  public var programs: String
  /// What the module is loaded with, when it is not loaded yet.
  public var parameters: ModuleLoader.Parameters
  /// The trust policy to put in force; nil leaves the module without one, or with the one it has.
  public var policy: TrustCommit?
  /// The access policy to put in force after it; nil leaves the module without one, or with the one it has.
  public var access: AccessCommit?

  /// Whether the hooks of access rules are attached when there are no such rules, so that some can come later.
  public var attachesAccess: Bool

  /// Describes a launch.
  public init(
    module: String, programs: String, parameters: ModuleLoader.Parameters = .init(), policy: TrustCommit? = nil,
    access: AccessCommit? = nil, attachesAccess: Bool = false
  ) {
    self.module = module
    self.programs = programs
    self.parameters = parameters
    self.policy = policy
    self.access = access
    self.attachesAccess = attachesAccess
  }

  /// Does it; an armed module only gets the new policy.
  ///
  /// - Parameter report: Hears of each step when it is done.
  public func run(report: (Step) -> Void = { _ in }) throws(KernelModuleError) {
    let loader = ModuleLoader()
    let isOurs = !loader.isLoaded
    if isOurs {
      try loader.load(path: module, parameters: parameters)
      report(.loaded(module))
    }
    var isTrustInForce = false
    do throws(KernelModuleError) {
      try ModuleLoader.awaitDevice()
      // Before anything is handed over: an older module takes none.
      if access != nil { try AccessFiles().requirePresent() }
      try armAndCommit { step in
        if case .committed = step { isTrustInForce = true }
        report(step)
      }
    } catch {
      // Closed, it is to stay; else nothing may be left half done. Why it failed matters more than how this ends.
      if isOurs, !parameters.isClosed { try? loader.unload() }
      throw isTrustInForce ? error.noting(InForce.words()) : error
    }
  }

  private func armAndCommit(report: (Step) -> Void) throws(KernelModuleError) {
    let device = try Device()
    let state = try ModuleState()
    let isOurs = state.state == .unarmed
    if access != nil, !isOurs, !state.attachesAccess {
      throw .kernel(KernelRefusal(.accessCommit, SystemError(rawValue: ENOTCONN)))
    }
    // First, so that they are refused from arming on.
    try gate(device, report: report)
    if isOurs {
      try device.attachAndArm(programs: programs, withAccess: attachesAccess || access != nil)
      report(.armed)
    }
    do throws(KernelModuleError) {
      guard let policy else { return }
      if try ModuleState().state == .closed {
        try cap(device)
        report(.capped)
      }
      try device.commit(policy)
      report(.committed(policy))
      if let access {
        try AccessFiles().commit(access)
        report(.committedAccess(access))
      }
    } catch {
      if isOurs, !parameters.isClosed { try? device.release() }
      throw error
    }
  }

  private func cap(_ device: borrowing Device) throws(KernelModuleError) {
    do throws(KernelModuleError) {
      try device.cap()
    } catch {
      // A launch before this one may have come as far as the cap.
      guard error.systemError?.name == "EALREADY" else { throw error }
    }
  }

  /// Puts the devices whose numbers the kernel gave out behind the gate; again after drivers were loaded.
  public func gate(_ device: borrowing Device, report: (Step) -> Void = { _ in }) throws(KernelModuleError) {
    let devices = try String(decoding: SmallFile.read("/proc/devices"), as: UTF8.self)
    let misc = (try? SmallFile.read("/proc/misc")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    var gated: [GatedDevices] = []
    for range in GatedDevices.find(devices: devices, misc: misc) {
      do throws(KernelModuleError) {
        try device.gate(range)
        gated.append(range)
      } catch {
        guard error.systemError?.name == "EEXIST" else { throw error }
      }
    }
    if !gated.isEmpty { report(.gated(gated)) }
  }
}
