// SPDX-License-Identifier: Apache-2.0

internal import CMoor

/// A trust policy as it is committed to the module.
public struct TrustCommit: Sendable, Equatable {
  /// The policy's name, at most 127 bytes.
  public let name: String
  /// The person's number, from the policy's header.
  public let version: UInt64
  /// The generation of the sealed bundle that it came in; 0 when it is not sealed.
  public let generation: UInt64
  /// Whether the module refuses what the policy does not allow; else it only records.
  public let isEnforcing: Bool
  /// What is trusted.
  public let image: TrustImage

  /// Makes a commit.
  ///
  /// - Throws: ``Rejection/Code/policyName`` for a name that the module cannot hold.
  public init(
    name: String, version: UInt64, generation: UInt64 = 0, isEnforcing: Bool, image: TrustImage
  ) throws(KernelModuleError) {
    try Rejection.check(policyName: name)
    self.name = name
    self.version = version
    self.generation = generation
    self.isEnforcing = isEnforcing
    self.image = image
  }
}

extension Rejection {
  /// Refuses a policy's name that the module cannot hold.
  static func check(policyName name: String) throws(KernelModuleError) {
    guard name.utf8.count <= Int(MOOR_POLICY_NAME_MAX), !name.utf8.contains(0) else {
      throw .rejected(
        Rejection(.policyName, "the policy's name has a NUL byte, or more than \(MOOR_POLICY_NAME_MAX) bytes"))
    }
  }
}

extension TrustCommit: CustomStringConvertible {
  /// Name, version, mode and number of entries.
  public var description: String {
    "policy “\(name)” version \(version), \(isEnforcing ? "enforcing" : "learning"), \(image.count) entries"
  }
}
