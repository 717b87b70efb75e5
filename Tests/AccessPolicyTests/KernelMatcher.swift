// SPDX-License-Identifier: Apache-2.0

import CAutomaton
import Glibc

@testable import AccessPolicy

/// The module's own matcher, lsm/dfa.c, on what user space compiled.
enum KernelMatcher {
  struct Refusal: Error, CustomStringConvertible {
    let code: Int32
    let offset: UInt32
    var description: String { "refused with \(code) at byte \(offset)" }
  }

  static func look(up path: [UInt8], root: Glob.Root, in domain: PathCompiler.Domain) throws(Refusal) -> PathAnswer {
    var found = moor_test_answer()
    for automaton in domain.automata {
      var offset: UInt32 = 0
      let code = automaton.packed.bytes.withUnsafeBytes { bytes in
        path.withUnsafeBytes { path in
          moor_test_look(
            bytes.baseAddress, UInt32(bytes.count), UInt32(root.rawValue), path.baseAddress, UInt32(path.count), &found,
            &offset)
        }
      }
      guard code == 0 else { throw Refusal(code: code, offset: offset) }
    }
    return PathAnswer(found)
  }
}

/// The module's own check of a packed access policy, lsm/access_check.c, and its lookups, lsm/access.c.
final class KernelAccess {
  private let access: OpaquePointer

  init(_ bytes: [UInt8]) throws(KernelMatcher.Refusal) {
    var access: OpaquePointer?
    var offset: UInt32 = 0
    let code = bytes.withUnsafeBytes {
      moor_test_access_open($0.baseAddress, UInt32(bytes.count), &access, &offset)
    }
    guard code == 0, let access else { throw KernelMatcher.Refusal(code: code, offset: offset) }
    self.access = access
  }

  deinit { moor_test_access_close(access) }

  /// The domain of a VM; the last number for none.
  func domain(_ vm: String) -> UInt32 { moor_test_access_find(access, vm) }

  /// The number of a policy's domain as the module finds it: by the VM's name, or, of a template, by one that has none.
  func domain(_ name: String, in policy: AccessPolicy) -> UInt32 {
    let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
    let vm = ["template guest": "nobody", "template probe": ""][parts[0]] ?? parts[0]
    let domain = domain(vm)
    guard parts.count == 2, let owner = policy.domain(parts[0]) else { return domain }
    let helper = owner.helpers(in: policy).firstIndex(of: parts[1]).map { UInt32($0 + 1) } ?? 0
    return moor_test_access_helper(access, domain, helper)
  }

  /// Whether a domain may listen at, or connect to, an address; of none that cannot be read.
  func allows(_ transport: NetworkRule.Transport, _ use: NetworkRule.Use, _ address: String, _ port: UInt16) -> Bool {
    var bytes = [UInt8](repeating: 0, count: 16)
    let isSix = address.contains(":")
    guard inet_pton(isSix ? AF_INET6 : AF_INET, address, &bytes) == 1 else { return false }
    return moor_test_access_network(
      access, domain("web1"), transport == .tcp ? 1 : 0, use == .connect ? 1 : 0, bytes, isSix ? 6 : 4, port) != 0
  }

  func look(up path: [UInt8], root: Glob.Root, in domain: UInt32) -> (PathAnswer, allows: (UInt32) -> Bool) {
    var found = moor_test_answer()
    path.withUnsafeBytes {
      moor_test_access_look(access, domain, UInt32(root.rawValue), $0.baseAddress, UInt32($0.count), &found)
    }
    return (
      PathAnswer(found),
      { command in
        withUnsafePointer(to: found) { moor_test_access_commands(self.access, $0, command) != 0 }
      }
    )
  }
}

extension PathAnswer {
  fileprivate init(_ found: moor_test_answer) {
    self.init()
    allow = PathPermissions(rawValue: found.allow)
    audit = PathPermissions(rawValue: found.audit)
    deny = PathPermissions(rawValue: found.deny)
    quiet = PathPermissions(rawValue: found.quiet)
    helper = found.helper
    isParent = found.parent != 0
    let (one, two, three, four) = found.commands
    commands = Set([one, two, three, four].prefix(Int(found.command_count)))
  }
}
