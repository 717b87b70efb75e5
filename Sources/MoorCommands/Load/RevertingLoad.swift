// SPDX-License-Identifier: Apache-2.0

internal import KernelModule

/// A load that has to be kept, and is taken back otherwise.
struct RevertingLoad {
  private let plan: RevertPlan
  private let span: TimeSpan
  private let context: CommandContext
  private let before: ModuleState?

  /// Decides how it is taken back.
  ///
  /// - Throws: where it could not be; nothing is to be loaded then.
  init(_ launch: Launch, after span: TimeSpan, _ context: CommandContext) throws {
    try Unconfirmed.requireNone(folder: context.loaded.folder)
    plan = try RevertPlan(context.module, launch, context.loaded)
    self.span = span
    self.context = context
    before = context.module.isLoaded ? try context.module.state() : nil
  }

  /// Loads, asks, and takes it back if need be.
  func run(_ report: inout LoadReport, _ load: (inout LoadReport) throws -> Void) throws {
    context.progress("unless it is kept within \(span): \(plan.description)")
    let waiting = try Unconfirmed(folder: context.loaded.folder)
    // Before anything is in force: the load itself may cut the terminal off.
    let question = KeepQuestion()
    do {
      try load(&report)
    } catch {
      if waiting.decide() { takeBackPart() }
      throw error
    }
    let how = context.terminal == nil ? "" : "Enter keeps it, Ctrl-C takes it back now; "
    context.progress("\(how)`moor load --keep` keeps it from anywhere")
    let answer = question.wait(waiting, seconds: Double(span.seconds), terminal: context.terminal)
    report.kept = answer == .kept
    if answer == .kept { return context.progress("kept") }
    context.progress(answer == .late ? "not kept in time" : "not kept")
    context.progress(try plan.run(context.module))
    if let state = try? context.module.state() { report.take(state) } else { report.state = "unloaded" }
    // Until here no signal ends the process.
    _ = consume question
  }

  /// A load that fails may have put its trust policy in force already, or all of it.
  private func takeBackPart() {
    guard context.module.isLoaded, let now = try? context.module.state() else { return }
    if let before, now.policy == before.policy, now.mode == before.mode, now.access == before.access { return }
    do {
      context.progress(try plan.run(context.module))
    } catch {
      context.console.note("moor: what was in force before cannot be brought back: \(error)")
    }
  }
}

/// What `moor load --keep` did.
struct KeptReport: Report {
  let kept = true

  private enum CodingKeys: CodingKey {
    case kept
  }

  /// - Throws: ``CommandFailure`` when nothing waits, or it was taken back meanwhile.
  init(folder: String) throws(CommandFailure) {
    guard Unconfirmed.state(folder: folder) != .none else {
      throw CommandFailure(.difference, "nothing waits to be kept")
    }
    guard Unconfirmed.keep(folder: folder) else {
      throw CommandFailure(.difference, "it is too late: what was in force before comes back")
    }
  }

  func text(_ style: Style) -> String { style.good("kept") }
}
