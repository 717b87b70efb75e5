// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EventLog
internal import Glibc
internal import KernelModule

/// `moor run`: binds a VM's name to the next exec, and becomes the emulator.
struct RunCommand: MoorSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run an emulator as a guarded VM.",
    discussion: """
      Binds the VM's name to the emulator's start and then becomes the emulator: same process, same descriptors. The \
      exit code is the emulator's; 125 when moor failed before, 126 when the start was refused, 127 when there is no \
      such program.
      """)

  @OptionGroup var output: OutputOptions

  @Option(help: "The VM's name: 1 to 63 letters, digits, '.', '_' or '-'.")
  var vm: String

  @Argument(parsing: .postTerminator, help: "The emulator and its arguments, after `--`.")
  var command: [String] = []

  func validate() throws {
    guard let program = command.first, !program.isEmpty else {
      throw ValidationError("expected `-- EMULATOR [ARGUMENT ...]`")
    }
    guard VMName(rawValue: vm) != nil else {
      throw ValidationError(
        "“\(vm)” is no name of a VM: expected 1 to 63 letters, digits, '.', '_' or '-', beginning with a letter or a digit"
      )
    }
  }

  func run(_ context: CommandContext) throws {
    guard let path = Executable.find(command[0]) else {
      throw CommandFailure(.runNotFound, "\(command[0]): there is no such program")
    }
    let seen: UInt64
    do {
      // Where the log ends now: a record after it may say why the start was refused.
      seen = (try? context.module.snapshot(from: UInt64.max).recordCount) ?? 0
      try context.module.bind(to: VMName(vm))
    } catch {
      throw CommandFailure(.runFailed, error.description)
    }
    let error = Executable.become(path, arguments: command)
    throw explain(error, path, context, since: seen)
  }

  private func explain(
    _ error: SystemError, _ path: String, _ context: CommandContext, since first: UInt64
  ) -> CommandFailure {
    var words = "\(path) was not run: \(error.name): \(error.words)"
    let log = try? context.module.snapshot(from: first)
    let records = log.flatMap { try? MeasurementLog($0.log, firstRecord: first).records } ?? []
    let pid = UInt32(getpid())
    let refusals = records.filter { $0.event.record == .refuse && ($0.note?.pid ?? pid) == pid }
    if let refusal = refusals.last {
      words += "\n  moor refused it: \(RefusalWords.explain(refusal.event))\n  \(refusal)"
    } else if error.rawValue == ETXTBSY {
      words += "\n  What to do: close whoever has the program open for writing."
    } else if error.rawValue == EPERM || error.rawValue == EACCES {
      words += "\n  moor has no record of a refusal: look for file permissions, AppArmor or a mount without exec."
    }
    return CommandFailure(error.rawValue == ENOENT ? .runNotFound : .runRefused, words)
  }
}
