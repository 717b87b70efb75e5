// SPDX-License-Identifier: Apache-2.0

import PolicyText

@testable import AccessPolicy

/// A policy whose one VM has these lines.
func makePolicy(_ lines: String, vm: String = "web1") throws(PolicyError) -> AccessPolicy {
  try readPolicy("vm \(vm) {\n\(lines)\n}\n")
}

/// A policy with these blocks.
func readPolicy(_ blocks: String) throws(PolicyError) -> AccessPolicy {
  try AccessPolicy(try PolicyLoader().load(Source(name: "p", text: "policy \"n\" version 1\n\(blocks)")))
}

/// The first lines of what is wrong with it.
func problems(_ lines: String) -> [String] {
  do {
    return try makePolicy(lines).warnings.map(\.summary)
  } catch {
    return error.diagnostics.map(\.summary)
  }
}

/// The automata of the first domain.
func compile(_ policy: AccessPolicy) throws(PolicyError) -> PathCompiler.Domain {
  var compiler = PathCompiler(policy)
  return try compiler.compile(policy.domains[0])
}

/// Numbers that are the same in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
