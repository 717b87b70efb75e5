// SPDX-License-Identifier: Apache-2.0

internal import EventLog
internal import KernelModule
internal import TPM

/// What the commands need of the module and the TPM, so that tests can stand in for both.
protocol ModuleAccess {
  /// Whether the module is in the kernel.
  var isLoaded: Bool { get }
  /// What it says of itself.
  func state() throws(KernelModuleError) -> ModuleState
  /// The log from a record on, with the PCR as of the same instant.
  func snapshot(from record: UInt64) throws(KernelModuleError) -> LogSnapshot
  /// Loads, arms and commits.
  func launch(_ launch: Launch, report: (Launch.Step) -> Void) throws(KernelModuleError)
  /// Loads a module that the policy lists, from its file.
  func loadModule(path: String) throws(KernelModuleError)
  /// Gates devices that came with new drivers.
  func gate(_ launch: Launch, report: (Launch.Step) -> Void) throws(KernelModuleError)
  /// Binds this thread's next exec to a VM.
  func bind(to vm: VMName) throws(KernelModuleError)
  /// Locks the host until it is rebooted.
  func lock() throws(KernelModuleError)
  /// Gives the hooks back.
  func release() throws(KernelModuleError)
  /// Unloads the module.
  func unload() throws(KernelModuleError)
  /// Reads a PCR in every bank that the TPM has it in.
  func readPCR(_ pcr: UInt32, tcti: TCTI) throws(TPMError) -> [Digest]
}

/// The module in this kernel, and the host's TPM.
struct KernelModuleAccess: ModuleAccess {
  var isLoaded: Bool { ModuleLoader().isLoaded }

  func state() throws(KernelModuleError) -> ModuleState { try ModuleState() }

  func snapshot(from record: UInt64) throws(KernelModuleError) -> LogSnapshot {
    try Device().snapshot(from: record)
  }

  func launch(_ launch: Launch, report: (Launch.Step) -> Void) throws(KernelModuleError) {
    try launch.run(report: report)
  }

  func loadModule(path: String) throws(KernelModuleError) { try ModuleLoader().loadOther(path: path) }

  func gate(_ launch: Launch, report: (Launch.Step) -> Void) throws(KernelModuleError) {
    try launch.gate(Device(), report: report)
  }

  func bind(to vm: VMName) throws(KernelModuleError) { try Device().bind(to: vm) }

  func lock() throws(KernelModuleError) { try Device().lock() }

  func release() throws(KernelModuleError) { try Device().release() }

  func unload() throws(KernelModuleError) { try ModuleLoader().unload() }

  func readPCR(_ pcr: UInt32, tcti: TCTI) throws(TPMError) -> [Digest] {
    guard let set = PCRSet(index: Int(pcr)) else { return [] }
    var connection = try TPMConnection(tcti)
    let allocated = try connection.allocatedPCRs()
    let banks = allocated.banks.filter { allocated[$0].contains(set) }
    let values = try connection.readPCRs(PCRSelection(set, in: banks))
    return banks.compactMap { bank in
      values[bank, Int(pcr)].flatMap { Digest(algorithm: HashAlgorithm(rawValue: bank.rawValue), bytes: $0) }
    }
  }
}
