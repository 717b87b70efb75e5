// SPDX-License-Identifier: Apache-2.0

/// What the rules say together of the paths that end in one state.
struct Accept: Hashable, Sendable {
  /// What is allowed.
  var allow: PathPermissions = []
  /// What is allowed and recorded all the same.
  var audit: PathPermissions = []
  /// What is denied, whoever else allows it.
  var deny: PathPermissions = []
  /// The same, without a record.
  var quiet: PathPermissions = []
  /// The child domain that a program runs in, from 1; 0: it stays in the domain.
  var helper: UInt32 = 0
  /// Whether a rule without wildcards says where the program runs: it stands above patterns.
  var isExactExec = false
  /// The set of ioctl commands, from 1; 0: none.
  var commands: UInt32 = 0

  /// What is left once denials are taken away.
  var granted: PathPermissions { allow.subtracting(deny).subtracting(quiet) }
}

/// All different accepts of an automaton, by number; 0 is none.
struct AcceptTable {
  private var table = NumberedValues(zero: Accept())
  private var unions: [UInt64: UInt32] = [:]
  /// Sets of ioctl commands that come together in one state are joined here.
  var commands: CommandSets

  init(commands: CommandSets) { self.commands = commands }

  /// The accepts in the order of their numbers.
  var accepts: [Accept] { table.values }

  subscript(number: UInt32) -> Accept { table[number] }

  mutating func number(of accept: Accept) -> UInt32 { table.number(of: accept) }

  /// The number of what two say together.
  mutating func union(_ one: UInt32, _ other: UInt32) -> UInt32 {
    if one == other || other == 0 { return one }
    if one == 0 { return other }
    let key = UInt64(min(one, other)) << 32 | UInt64(max(one, other))
    if let number = unions[key] { return number }
    let (left, right) = (self[one], self[other])
    var sum = left
    sum.allow.formUnion(right.allow)
    sum.audit.formUnion(right.audit)
    sum.deny.formUnion(right.deny)
    sum.quiet.formUnion(right.quiet)
    // Two helpers that meet were refused before, unless one of them is named exactly.
    if left.isExactExec == right.isExactExec {
      sum.helper = max(left.helper, right.helper)
    } else {
      sum.helper = left.isExactExec ? left.helper : right.helper
    }
    sum.isExactExec = left.isExactExec || right.isExactExec
    sum.commands = commands.union(left.commands, right.commands)
    let number = self.number(of: sum)
    unions[key] = number
    return number
  }
}

/// Sets of ioctl commands, each once, by number from 1; 0 is the empty one.
struct CommandSets {
  private var table = NumberedValues(zero: CommandSet.some([]))

  /// The sets in the order of their numbers.
  var sets: [CommandSet] { table.values }

  mutating func number(of set: CommandSet) -> UInt32 { table.number(of: set) }

  mutating func union(_ one: UInt32, _ other: UInt32) -> UInt32 {
    one == other ? one : number(of: table[one].union(table[other]))
  }
}

/// The ioctl commands of one rule.
public enum CommandSet: Sendable, Hashable {
  /// These, in ascending order.
  case some([UInt32])
  /// Every one.
  case any

  /// Whether it has this command.
  public func contains(_ command: UInt32) -> Bool {
    guard case .some(let commands) = self else { return true }
    return commands.contains(command)
  }

  func union(_ other: CommandSet) -> CommandSet {
    guard case .some(let left) = self, case .some(let right) = other else { return .any }
    return .some(Set(left).union(right).sorted())
  }
}
