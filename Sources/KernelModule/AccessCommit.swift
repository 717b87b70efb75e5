// SPDX-License-Identifier: Apache-2.0

internal import CMoor

/// An access policy as it is committed to the module.
public struct AccessCommit: Sendable, Equatable {
  /// The policy's name, at most 127 bytes.
  public let name: String
  /// The person's number, from the policy's header.
  public let version: UInt64
  /// The generation of the sealed bundle that it came in; 0 when it is not sealed.
  public let generation: UInt64
  /// Whether the module refuses what the policy does not allow; else it only records.
  public let isEnforcing: Bool
  /// The VMs that learn while the others are enforced, for a person: the image says so to the module.
  public let learning: [String]
  /// What is allowed.
  public let image: AccessImage
  /// What is one VM's alone, by whatever path; what is not there when the policy is committed is nobody's.
  public let objects: [AccessObject]

  /// Makes a commit.
  ///
  /// - Throws: ``Rejection/Code/policyName`` for a name that the module cannot hold.
  public init(
    name: String, version: UInt64, generation: UInt64 = 0, isEnforcing: Bool, learning: [String] = [],
    image: AccessImage, objects: [AccessObject] = []
  ) throws(KernelModuleError) {
    try Rejection.check(policyName: name)
    self.name = name
    self.version = version
    self.generation = generation
    self.isEnforcing = isEnforcing
    self.learning = learning
    self.image = image
    self.objects = objects
  }
}

extension AccessCommit: CustomStringConvertible {
  /// Name, version, mode and size.
  public var description: String {
    let exceptions = learning.isEmpty ? "" : " (\(learning.joined(separator: ", ")) learning)"
    return "access policy “\(name)” version \(version), \(isEnforcing ? "enforcing" : "learning")\(exceptions), "
      + "\(image.domainCount) \(image.domainCount == 1 ? "domain" : "domains"), \(image.bytes.count) bytes"
  }
}

/// An access policy in the module's form: `struct moor_access_header` of lsm/uapi/moor.h and what follows it.
///
/// What it says is for the policy's compiler and the module to judge; this only knows its size and its digest.
public struct AccessImage: Sendable, Equatable {
  /// How many bytes go into one write: kernfs cuts longer ones at a page.
  static let chunkBytes = 4096

  /// All of it.
  public let bytes: [UInt8]
  /// SHA-256 of ``bytes``: the policy's digest as it is committed, logged and extended.
  public let digest: [UInt8]
  /// VMs, templates and helpers.
  public let domainCount: Int

  /// Takes a packed policy.
  ///
  /// - Throws: ``Rejection/Code/size`` for more than the module takes, ``Rejection/Code/malformed`` for what does not
  ///   begin as a packed policy of its own length does.
  public init(packed bytes: [UInt8]) throws(KernelModuleError) {
    guard bytes.count <= Int(MOOR_ACCESS_BYTES_MAX) else {
      throw .rejected(
        Rejection(
          .size, "\(bytes.count) bytes of an access policy are more than the module takes: \(MOOR_ACCESS_BYTES_MAX)"))
    }
    guard bytes.count >= MemoryLayout<moor_access_header>.size else {
      throw .rejected(Rejection(.malformed, "\(bytes.count) bytes are too few for a packed access policy"))
    }
    let header = bytes.withUnsafeBytes { $0.loadUnaligned(as: moor_access_header.self) }
    guard header.magic == MOOR_ACCESS_MAGIC, header.version == UInt32(MOOR_ACCESS_VERSION),
      Int(header.size) == bytes.count
    else {
      throw .rejected(Rejection(.malformed, "\(bytes.count) bytes do not begin as a packed access policy of that size"))
    }
    self.bytes = bytes
    domainCount = Int(header.domain_count)
    digest = try SHA256.digest(of: bytes)
  }
}
