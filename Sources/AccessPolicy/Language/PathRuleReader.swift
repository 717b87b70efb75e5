// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

/// The rules that name paths.
extension RuleReader {
  private static let form: [PathRule.Verb: String] = [
    .object: "object PERMISSIONS PATH [ioctl COMMAND ...]", .shared: "shared PERMISSIONS PATH",
    .file: "file PERMISSIONS PATH",
    .temp: "temp PATH", .device: "device PERMISSIONS PATH [ioctl COMMAND ...]", .exec: "exec PATH [-> HELPER]",
    .unix: "unix listen|connect PATH", .delegate: "delegate attach r|rw PATH to PROGRAM",
  ]

  mutating func readPath(_ verb: PathRule.Verb) throws(RuleProblem) -> [PathRule] {
    let form = Self.form[verb] ?? ""
    let permissions = try readPermissions(verb, form)
    let path = try nextPath(form)
    let globs = try readGlobs(path, isSocket: verb == .unix)
    var rules = globs.map { PathRule(verb, $0, permissions) }
    switch verb {
    case .device where !isAtEnd, .object where !isAtEnd:
      try expectWord("ioctl", form)
      let commands = try CommandNames.read(try rest(CommandNames.what))
      for index in rules.indices { rules[index].commands = commands }
    case .exec where !isAtEnd:
      try expectWord("->", form)
      let helper = try next("the helper")
      for index in rules.indices { rules[index].helper = String(decoding: helper.bytes, as: UTF8.self) }
    case .delegate:
      try expectWord("to", form)
      let program = try readProgram()
      for index in rules.indices { rules[index].program = program }
    default: break
    }
    try expectEnd(form)
    return rules
  }

  private mutating func readPermissions(_ verb: PathRule.Verb, _ form: String) throws(RuleProblem) -> PathPermissions {
    switch verb {
    case .temp: return .ofTemporary.union(.own)
    case .exec: return .execute
    case .unix:
      return try choice(
        "use of a unix socket", [("listen", PathPermissions.unixListen), ("connect", PathPermissions.unixConnect)])
    case .delegate:
      try expectWord("attach", form)
      return try choice(
        "way to attach", [("r", PathPermissions.attachRead), ("rw", [.attachRead, .attachWrite])])
    case .device:
      return try choice(
        "use of a device",
        [("r", PathPermissions.deviceRead), ("w", .deviceWrite), ("rw", [.deviceRead, .deviceWrite])])
    case .shared: return try readLetters(form, allowed: "rmk", why: "a shared file is read only")
    case .file: return try readLetters(form, allowed: nil, why: "")
    case .object: return Self.asObject(try readLetters(form, allowed: nil, why: ""))
    }
  }

  /// An object may be a block device: to read and write it is then to open its node.
  private static func asObject(_ permissions: PathPermissions) -> PathPermissions {
    var object = permissions.union(.own)
    if permissions.contains(.read) { object.insert(.deviceRead) }
    if permissions.contains(.write) { object.insert(.deviceWrite) }
    return object
  }

  /// Letters, words, or both.
  private mutating func readLetters(_ form: String, allowed: String?, why: String) throws(RuleProblem)
    -> PathPermissions
  {
    let words = PathPermissions.wordPermissions
    var permissions: PathPermissions = []
    var isFirst = true
    while let argument = peek, !Self.looksLikePath(argument) {
      let word = try next("the permissions")
      if let entry = words.first(where: { word.isWord($0.word) }) {
        if permissions.contains(entry.permission) {
          throw RuleProblem(.doubled, word.location, "'\(entry.word)' stands twice")
        }
        permissions.formUnion(entry.permission)
      } else if isFirst {
        permissions = try Self.letters(word)
      } else {
        throw RuleProblem(
          .unknownWord, word.location, "'\(word.shown)' is no permission; expected rename, truncate, chmod or the path",
          nearest: Nearest.match(word.bytes, among: words.map(\.word)))
      }
      isFirst = false
      if let allowed {
        let most = PathPermissions.letters.filter { allowed.contains($0.letter) }
          .reduce(into: PathPermissions()) { $0.formUnion($1.permission) }
        if !permissions.isSubset(of: most) {
          throw RuleProblem(
            .contradiction, word.location,
            "'\(word.shown)' permits a change, and \(why); expected letters of \(allowed)",
            nearest: "shared r")
        }
      }
    }
    guard !permissions.isEmpty else {
      throw RuleProblem(.form, (peek?.location ?? item.location), "the permissions are missing; expected \(form)")
    }
    return permissions
  }

  private static func letters(_ argument: Argument) throws(RuleProblem) -> PathPermissions {
    var permissions: PathPermissions = []
    var seen: Set<UInt8> = []
    for byte in argument.bytes {
      let letter = Character(UnicodeScalar(byte))
      guard let entry = PathPermissions.letters.first(where: { $0.letter == letter }), !argument.isQuoted else {
        let isExec = byte == UInt8(ascii: "x")
        throw RuleProblem(
          .unknownWord, argument.location,
          isExec
            ? "'x' is no permission of a file rule; expected a rule exec PATH"
            : "'\(argument.shown)' is no permission; expected letters of r, w, a, m, c, d, l, k, or rename, truncate, chmod",
          nearest: isExec ? "exec" : Nearest.match(argument.bytes, among: PathPermissions.wordPermissions.map(\.word)))
      }
      guard seen.insert(byte).inserted else {
        throw RuleProblem(.doubled, argument.location, "the permission '\(letter)' stands twice")
      }
      permissions.formUnion(entry.permission)
    }
    return permissions
  }

  /// What begins like a path or can be nothing else.
  private static func looksLikePath(_ argument: Argument) -> Bool {
    argument.isQuoted || argument.bytes.contains(UInt8(ascii: "/")) || argument.bytes.first == UInt8(ascii: "@")
      || argument.bytes.first == UInt8(ascii: ".")
  }

  private mutating func nextPath(_ form: String) throws(RuleProblem) -> Argument {
    guard let argument = peek, !argument.isWord("->") else {
      throw RuleProblem(.form, item.location, "the path is missing; expected \(form)")
    }
    return try next("the path")
  }

  private mutating func expectWord(_ word: String, _ form: String) throws(RuleProblem) {
    guard let argument = peek else {
      throw RuleProblem(.form, item.location, "'\(word)' is missing; expected \(form)")
    }
    _ = try next(word)
    guard argument.isWord(word) else {
      throw RuleProblem(
        .unknownWord, argument.location, "'\(argument.shown)' means nothing here; expected \(form)",
        nearest: Nearest.match(argument.bytes, among: [word]))
    }
  }

  private mutating func readGlobs(_ path: Argument, isSocket: Bool) throws(RuleProblem) -> [Glob] {
    var globs: [Glob] = []
    for argument in try expand(path) {
      do throws(GlobReader.Problem) {
        let isAbstract = isSocket && Self.isAbstract(argument)
        globs.append(
          isAbstract ? try GlobReader.readAbstract(argument, vm: vm) : try GlobReader.read(argument, vm: vm))
      } catch {
        throw RuleProblem(.path, argument.location, error.message, nearest: error.nearest)
      }
    }
    return globs
  }

  /// `@NAME`, but not `@{variable}`.
  private static func isAbstract(_ argument: Argument) -> Bool {
    guard argument.bytes.first == UInt8(ascii: "@") else { return false }
    return argument.isQuoted || argument.bytes.count < 2 || argument.bytes[1] != UInt8(ascii: "{")
      || argument.isLiteral(at: 1)
  }

  /// A program, by one path without wildcards.
  mutating func readProgram() throws(RuleProblem) -> String {
    let argument = try next("the program")
    let globs = try readGlobs(argument, isSocket: false)
    guard globs.count == 1, globs[0].isLiteral, globs[0].root == .path else {
      throw RuleProblem(
        .wide, argument.location, "a program has one path; expected one without wildcards and variables")
    }
    return String(decoding: globs[0].prefix, as: UTF8.self)
  }
}

extension PathPermissions {
  /// The permissions of file rules that have a word and no letter.
  static let wordPermissions: [(word: String, permission: Self)] = [
    ("rename", .rename), ("truncate", .truncate), ("chmod", .chmod),
  ]
}

extension Diagnostic.Code {
  /// A path that is relative, not normalised, or a pattern that is malformed.
  static let path = Self(rawValue: "path")
  /// The same said twice.
  static let doubled = Self(rawValue: "doubled")
  /// Two things that exclude each other.
  static let contradiction = Self(rawValue: "contradiction")
  /// A pattern that covers more than can be meant.
  static let wide = Self(rawValue: "wide")
}
