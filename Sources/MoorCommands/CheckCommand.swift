// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import ArgumentParser
internal import Inventory
internal import Learning
internal import PolicyReview
internal import PolicyText
internal import TrustPolicy

/// `moor check`: reads a policy as loading it would, and looks for what is probably not meant.
struct CheckCommand: MoorSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check a policy without loading it.",
    discussion: """
      Reads the policy, its lock and all that it includes, compiles the rules of access, and compares them: two VMs that \
      meet in one object are an error. Rules that are never reached, that are wider than a neighbour, that reach secrets of the \
      host, or that let a file be changed and executed are warnings.

      Objects are also looked up on this host, where two VMs may meet by hard links, symbolic links, bind mounts, or what \
      lies behind a qcow2 image: an error, too. --root looks below another folder, --no-files at the text alone.

      --replay also asks the policy about what system logs say VMs did, and shows what it would have denied of that, by VM \
      and object. What the policies of that time allowed left no line there, and cannot be asked about.

      Exits with 0 when there is no error, 65 when there is one, with --strict 1 when there is a warning, and with --replay \
      1 when something would have been denied, but for what `deny quiet` rules are about.
      """)

  @OptionGroup var output: OutputOptions

  @ArgumentParser.Argument(help: "The policy.")
  var policy = TrustPolicy.defaultPath

  @Option(help: ArgumentHelp("Look at the files below this folder, and for includes there first.", valueName: "FOLDER"))
  var root = "/"

  @Flag(name: .customLong("no-files"), help: "Look at no files, but at the text alone.")
  var looksAtNoFiles = false

  @Flag(help: "A warning counts: exit with 1 when there is one.")
  var strict = false

  @Option(
    help: ArgumentHelp(
      "Ask about what a log holds: a file with what was rotated away from it, - for standard input, or journal or dmesg; repeatable.",
      valueName: "log"))
  var replay: [String] = []

  func validate() throws {
    guard root.hasPrefix("/") else { throw ValidationError("The root \"\(root)\" is not an absolute path.") }
  }

  func run(_ context: CommandContext) throws {
    let files = PolicyFiles(policy: policy, root: root)
    var report = CheckReport(try findings(files))
    if report.errors == 0, !replay.isEmpty {
      report.replay = PolicyReplay(try AccessPolicy(try files.tree()), try logs.accesses())
    }
    try context.show(report)
    if report.errors > 0 { throw ExitCode(ExitStatus.data.rawValue) }
    if strict && report.warnings > 0 || report.replay?.isClean == false {
      throw ExitCode(ExitStatus.difference.rawValue)
    }
  }

  /// A file of one of the two names is meant when it has a folder before it.
  private var logs: LogSources {
    var sources = LogSources()
    sources.files = replay.filter { !["journal", "dmesg"].contains($0) }
    sources.hasJournal = replay.contains("journal")
    sources.hasKernelBuffer = replay.contains("dmesg")
    return sources
  }

  /// Both parts of a policy are looked at, whatever is wrong with the other.
  private func findings(_ files: PolicyFiles) throws -> [Diagnostic] {
    let tree: PolicyTree
    do {
      tree = try files.tree()
    } catch let error as PolicyError {
      return error.diagnostics
    }
    let lock = try files.lockSource()
    var found: [Diagnostic]
    do throws(PolicyError) {
      found = try TrustPolicy(tree, lock: lock).warnings
    } catch {
      found = error.diagnostics
    }
    do throws(PolicyError) {
      let access = try AccessPolicy(tree)
      found += AccessCheck(access).diagnostics
      if !looksAtNoFiles { found += access.check(against: FileRoot(root)) }
    } catch {
      found += error.diagnostics
    }
    var seen: Set<Diagnostic> = []
    return found.filter { seen.insert($0).inserted }
  }
}

/// What `moor check` shows.
struct CheckReport: Report {
  let errors: Int
  let warnings: Int
  let diagnostics: [Diagnostic]
  /// What would have been denied of what logs hold, where that was asked.
  var replay: PolicyReplay?

  init(_ diagnostics: [Diagnostic]) {
    self.diagnostics = diagnostics
    errors = diagnostics.filter { $0.severity == .error }.count
    warnings = diagnostics.count - errors
  }

  func text(_ style: Style) -> String {
    let counts = "\(errors) \(errors == 1 ? "error" : "errors"), \(warnings) \(warnings == 1 ? "warning" : "warnings")"
    let verdict = errors > 0 ? style.bad(counts) : warnings > 0 ? style.careful(counts) : style.good(counts)
    return (diagnostics.map(\.description) + [verdict] + (replay?.lines(style) ?? [])).joined(separator: "\n")
  }
}
