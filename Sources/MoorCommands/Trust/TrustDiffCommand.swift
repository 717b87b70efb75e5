// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import TrustPolicy

/// `moor trust diff`: what an update would change, or how two policies differ.
struct TrustDiffCommand: MoorSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show how the trust policy differs from what was measured, or from another policy.",
    discussion: "Nothing is written. Exits with 0 when there is no difference, and 1 when there is.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var measurement: MeasurementOptions

  @Option(help: "Compare with this policy and its lock, as the older one, instead of measured digests.")
  var against: String?

  func run(_ context: CommandContext) throws {
    let difference: TrustDiff
    if let against {
      difference = TrustDiff(from: try PolicyFiles(policy: against).read(), to: try measurement.files.read())
      try context.show(PolicyDifferenceReport(difference: difference))
    } else {
      let (plan, notes) = try measurement.plan(context)
      difference = plan.difference
      try context.show(TrustUpdateReport(measurement.files, plan, notes, written: false))
    }
    if !difference.isEmpty { throw ExitCode(ExitStatus.difference.rawValue) }
  }
}

/// How two policies differ.
struct PolicyDifferenceReport: Report {
  let difference: TrustDiff

  func text(_ style: Style) -> String { difference.description }
}
