// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import ArgumentParser
internal import EventLog
internal import KernelModule
internal import PolicyText
internal import TrustPolicy

/// `moor load`: from a plain kernel to a policy in force.
struct LoadCommand: MoorSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "load",
    abstract: "Load the module, arm it, and put a policy in force.",
    discussion: """
      Loads the kernel module, attaches one program to each hook, proves that every one of them reaches the module, \
      arms it, and commits the policy: what is trusted, and then what running VMs may touch, when the policy has rules \
      of access. Both are compiled before anything is handed over. When the module is armed already, only the policy is \
      committed: the old one stays in force until the new one is. When a step fails, what was begun is undone; loaded \
      with --closed, the host stays closed instead. When trust was committed and access was refused, the error says what \
      is in force.

      With --revert-after what was loaded has to be kept: by Enter on the terminal, or by `moor load --keep` from anywhere. \
      Otherwise, and at once with Ctrl-C, what was in force before comes back: the policies, or none and no module, or, where \
      that cannot be, the new policy that only learns. A lost terminal changes nothing of that; a kill that nobody can catch \
      leaves the new policy in force. Exits with 0 when it was kept, and 75 when it was not.
      """)

  /// What the policy is put in force for.
  enum Mode: String, ExpressibleByArgument, CaseIterable {
    case learning, enforcing
  }

  @OptionGroup var output: OutputOptions

  @Option(help: "learning: measure, record and allow. enforcing: refuse what the policy does not list.")
  var mode: Mode?

  @Option(help: "With --mode enforcing: a VM that still learns what it may touch; repeatable. Also 'template guest'.")
  var learn: [String] = []

  @Option(help: "The policy.")
  var policy = TrustPolicy.defaultPath

  @Option(help: "The policy's lock (default: the file beside it that ends in .lock).")
  var lock: String?

  @Flag(help: "Load and arm without a policy.")
  var noPolicy = false

  @Option(help: "The kernel module (default: /usr/lib/moor/KERNEL/moor.ko).")
  var module: String?

  @Option(help: "The hook programs.")
  var programs = InstalledFiles.programs

  @Flag(help: "Attach the hooks of access rules even where the policy has none, so that rules can come later.")
  var accessHooks = false

  @Flag(help: "Refuse emulators and KVM from arming on until a policy is in force; they stay refused if this fails.")
  var closed = false

  @Option(help: "With --closed: an emulator to refuse; repeatable (default: those that the policy names).")
  var guarded: [String] = []

  @Option(help: "The PCR to extend: 0 to 15, but not 10.")
  var pcr: UInt32 = 13

  @Flag(help: "Load on a host without a TPM: nothing can then be proven to anybody.")
  var noTpm = false

  @Flag(help: "Once armed, load the kernel modules that the policy lists, from their files.")
  var loadModules = false

  @Option(
    help: ArgumentHelp(
      "Take it back unless it is kept within this time: seconds, or a number with s, m or h.", valueName: "time"))
  var revertAfter: TimeSpan?

  @Flag(help: "Keep what another `moor load --revert-after` has loaded; loads nothing.")
  var keep = false

  func validate() throws {
    guard
      !keep
        || (mode == nil && !noPolicy && revertAfter == nil && !closed && !loadModules && !accessHooks && lock == nil
          && learn.isEmpty)
    else {
      throw ValidationError("--keep loads nothing: expected it alone")
    }
    if keep { return }
    guard revertAfter == nil || (mode != nil && !closed) else {
      throw ValidationError("--revert-after takes a policy back: it needs --mode, and --closed is to stay")
    }
    guard noPolicy || mode != nil else {
      throw ValidationError("expected --mode learning or --mode enforcing (or --no-policy)")
    }
    guard !noPolicy || (mode == nil && lock == nil && !loadModules) else {
      throw ValidationError("--no-policy cannot be combined with --mode, --lock or --load-modules")
    }
    guard learn.isEmpty || mode == .enforcing else {
      throw ValidationError("--learn names VMs that learn while the others are enforced: it needs --mode enforcing")
    }
    guard guarded.isEmpty || closed else {
      throw ValidationError("--guarded names what is refused while closed: it needs --closed")
    }
    guard ModuleLoader.Parameters.isUsable(pcr: pcr) else {
      throw ValidationError(
        "PCR \(pcr) cannot be used: expected 0 to 15, but not 10 (IMA's); 16 and above can be reset")
    }
  }

  func run(_ context: CommandContext) throws {
    if keep { return try context.show(try KeptReport(folder: context.loaded.folder)) }
    let trust = try noPolicy ? nil : PolicyFiles(policy: policy, lock: lock).read()
    for warning in trust?.warnings ?? [] { context.progress(warning.description) }
    let access = try trust.flatMap { try AccessLoading(tree: $0.tree, learn: learn) }
    for line in access?.notes ?? [] { context.progress(line) }
    let fileFindings = trust?.check(against: FileRoot()) ?? []
    if mode == .enforcing {
      try trust?.requireEnforceable()
      let errors = fileFindings.filter { $0.severity == .error }
      if !errors.isEmpty { throw PolicyError(errors) }
      noteUnmeasured(trust, context)
    }
    for finding in fileFindings { context.progress(finding.summary) }
    let launch = try Launch(
      module: module ?? InstalledFiles.module(release: InstalledFiles.runningRelease), programs: programs,
      parameters: parameters(trust), policy: trust.map { trust in try commit(trust) },
      access: access.map { access in try access.commit(isEnforcing: mode == .enforcing) }, attachesAccess: accessHooks)
    var report = LoadReport()
    if let revertAfter {
      try RevertingLoad(launch, after: revertAfter, context).run(&report) { report in
        try load(launch, trust, context, &report)
      }
    } else {
      try Unconfirmed.requireNone(folder: context.loaded.folder)
      try load(launch, trust, context, &report)
    }
    if let state = try? context.module.state() { context.loaded.prune(state) }
    try context.show(report)
    if report.kept == false { throw ExitCode(ExitStatus.temporary.rawValue) }
  }

  /// Puts it in force, and says what is.
  private func load(
    _ launch: Launch, _ trust: TrustPolicy?, _ context: CommandContext, _ report: inout LoadReport
  ) throws {
    do throws(KernelModuleError) {
      try context.loaded.keep(launch)
    } catch {
      context.progress("this policy cannot be brought back once another one is in force: \(error)")
    }
    var steps: [String] = []
    try context.module.launch(launch) { step in
      steps.append(step.description)
      context.progress(step.description)
    }
    report.steps = steps
    if loadModules, let trust { try loadModules(of: trust, launch, context, &report) }
    let state = try context.module.state()
    report.take(state)
    if trust != nil, launch.access == nil, let old = state.access {
      context.progress(
        "the policy has no rules of access: those of \(UntrustedText(old.name).quoted) version \(old.version) stay in force"
      )
    }
  }

  /// Says what will be refused because nobody measured it, by count and a few names.
  private func noteUnmeasured(_ trust: TrustPolicy?, _ context: CommandContext) {
    let unmeasured = trust?.unmeasured.map(\.path.description) ?? []
    guard !unmeasured.isEmpty else { return }
    let named = unmeasured.prefix(3).joined(separator: ", ") + (unmeasured.count > 3 ? " and others" : "")
    context.progress("\(unmeasured.count) listed paths were never measured and are refused: \(named)")
  }

  private func parameters(_ trust: TrustPolicy?) -> ModuleLoader.Parameters {
    var parameters = ModuleLoader.Parameters()
    parameters.isClosed = closed
    parameters.pcr = pcr
    parameters.requiresTPM = !noTpm
    if closed {
      let emulators = trust?.rules.filter { $0.flags.contains(.domain) }.map(\.path.description) ?? []
      parameters.guarded = guarded.isEmpty ? emulators : guarded
    }
    return parameters
  }

  private func commit(_ trust: TrustPolicy) throws -> TrustCommit {
    let image = try TrustImage(packed: trust.packed)
    guard image.count > 0 else {
      throw CommandFailure(.data, "\(policy): the policy lists nothing; expected trust { KIND PATH [DIGEST] }")
    }
    return try TrustCommit(
      name: trust.header.name, version: trust.header.version, generation: trust.header.generation,
      isEnforcing: mode == .enforcing, image: image)
  }

  /// One may need another that comes later in the policy, so those that failed are tried again as long as any of
  /// them succeeds.
  private func loadModules(
    of trust: TrustPolicy, _ launch: Launch, _ context: CommandContext, _ report: inout LoadReport
  ) throws {
    var left = trust.rules.filter { $0.kind == .module }.map { String(decoding: $0.path.bytes, as: UTF8.self) }
    var failures: [String: String] = [:]
    while !left.isEmpty {
      let before = left.count
      left = left.filter { path in
        do throws(KernelModuleError) {
          try context.module.loadModule(path: path)
          context.progress("loaded \(path)")
          return false
        } catch {
          if error.systemError?.name == "EEXIST" { return false }
          failures[path] = error.description
          return true
        }
      }
      if left.count == before { break }
    }
    report.modulesNotLoaded = left
    for path in left { context.console.note("moor: \(failures[path] ?? path)") }
    try context.module.gate(launch) { step in
      report.steps.append(step.description)
      context.progress(step.description)
    }
  }
}

/// What `moor load` did.
struct LoadReport: Report {
  var steps: [String] = []
  var modulesNotLoaded: [String] = []
  var state = ""
  var mode = ""
  var access: String?
  var pcr: UInt32?
  /// Whether it was kept, where it had to be.
  var kept: Bool?

  mutating func take(_ module: ModuleState) {
    state = module.state.rawValue
    mode = module.mode.rawValue
    pcr = module.hasTPM ? module.pcr : nil
    access = module.access?.mode.rawValue
  }

  func text(_ style: Style) -> String {
    let place = pcr.map { "PCR \($0)" } ?? style.careful("no TPM")
    let touched = access.map { ", access \($0)" } ?? ""
    return "\(state == "broken" ? style.bad(state) : style.good(state)), \(mode)\(touched), \(place)"
  }
}
