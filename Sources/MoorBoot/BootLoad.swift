// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
public import KernelModule
internal import PolicyText
internal import TrustPolicy

/// `moor-boot load`: from a plain kernel to a policy in force, closed until then.
public enum BootLoad {
  /// Reads the policy and describes what is to be done; nothing is changed.
  ///
  /// - Throws: PolicyError for a policy that cannot be put in force, KernelModuleError for one that the module
  ///   cannot hold.
  public static func plan(_ options: BootOptions) throws -> Launch {
    let trust = try TrustPolicy.load(options.policy)
    let isEnforcing = options.mode == .enforcing
    if isEnforcing { try trust.requireEnforceable() }
    var parameters = ModuleLoader.Parameters()
    parameters.isClosed = true
    parameters.pcr = options.pcr
    parameters.requiresTPM = options.requiresTPM
    parameters.guarded =
      options.guarded.isEmpty
      ? trust.rules.filter { $0.flags.contains(.domain) }.map { String(decoding: $0.path.bytes, as: UTF8.self) }
      : options.guarded
    return Launch(
      module: options.module ?? InstalledFiles.module(release: InstalledFiles.runningRelease),
      programs: options.programs,
      parameters: parameters,
      policy: try TrustCommit(
        name: trust.header.name, version: trust.header.version, generation: trust.header.generation,
        isEnforcing: isEnforcing, image: TrustImage(packed: trust.packed)),
      access: try access(trust.tree, isEnforcing: isEnforcing), attachesAccess: options.attachesAccess)
  }

  /// What running VMs may touch; nil for a policy that does not say.
  private static func access(_ tree: PolicyTree, isEnforcing: Bool) throws -> AccessCommit? {
    let policy = try AccessPolicy(tree)
    if policy.domains.isEmpty { return nil }
    try AccessCheck.refuseMeetings(in: policy)
    return try AccessCommit(
      name: policy.header.name, version: policy.header.version, generation: policy.header.generation,
      isEnforcing: isEnforcing, image: AccessImage(packed: PackedAccessPolicy(policy).bytes))
  }

  /// Runs the whole command; what it has to say goes to `say` (steps) and `complain` (errors).
  ///
  /// - Returns: The exit code, as the help lists them.
  public static func main(_ arguments: [String], say: (String) -> Void, complain: (String) -> Void) -> Int32 {
    do {
      switch try BootOptions.parse(arguments) {
      case .help: say(BootOptions.help)
      case .load(let options):
        let launch = try plan(options)
        // So that `moor load --revert-after` can bring it back; it is in force without a copy, too.
        try? LoadedPolicies().keep(launch)
        try launch.run { say("moor-boot: \($0)") }
      }
      return 0
    } catch let error as BootOptions.UsageError {
      complain("moor-boot: \(error)\n\(BootOptions.help)")
      return 64
    } catch let error as PolicyError {
      complain("moor-boot: the policy cannot be put in force\n\(error)")
      return 65
    } catch {
      complain("moor-boot: \(error)")
      return 70
    }
  }
}
