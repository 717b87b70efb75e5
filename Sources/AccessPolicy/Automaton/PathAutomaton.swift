// SPDX-License-Identifier: Apache-2.0

/// What a domain's rules say of one path.
public struct PathAnswer: Sendable, Hashable {
  /// What some rule allows.
  public internal(set) var allow: PathPermissions = []
  /// What is recorded though it is allowed.
  public internal(set) var audit: PathPermissions = []
  /// What some rule denies.
  public internal(set) var deny: PathPermissions = []
  /// What some rule denies without a record.
  public internal(set) var quiet: PathPermissions = []
  /// The number of the child domain that a program runs in, 0: it stays.
  public internal(set) var helper: UInt32 = 0
  /// The numbers of its sets of ioctl commands.
  public internal(set) var commands: Set<UInt32> = []
  /// Whether a rule is about something below the path: then a domain may see that it is there.
  public internal(set) var isParent = false

  /// What is left once denials are taken away.
  public var granted: PathPermissions { allow.subtracting(deny).subtracting(quiet) }

  /// What the module grants: what goes with a permission is allowed with it, and denied with it (`moor_access_judge`).
  public var held: PathPermissions { allow.withImplied.subtracting(deny.union(quiet).withImplied) }

  mutating func add(_ accept: Accept) {
    allow.formUnion(accept.allow)
    audit.formUnion(accept.audit)
    deny.formUnion(accept.deny)
    quiet.formUnion(accept.quiet)
    helper = max(helper, accept.helper)
    if accept.commands != 0 { commands.insert(accept.commands) }
  }
}

/// One automaton of paths, minimised.
public struct PathAutomaton: Sendable {
  let dfa: DFA
  let accepts: [Accept]
  /// The kernel's form.
  public let packed: PackedDFA

  /// States before runs are joined.
  public var stateCount: Int { dfa.count }

  /// Adds what it says of a path to an answer. The path is what follows its root: for `@{vmdir}` it begins with `/`
  /// or is empty.
  public func look(up path: some Sequence<UInt8>, root: Glob.Root = .path, into answer: inout PathAnswer) {
    var state = dfa.starts[root.rawValue]
    var isRoot = root == .path
    var length = 0
    for byte in path where state != 0 {
      state = dfa.target(state, byte)
      length += 1
      if length > 1 || byte != ByteSet.slash { isRoot = false }
    }
    if state == 0 { return }
    answer.add(accepts[Int(dfa.accepts[Int(state)])])
    if length > 0 && isRoot || dfa.target(state, ByteSet.slash) != 0 { answer.isParent = true }
  }
}
