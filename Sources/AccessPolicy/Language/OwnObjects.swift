// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

/// What a policy says of one object that is a VM's alone.
public struct OwnObject: Sendable, Hashable {
  /// Its path, without wildcards.
  public let path: [UInt8]
  /// The VM.
  public let vm: String
  /// The rule, with its place, for messages.
  public let rule: String
}

extension AccessPolicy {
  /// The objects of all VMs that `object` rules name by one path; those of a helper are its VM's.
  ///
  /// A template's are not among them: a path without the VM's name would be each VM's, and is refused as such.
  public var ownObjects: [OwnObject] {
    domains.enumerated().flatMap { index, domain -> [OwnObject] in
      let owner = domains[domain.owner(at: index)]
      guard owner.kind == .vm else { return [] }
      return domain.rules.compactMap { rule in
        guard let path = rule.path, path.verb == .object, path.glob.isLiteral, path.glob.root == .path else {
          return nil
        }
        return OwnObject(
          path: path.glob.prefix, vm: owner.name, rule: "\(rule.location.place): \(owner.name): \(rule.text)")
      }
    }
  }
}
