// SPDX-License-Identifier: Apache-2.0

import PolicyText
import TrustPolicy

/// A digest of one byte repeated.
func digest(_ byte: UInt8, _ algorithm: TrustDigest.Algorithm = .sha256) throws -> TrustDigest {
  guard let digest = TrustDigest(algorithm, [UInt8](repeating: byte, count: algorithm.length)) else {
    throw PolicyError([])
  }
  return digest
}

/// A policy with a trust block of these lines.
func makePolicy(
  _ lines: String, version: Int = 1, lock: String? = nil, limits: Limits = Limits()
) throws(PolicyError) -> TrustPolicy {
  let source = Source(name: "p", text: "policy \"n\" version \(version)\ntrust {\n\(lines)\n}\n")
  let tree = try PolicyLoader(limits: limits).load(source)
  let lock = lock.map { Source(name: "l", text: "lock \"n\" version 1\ntrust {\n\($0)\n}\n") }
  return try TrustPolicy(tree, lock: lock, limits: limits)
}

/// The first lines of what is wrong with it.
func problems(_ lines: String, lock: String? = nil, limits: Limits = Limits()) -> [String] {
  do {
    return try makePolicy(lines, lock: lock, limits: limits).warnings.map(\.summary)
  } catch {
    return error.diagnostics.map(\.summary)
  }
}
