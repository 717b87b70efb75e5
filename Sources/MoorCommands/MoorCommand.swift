// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
internal import Glibc
internal import TPM

/// The command `moor`.
public struct MoorCommand: ParsableCommand {
  /// Name, help and subcommands.
  public static let configuration = CommandConfiguration(
    commandName: "moor",
    abstract: "Keeps a VM host moored to its TPM.",
    discussion: """
      A kernel module measures the hypervisor and emulator programs before they run, extends a TPM PCR, and refuses \
      what the trust policy does not list. These commands write that policy, load the module, run VMs under it, and \
      check what it measured.

      \(ExitStatus.table)
      """,
    version: "0.1.0",
    subcommands: subcommands)

  private static let subcommands: [any ParsableCommand.Type] = [
    InitCommand.self, LoadCommand.self, RunCommand.self, StatusCommand.self, LogCommand.self, TrustCommand.self,
    CheckCommand.self, TreeCommand.self, ReviewCommand.self, ExplainCommand.self, WhyCommand.self, UnusedCommand.self,
    DiffCommand.self, FormatCommand.self, LockCommand.self, UnloadCommand.self, DoctorCommand.self,
  ]

  /// Makes the command; ArgumentParser fills it.
  public init() {}

  /// Parses the command line, runs what it says, and exits with one of ``ExitStatus``.
  public static func start() -> Never {
    // libtss2 logs what our errors say better; this must come before any thread.
    TPMConnection.silenceLibraryLog()
    let command: any ParsableCommand
    do {
      command = try parseAsRoot()
    } catch {
      exit(withError: error)
    }
    do {
      var command = command
      try command.run()
    } catch {
      guard let failure = CommandFailure(error) else { exit(withError: error) }
      report(failure, isJSON: (command as? any MoorSubcommand)?.output.json ?? false)
      Glibc.exit(failure.status.rawValue)
    }
    Glibc.exit(ExitStatus.success.rawValue)
  }

  private struct FailureReport: Encodable {
    struct Failure: Encodable {
      let message: String
      let exitCode: Int32
    }
    let error: Failure
  }

  private static func report(_ failure: CommandFailure, isJSON: Bool) {
    let console = StandardConsole()
    let report = FailureReport(error: .init(message: failure.description, exitCode: failure.status.rawValue))
    if isJSON, let text = try? JSON.pretty(report) {
      console.write(text)
    } else {
      console.note("moor: \(failure.description)")
    }
  }
}
