// SPDX-License-Identifier: Apache-2.0

internal import PolicyText
internal import TrustPolicy

/// A policy and its lock as files.
struct PolicyFiles {
  let policy: String
  let lock: String
  private let isLockNamed: Bool
  let loader: PolicyLoader

  /// Where includes are looked for: a host below another folder has its own, or else those that come with moor here.
  static func searchPath(below root: String) -> [String] {
    root == "/" ? TrustPolicy.searchPath : TrustPolicy.searchPath.map { root + $0 } + TrustPolicy.searchPath
  }

  /// - Parameters:
  ///   - lock: nil for the file beside the policy, which need not be there.
  ///   - root: The folder that the host is below, of which the policy is.
  init(policy: String, lock: String? = nil, root: String = "/") {
    loader = PolicyLoader(searchPath: Self.searchPath(below: root))
    self.policy = policy
    self.lock = lock ?? TrustLock.path(beside: policy)
    isLockNamed = lock != nil
  }

  /// The policy's own text and what it includes, without the lock.
  func tree() throws -> PolicyTree {
    try requireFile(policy)
    return try loader.load(policy)
  }

  /// The lock's text; nil when there is none.
  func lockSource() throws -> Source? {
    do throws(FileReadError) {
      return Source(name: lock, bytes: try loader.files.read(lock, limit: loader.limits.fileBytes))
    } catch .missing {
      if isLockNamed { throw CommandFailure(.noInput, "\(lock): there is no such file") }
      return nil
    } catch {
      throw CommandFailure(.io, "\(lock) cannot be read: \(error)")
    }
  }

  /// The policy with its lock.
  func read() throws -> TrustPolicy {
    try TrustPolicy(tree(), lock: lockSource())
  }

  /// What a policy would be with other texts in place of these files.
  func read(policyText: [UInt8], lockText: [UInt8]) throws -> TrustPolicy {
    try TrustPolicy(
      loader.load(Source(name: policy, bytes: policyText)), lock: Source(name: lock, bytes: lockText))
  }

  private func requireFile(_ path: String) throws {
    do throws(FileReadError) {
      _ = try loader.files.read(path, limit: loader.limits.fileBytes)
    } catch .missing {
      throw CommandFailure(.noInput, "\(path): there is no such policy. `moor init` writes a first one.")
    } catch {
      throw CommandFailure(.io, "\(path) cannot be read: \(error)")
    }
  }
}
