// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import KernelModule
internal import TPM

/// `moor doctor`: looks whether this host can run moor, and says what to do where it cannot.
struct DoctorCommand: MoorSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check whether this host can run moor, and say what to do.",
    discussion: """
      Looks at permissions, the kernel and its configuration, the TPM and its banks, the firmware's event log, and \
      moor's own files and state. Nothing is changed.

      Exits with 0 when nothing failed, though there may be warnings, and 1 when a check failed.
      """)

  @OptionGroup var output: OutputOptions

  @Option(help: "How the TPM is reached, as tpm2-tools take it (default: device:/dev/tpmrm0).")
  var tcti: String?

  @Option(help: "The PCR to extend: 0 to 15, but not 10.")
  var pcr: UInt32 = 13

  @Option(help: "The kernel module (default: /usr/lib/moor/KERNEL/moor.ko).")
  var module: String?

  @Option(help: "The hook programs.")
  var programs = InstalledFiles.programs

  @Option(
    help: ArgumentHelp(
      "Look at the system below this folder. A TPM is asked only with --tcti.", valueName: "folder"))
  var root = "/"

  func validate() throws {
    guard ModuleLoader.Parameters.isUsable(pcr: pcr) else {
      throw ValidationError(
        "PCR \(pcr) cannot be used: expected 0 to 15, but not 10 (IMA's); 16 and above can be reset")
    }
    for path in [root, programs, module].compactMap(\.self) where !path.hasPrefix("/") {
      throw ValidationError("\"\(path)\" is not an absolute path")
    }
    do {
      _ = try namedTCTI()
    } catch {
      throw ValidationError(error.description)
    }
  }

  func run(_ context: CommandContext) throws {
    let report = try host().examine()
    try context.show(report)
    if report.exitStatus != .success { throw ExitCode(report.exitStatus.rawValue) }
  }

  private func namedTCTI() throws(TPMError) -> TCTI? {
    guard let tcti else { return nil }
    return try TCTI(tcti)
  }

  /// What the options describe.
  func host() throws(TPMError) -> DoctorHost {
    var folder = root[...]
    while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
    return DoctorHost(
      root: String(folder), tcti: try namedTCTI() ?? (folder == "/" ? .device : nil), pcr: Int(pcr), module: module,
      programs: programs)
  }
}
