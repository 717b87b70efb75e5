// SPDX-License-Identifier: Apache-2.0

import CAutomaton

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
    var answer = PathAnswer()
    answer.allow = PathPermissions(rawValue: found.allow)
    answer.audit = PathPermissions(rawValue: found.audit)
    answer.deny = PathPermissions(rawValue: found.deny)
    answer.quiet = PathPermissions(rawValue: found.quiet)
    answer.helper = found.helper
    answer.isParent = found.parent != 0
    let (one, two, three, four) = found.commands
    answer.commands = Set([one, two, three, four].prefix(Int(found.command_count)))
    return answer
  }
}
