// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import ArgumentParser
internal import Learning
internal import PolicyReview
internal import PolicyText
internal import TrustPolicy

/// `moor review`: from what VMs were seen to do to rules of access, by a person's choices.
struct ReviewCommand: MoorSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "review",
    abstract: "Decide what becomes rules of what VMs were seen to do.",
    discussion: """
      Groups what the system log says VMs did beyond the policy into a few decisions a VM, and writes what is accepted into \
      the VM's block; the rest of the policy stays byte for byte. On a terminal it asks, decision by decision, and can be \
      left and continued at any time: the answers are kept beside the policy, in POLICY.review.json. Without a terminal, \
      --json shows the decisions and their choices, and --decisions takes the answers from a file: each has an id and a \
      choice, and may have the decision's digest, which must then be the same still.

      What touches another VM's object is shown as a conflict, and is never offered. Suggestions say how many more files \
      that exist now they would admit. The new policy is read, compiled and checked before anything is written.

      Exits with 0 when it is done, 65 for a policy, log or decisions file that cannot be read as one, and 75 when \
      nothing was written since the answer was no.
      """)

  @OptionGroup var output: OutputOptions
  @OptionGroup var logs: LogOptions

  @Option(help: "The policy.")
  var policy = TrustPolicy.defaultPath

  @Option(help: ArgumentHelp("Ask about this VM alone; repeatable.", valueName: "name"))
  var vm: [String] = []

  @Option(help: ArgumentHelp("Take the answers from a file; what it does not name is skipped.", valueName: "file"))
  var decisions: String?

  @Flag(help: "Take every suggestion: what VMs were seen to do becomes allowed, but for conflicts and secrets.")
  var acceptAll = false

  @Flag(name: .shortAndLong, help: "With --accept-all: do not ask.")
  var yes = false

  @Option(help: ArgumentHelp("Count existing files below this folder.", valueName: "folder"))
  var root = "/"

  @Option(
    help: ArgumentHelp("A folder for include <NAME>, instead of the usual ones; repeatable.", valueName: "folder"))
  var searchPath = TrustPolicy.searchPath

  func validate() throws {
    guard decisions == nil || !acceptAll else {
      throw ValidationError("--decisions and --accept-all are two ways to answer; expected one")
    }
  }

  func run(_ context: CommandContext) throws {
    let files = ReviewFiles(policy: policy, searchPath: searchPath)
    let access = try files.read()
    let seen = SeenAccesses(try logs.read())
    let plan = ReviewPlan(
      seen.accesses, policy: access, loader: files.loader, root: FileRoot(root), vms: Set(vm))
    var session = ReviewSession(plan)
    if let decisions {
      for answer in try DecisionsFile.read(files.source(decisions), for: plan) {
        session.answer(answer.id, answer.choice)
      }
      try write(session, access, files, seen, context)
    } else if acceptAll {
      try acceptSuggestions(&session, seen, context)
      try write(session, access, files, seen, context)
    } else if !context.isJSON, context.keys.isTerminal, context.console.isTerminal, !plan.decisions.isEmpty {
      var dialogue = ReviewDialogue(session: session, policy: access, files: files, seen: seen, context: context)
      try dialogue.run()
    } else {
      try context.show(ReviewReport(plan, policy: policy, seen: seen))
    }
  }

  /// Says what it means before it asks.
  private func acceptSuggestions(
    _ session: inout ReviewSession, _ seen: SeenAccesses, _ context: CommandContext
  ) throws {
    for decision in session.plan.decisions { session.answer(decision.id, decision.suggested) }
    let skipped = session.plan.decisions.filter { $0.suggested == "skip" }.count
    context.progress(
      """
      ACCEPT ALL: everything that these VMs were seen to do becomes allowed for good, without anybody having looked at it.
      If one of them was taken over while it was learned, what the intruder did is allowed, too.
      \(skipped) of \(session.plan.decisions.count) decisions are left out: conflicts with other VMs, secrets, and what has no rule.
      """)
    if let reason = seen.incomplete { context.progress("NOT COMPLETE: \(reason)") }
    try context.confirm("Allow all of it?", isYes: yes)
  }

  private func write(
    _ session: ReviewSession, _ access: AccessPolicy, _ files: ReviewFiles, _ seen: SeenAccesses,
    _ context: CommandContext
  ) throws {
    let outcome = try ReviewOutcome(session, policy: access, loader: files.loader, incomplete: seen.incomplete)
    try files.write(outcome, over: access)
    try context.show(ReviewWritten(outcome, session, incomplete: seen.incomplete))
  }
}
