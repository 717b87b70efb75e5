// SPDX-License-Identifier: Apache-2.0

internal import CKernelModule
internal import Glibc

/// Copies of what was put in force: the module does not give a policy out again, and one can only be brought back by
/// committing it anew.
///
/// They are named by their digest, and the module's own digest says whether a copy is what is in force. They lie where
/// nothing survives a reboot, as no policy in force does.
public struct LoadedPolicies: Sendable {
  /// Where they are.
  public static let folder = "/run/moor"

  /// Where they are.
  public let folder: String

  /// The copies of a folder.
  public init(folder: String = Self.folder) { self.folder = folder }

  /// Keeps a copy of what a launch puts in force.
  ///
  /// - Throws: KernelModuleError when it cannot be written.
  public func keep(_ launch: Launch) throws(KernelModuleError) {
    guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw refusal(folder) }
    if let policy = launch.policy { try write(policy.image.bytes, path(policy.image.digest, "trust")) }
    if let access = launch.access { try write(access.image.bytes, path(access.image.digest, "access")) }
  }

  /// What would put the trust policy in force again.
  ///
  /// - Returns: nil when there is no copy of it.
  public func trust(_ policy: ModuleState.Policy, _ mode: ModuleState.Mode) throws(KernelModuleError) -> TrustCommit? {
    guard let bytes = read("\(folder)/\(policy.sha256).trust"), let image = try? TrustImage(packed: bytes),
      Self.hex(image.digest) == policy.sha256
    else { return nil }
    return try TrustCommit(
      name: policy.name, version: policy.version, generation: policy.generation, isEnforcing: mode == .enforcing,
      image: image)
  }

  /// What would put the access policy in force again.
  ///
  /// - Returns: nil when there is no copy of it.
  public func access(_ policy: ModuleState.Access) throws(KernelModuleError) -> AccessCommit? {
    guard let bytes = read("\(folder)/\(policy.sha256).access"), let image = try? AccessImage(packed: bytes),
      Self.hex(image.digest) == policy.sha256
    else { return nil }
    return try AccessCommit(
      name: policy.name, version: policy.version, generation: policy.generation,
      isEnforcing: policy.mode == .enforcing, image: image)
  }

  /// Removes the copies of all but what is in force.
  public func prune(_ state: ModuleState) {
    let wanted = [state.policy.map { "\($0.sha256).trust" }, state.access.map { "\($0.sha256).access" }]
    guard let directory = opendir(folder) else { return }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard name.hasSuffix(".trust") || name.hasSuffix(".access"), !wanted.contains(name) else { continue }
      unlink("\(folder)/\(name)")
    }
  }

  private func path(_ digest: [UInt8], _ kind: String) -> String { "\(folder)/\(Self.hex(digest)).\(kind)" }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private func read(_ path: String) -> [UInt8]? {
    try? SmallFile.read(path, limit: 512 << 20, waits: false)
  }

  /// Whole under its name, or not there.
  private func write(_ bytes: [UInt8], _ path: String) throws(KernelModuleError) {
    let part = path + ".part"
    let descriptor = moor_open(part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw .kernel(KernelRefusal(.keepPolicy, SystemError(rawValue: -descriptor), detail: part))
    }
    defer { close(descriptor) }
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress.map { $0 + offset }, buffer.count - offset)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let error = refusal(part)
        unlink(part)
        throw error
      }
      offset += count
    }
    guard rename(part, path) == 0 else { throw refusal(path) }
  }

  private func refusal(_ path: String) -> KernelModuleError {
    .kernel(KernelRefusal(.keepPolicy, SystemError(rawValue: errno), detail: path))
  }
}
