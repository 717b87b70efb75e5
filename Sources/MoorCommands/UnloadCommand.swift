// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import KernelModule

/// `moor unload`: gives the hooks back and unloads the module.
struct UnloadCommand: MoorSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "unload",
    abstract: "Give all hooks back and unload the module.",
    discussion: """
      Refused while a guarded VM runs, and on a locked host. The release is recorded and extended into the PCR: who \
      reads the log sees that the host was unguarded from then on.
      """)

  @OptionGroup var output: OutputOptions

  func run(_ context: CommandContext) throws {
    let module = context.module
    guard module.isLoaded else {
      throw CommandFailure(.unavailable, "the module is not loaded: nothing is left to do")
    }
    let wasArmed = try module.state().state != .unarmed
    if wasArmed {
      try module.release()
      context.progress("gave all hooks back")
    }
    try module.unload()
    try context.show(UnloadReport(released: wasArmed, unloaded: true))
  }
}

/// What `moor unload` did.
struct UnloadReport: Report {
  let released: Bool
  let unloaded: Bool

  func text(_ style: Style) -> String { "the module is unloaded" }
}
