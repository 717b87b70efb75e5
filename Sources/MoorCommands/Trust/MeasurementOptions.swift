// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EventLog
internal import KernelModule
internal import TrustPolicy

/// Where `moor trust` takes digests from.
struct MeasurementOptions: ParsableArguments {
  @Option(help: "The trust policy.")
  var policy = TrustPolicy.defaultPath

  @Option(help: "The policy's lock (default: the file beside it that ends in .lock).")
  var lock: String?

  @Option(help: "Take the digests from a measurement log in a file, instead of the module's.")
  var log: String?

  @Flag(help: "Hash the files as they are now, instead of reading a measurement log.")
  var fromDisk = false

  @Flag(help: "Take the digests of refused files as well: those of an update that the policy does not know yet.")
  var refused = false

  @Flag(help: "Keep the digests that a path has beside the new one: an update window.")
  var keep = false

  @Flag(help: "Add measured files that the policy does not name.")
  var add = false

  @Flag(help: "Take the module's log even when the PCR does not prove it.")
  var unproven = false

  func validate() throws {
    guard !fromDisk || (log == nil && !refused && !add && !unproven) else {
      throw ValidationError(
        "--from-disk reads no log: it cannot be combined with --log, --refused, --add or --unproven")
    }
    guard log == nil || !unproven else {
      throw ValidationError("--unproven is for the module's log; one in a file is never proven")
    }
  }

  var files: PolicyFiles { PolicyFiles(policy: policy, lock: lock) }

  /// What would become of the policy, and what a person should know about the digests.
  func plan(_ context: CommandContext) throws -> (TrustUpdatePlan, notes: [String]) {
    let (measured, source) = try measurements(context)
    let plan = try TrustUpdatePlan(files, measured.files, known: keep ? .keep : .replace, addsUncovered: add)
    let kept = plan.kept.map { "\($0) keeps its older digest too: it stands in an included file; remove it there" }
    return (plan, [source] + measured.notes + kept)
  }

  private func measurements(_ context: CommandContext) throws -> (Measurements, source: String) {
    if fromDisk {
      return (try Measurements(diskFilesOf: files.read()), "the digests are those of the files as they are now")
    }
    if let log {
      let bytes = try SmallFile.read(log, limit: MeasurementLogFile.limit)
      let measured = Measurements(log: try MeasurementLog(bytes, firstRecord: nil), includesRefused: refused)
      return (measured, "the digests are from \(log), which nothing proves")
    }
    let snapshot = try context.module.snapshot(from: 0)
    let log = try MeasurementLog(snapshot.log)
    return (Measurements(log: log, includesRefused: refused), try proof(of: log, snapshot))
  }

  /// The module's log is taken when the PCR, as the TPM held it at that instant, proves it.
  private func proof(of log: MeasurementLog, _ snapshot: LogSnapshot) throws -> String {
    let banks = snapshot.banks.compactMap { bank in
      Digest(algorithm: HashAlgorithm(rawValue: bank.algorithm), bytes: bank.digest)
    }
    guard !banks.isEmpty else { return "the digests are from the module's log; without a TPM nothing proves it" }
    let replay = try Replay(log, from: .recorded)
    if replay.isProven(by: banks) { return "the digests are from the module's log, which PCR \(snapshot.pcr) proves" }
    guard unproven else {
      let findings = replay.compare(with: banks).map { "\n  \($0)" }.joined()
      throw CommandFailure(
        .data, "PCR \(snapshot.pcr) does not prove the module's log: nothing is taken from it\(findings)")
    }
    return "the digests are from the module's log, which PCR \(snapshot.pcr) does not prove"
  }
}
