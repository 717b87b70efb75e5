// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import TrustPolicy

/// `moor trust update`: writes measured digests into the policy, once a person has seen them.
struct TrustUpdateCommand: MoorSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "update",
    abstract: "Write measured digests into the trust policy.",
    discussion: """
      Shows what would change and asks; without a terminal it needs --yes. Digests of files that the policy names \
      go into the policy, where all else stays as it is, comments too; those of files that a pattern covers go into the \
      lock beside it.
      """)

  @OptionGroup var output: OutputOptions
  @OptionGroup var measurement: MeasurementOptions

  @Flag(name: .shortAndLong, help: "Accept what is shown.")
  var yes = false

  func run(_ context: CommandContext) throws {
    let (plan, notes) = try measurement.plan(context)
    let files = measurement.files
    let isChange = plan.changesPolicy || plan.changesLock
    func report(written: Bool) -> TrustUpdateReport { TrustUpdateReport(files, plan, notes, written: written) }
    guard isChange else {
      try context.show(report(written: false))
      return
    }
    if !context.isJSON || !yes { try context.show(report(written: false)) }
    try context.confirm("Write these changes?", isYes: yes)
    // The lock first: a policy without its new lock is stricter than before, never looser.
    if plan.changesLock { try AtomicFile.write(plan.lockText, to: files.lock) }
    if plan.changesPolicy { try AtomicFile.write(plan.policyText, to: files.policy) }
    if context.isJSON {
      try context.show(report(written: true))
    } else {
      for path in [plan.changesPolicy ? files.policy : nil, plan.changesLock ? files.lock : nil].compactMap(\.self) {
        context.progress("wrote \(path)")
      }
    }
  }
}

/// What `moor trust update` and `moor trust diff` show.
struct TrustUpdateReport: Report {
  struct Uncovered: Encodable {
    let kind: TrustKind
    let path: TrustPath
    let digest: TrustDigest
  }

  let policy: String
  let lock: String
  let written: Bool
  let difference: TrustDiff
  let uncovered: [Uncovered]
  let unmeasured: [TrustPath]
  let notes: [String]

  init(_ files: PolicyFiles, _ plan: TrustUpdatePlan, _ notes: [String], written: Bool) {
    policy = files.policy
    lock = files.lock
    self.written = written
    difference = plan.difference
    uncovered = plan.uncovered.map { Uncovered(kind: $0.kind, path: $0.path, digest: $0.digest) }
    unmeasured = plan.after.unmeasured.map(\.path)
    self.notes = notes
  }

  func text(_ style: Style) -> String {
    var lines = difference.description.split(separator: "\n").map { line in
      switch line.drop(while: { $0 == " " }).first {
      case "+": style.good(String(line))
      case "-": style.bad(String(line))
      default: String(line)
      }
    }
    if !uncovered.isEmpty {
      lines += ["", style.careful("measured, but not named by the policy (--add adds them):")]
      lines += uncovered.map { "  \($0.kind.word) \($0.path)" }
    }
    if !unmeasured.isEmpty {
      lines += ["", style.careful("without a digest still, and so refused when enforcing:")]
      lines += unmeasured.map { "  \($0)" }
    }
    if !notes.isEmpty { lines += [""] + notes.map { "note: \($0)" } }
    return lines.joined(separator: "\n")
  }
}
