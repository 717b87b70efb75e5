// SPDX-License-Identifier: Apache-2.0

internal import EventLog
internal import KernelModule
internal import TrustPolicy

/// A file, what it was used for, and the digest it had.
struct MeasuredFile: Hashable {
  let kind: TrustKind
  let path: TrustPath
  let digest: TrustDigest
}

/// Digests to fill a policy with, and where they are from.
struct Measurements {
  /// Each kind and path once, in the order of their first measurement.
  let files: [MeasuredFile]
  /// What a person should know about them.
  let notes: [String]

  /// Takes the digests of a log.
  ///
  /// - Parameter includesRefused: whether files that were refused count as well: those of an update that the policy
  ///   in force does not know yet.
  init(log: MeasurementLog, includesRefused: Bool) {
    var last: [Key: TrustDigest] = [:]
    var order: [Key] = []
    var notes: [String] = []
    for record in log.records where record.event.record == .measure || includesRefused && record.event.record == .refuse
    {
      guard let (key, digest) = Self.file(of: record.event) else { continue }
      if let before = last[key] {
        if before != digest {
          notes.append("\(key.path) changed between two measurements of this log: the last one counts")
        }
      } else {
        order.append(key)
      }
      last[key] = digest
    }
    files = order.compactMap { key in last[key].map { MeasuredFile(kind: key.kind, path: key.path, digest: $0) } }
    self.notes = notes
  }

  /// Hashes, as they are now, the files that a policy and its lock name.
  init(diskFilesOf policy: TrustPolicy) throws {
    var files: [MeasuredFile] = []
    var notes: [String] = []
    for rule in policy.rules {
      let path = String(decoding: rule.path.bytes, as: UTF8.self)
      do throws(KernelModuleError) {
        let algorithms = Set(rule.digests.map(\.algorithm))
        if algorithms.isEmpty || algorithms.contains(.sha256) {
          let bytes = try FileDigest.sha256(ofFile: path)
          if let digest = TrustDigest(.sha256, bytes) {
            files.append(MeasuredFile(kind: rule.kind, path: rule.path, digest: digest))
          }
        } else if let bytes = try FileDigest.verity(ofFile: path) {
          let algorithm: TrustDigest.Algorithm = bytes.count == 64 ? .fsveritySHA512 : .fsveritySHA256
          if let digest = TrustDigest(algorithm, bytes) {
            files.append(MeasuredFile(kind: rule.kind, path: rule.path, digest: digest))
          }
        } else {
          notes.append("\(rule.path) has no fs-verity digest any more")
        }
      } catch {
        notes.append("\(rule.path) was not hashed: \(error.systemError?.words ?? error.description)")
      }
    }
    if !policy.scopes.isEmpty {
      notes.append(
        "of the policy's \(policy.scopes.count) patterns only files that the lock names were hashed; "
          + "new ones come from the measurement log")
    }
    self.files = files
    self.notes = notes
  }

  private struct Key: Hashable {
    let kind: TrustKind
    let path: TrustPath
  }

  private static func file(of event: MeasurementEvent) -> (Key, TrustDigest)? {
    guard let kind = event.kind.flatMap({ TrustKind(rawValue: $0.rawValue) }),
      let path = event.path.flatMap({ try? TrustPath($0.bytes) }),
      let algorithm = event.algorithm.flatMap({ TrustDigest.Algorithm(rawValue: $0.rawValue) }),
      let digest = event.digest.flatMap({ TrustDigest(algorithm, $0.bytes) })
    else { return nil }
    return (Key(kind: kind, path: path), digest)
  }
}
