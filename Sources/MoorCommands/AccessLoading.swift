// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import KernelModule
internal import PolicyText

/// A policy's rules of access on their way into the module: compiled whole before anything is handed over.
struct AccessLoading {
  private let policy: AccessPolicy
  private let learn: [String]
  private let image: AccessImage

  /// - Parameter learn: The VMs, and templates, that learn while the others are enforced.
  /// - Returns: nil for a policy without such rules.
  /// - Throws: PolicyError for what cannot be compiled, and for two VMs that meet in one object.
  init?(tree: PolicyTree, learn: [String]) throws {
    policy = try AccessPolicy(tree)
    self.learn = Set(learn).sorted()
    if policy.domains.isEmpty {
      guard learn.isEmpty else {
        throw CommandFailure(
          .data, "\(tree.header.location.place): the policy has no rules of access that \(learn[0]) could learn")
      }
      return nil
    }
    try AccessCheck.refuseMeetings(in: policy)
    image = try AccessImage(packed: PackedAccessPolicy(policy, learning: Set(learn)).bytes)
  }

  func commit(isEnforcing: Bool) throws -> AccessCommit {
    try AccessCommit(
      name: policy.header.name, version: policy.header.version, generation: policy.header.generation,
      isEnforcing: isEnforcing, learning: learn, image: image,
      objects: policy.ownObjects.map { AccessObject(path: $0.path, vm: $0.vm, rule: $0.rule) })
  }

  /// What a person is to know of what will not be enforced.
  var notes: [String] {
    let others = policy.domains.lazy.flatMap(\.rules).filter { !$0.isEnforced }
    guard let first = others.first else { return [] }
    let count = others.count
    return [
      "\(first.location.place): \(count) \(count == 1 ? "rule is" : "rules are") handed over and not enforced yet; "
        + "the first is: \(first.text)"
    ]
  }
}
