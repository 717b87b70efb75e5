// SPDX-License-Identifier: Apache-2.0

public import AccessPolicy
public import PolicyText

/// What a policy would be with further rules: nothing is written, and nothing put in force.
public struct PolicyTrial: Sendable {
  /// What `moor check` would find in it and does not find in the policy as it is: errors and warnings.
  public let findings: [Diagnostic]

  /// Puts statements into a domain's block, or into a new one where the policy has none.
  ///
  /// - Parameters:
  ///   - domain: A VM's name, `VM/HELPER`, or a template's name as ``AccessDomain/name`` has it.
  /// - Throws: PolicyError when the edited text cannot be read.
  public init(
    _ policy: AccessPolicy, adding statements: [String], to domain: String, loader: PolicyLoader
  ) throws(PolicyError) {
    let parts = domain.split(separator: "/", maxSplits: 1).map(String.init)
    let addition = DomainAddition(
      vm: parts.first ?? domain, helper: parts.count > 1 ? parts[1] : nil, statements: statements)
    // A VM's block may stand in an included file.
    let source = policy.domain(addition.vm)?.location.source
    let file = policy.tree.files.first { $0.document.source === source } ?? policy.tree.main
    let edited = try file.document.adding([addition])
    let found = try Self.check(policy, with: [file.path: edited.bytes], loader)
    findings = found.new
  }

  /// What `moor check` finds in a policy with other texts in place of some of its files: all, and what is not found in the
  /// policy as it is.
  static func check(
    _ policy: AccessPolicy, with files: [String: [UInt8]], _ loader: PolicyLoader
  ) throws(PolicyError) -> (all: [Diagnostic], new: [Diagnostic]) {
    let reader = PolicyLoader(
      searchPath: loader.searchPath, limits: loader.limits, lateVariables: loader.lateVariables,
      files: OverlayReader(files: files, below: loader.files))
    let all = AccessCheck(try AccessPolicy(try reader.load(policy.tree.main.path))).diagnostics
    let known = Set(AccessCheck(policy).diagnostics.map(\.message))
    return (all, all.filter { !known.contains($0.message) })
  }
}

/// Files as they would be, above those that are.
private struct OverlayReader: FileReader {
  let files: [String: [UInt8]]
  let below: any FileReader

  func read(_ path: String, limit: Int) throws(FileReadError) -> [UInt8] {
    if let bytes = files[path] { return bytes }
    return try below.read(path, limit: limit)
  }
}
