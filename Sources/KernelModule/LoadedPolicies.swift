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
    guard let access = launch.access else { return }
    // First: what came back without its objects would be less than there was.
    try write(Self.packed(access.objects), path(access.image.digest, "objects"))
    try write(access.image.bytes, path(access.image.digest, "access"))
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
      Self.hex(image.digest) == policy.sha256,
      let objects = read("\(folder)/\(policy.sha256).objects").flatMap(Self.objects(packed:))
    else { return nil }
    return try AccessCommit(
      name: policy.name, version: policy.version, generation: policy.generation,
      isEnforcing: policy.mode == .enforcing, image: image, objects: objects)
  }

  /// Removes the copies of all but what is in force.
  public func prune(_ state: ModuleState) {
    let wanted =
      [state.policy.map { "\($0.sha256).trust" }]
      + ["access", "objects"].map { kind in state.access.map { "\($0.sha256).\(kind)" } }
    let kinds = [".trust", ".access", ".objects", ".part"]
    guard let directory = opendir(folder) else { return }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard kinds.contains(where: name.hasSuffix), !wanted.contains(name) else { continue }
      unlink("\(folder)/\(name)")
    }
  }

  /// Path, VM and rule of each, and a byte 0 behind every one of them: none of them can hold it.
  private static func packed(_ objects: [AccessObject]) -> [UInt8] {
    var bytes: [UInt8] = []
    for object in objects {
      for part in [object.path, Array(object.vm.utf8), Array(object.rule.utf8)] {
        bytes += part
        bytes.append(0)
      }
    }
    return bytes
  }

  private static func objects(packed bytes: [UInt8]) -> [AccessObject]? {
    var parts = bytes.split(separator: 0, omittingEmptySubsequences: false)
    guard parts.popLast()?.isEmpty == true, parts.count % 3 == 0 else { return nil }
    return stride(from: 0, to: parts.count, by: 3).map { first in
      AccessObject(
        path: Array(parts[first]), vm: String(decoding: parts[first + 1], as: UTF8.self),
        rule: String(decoding: parts[first + 2], as: UTF8.self))
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
