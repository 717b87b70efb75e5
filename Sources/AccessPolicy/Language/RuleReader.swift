// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

/// Reads one statement of a domain: `[deny [quiet] | audit] VERB ...`.
struct RuleReader {
  let tree: PolicyTree
  let item: PolicyItem
  /// What `@{vm}` stands for; nil in a template.
  let vm: [UInt8]?
  let isIncluded: Bool
  /// Whether the statement uses `@{vm}`, so that another VM's rule of the same text is another rule.
  private var usesVM = false
  /// The index of the next word.
  private var index = 0

  static let pathVerbs = PathRule.Verb.allCases.map(\.rawValue)
  static let otherVerbs = [
    "anon", "memory", "pty", "capability", "tcp", "udp", "signal", "ptrace", "inherit", "receive",
  ]
  private static let prefixes = ["deny", "audit"]

  init(tree: PolicyTree, item: PolicyItem, vm: [UInt8]?, isIncluded: Bool) {
    self.tree = tree
    self.item = item
    self.vm = vm
    self.isIncluded = isIncluded
  }

  mutating func read() throws(RuleProblem) -> [AccessRule] {
    if item.statement.block != nil {
      throw RuleProblem(.form, item.location, "a rule has no block; expected VERB ... on one line")
    }
    let effect = try readEffect()
    var objects = try readObjects()
    if effect == .deny || effect == .denyQuietly {
      try checkDenial(objects)
      objects = objects.map(Self.widened)
    }
    let isShared =
      isIncluded && !usesVM && !objects.contains { if case .path(let rule) = $0 { rule.helper != nil } else { false } }
    return objects.map { AccessRule(effect: effect, object: $0, location: item.location, isShared: isShared) }
  }

  private mutating func readEffect() throws(RuleProblem) -> AccessRule.Effect {
    let word = item.argument(0)
    guard Self.prefixes.contains(where: { word.isWord($0) }) else { return .allow }
    index = 1
    var effect: AccessRule.Effect = word.isWord("deny") ? .deny : .audit
    if effect == .deny, index < item.wordCount, item.argument(index).isWord("quiet") {
      effect = .denyQuietly
      index += 1
    }
    if isAtEnd {
      let words = (0..<index).map { item.argument($0).shown }.joined(separator: " ")
      throw RuleProblem(.form, item.location, "the rule is missing behind '\(words)'; expected \(words) VERB ...")
    }
    return effect
  }

  /// To deny a file is to deny the device node of that path, too: an object may be either.
  private static func widened(_ object: AccessObject) -> AccessObject {
    guard case .path(let rule) = object, rule.verb == .file else { return object }
    var permissions = rule.permissions
    if permissions.contains(.read) { permissions.insert(.deviceRead) }
    if permissions.contains(.write) { permissions.insert(.deviceWrite) }
    return .path(PathRule(.file, rule.glob, permissions))
  }

  private func checkDenial(_ objects: [AccessObject]) throws(RuleProblem) {
    for object in objects {
      guard case .path(let rule) = object else { continue }
      if [.object, .shared, .temp, .delegate].contains(rule.verb) {
        throw RuleProblem(
          .form, item.location, "'\(rule.verb.rawValue)' says whose a file is and cannot be denied; expected deny file",
          nearest: "deny file")
      }
      if rule.commands != .some([]) {
        throw RuleProblem(
          .form, item.location, "a denial names no ioctl commands; expected deny device PERMISSIONS PATH")
      }
      if rule.helper != nil {
        throw RuleProblem(.form, item.location, "a denial leads to no helper; expected deny exec PATH")
      }
    }
  }

  private mutating func readObjects() throws(RuleProblem) -> [AccessObject] {
    let verb = try next("a rule")
    if let path = PathRule.Verb.allCases.first(where: { verb.isWord($0.rawValue) }) {
      return try readPath(path).map { .path($0) }
    }
    guard let word = Self.otherVerbs.first(where: { verb.isWord($0) }) else {
      throw RuleProblem(
        .unknownWord, verb.location,
        "'\(verb.shown)' begins no rule; expected file, object, shared, device or another verb",
        nearest: Nearest.match(
          verb.bytes, among: Self.pathVerbs + Self.otherVerbs + Self.prefixes + ["helper", "include"]))
    }
    return try readOther(word)
  }

  // MARK: - words

  /// The next word, unexpanded.
  mutating func next(_ what: String) throws(RuleProblem) -> Argument {
    guard index < item.wordCount else {
      throw RuleProblem(.form, item.location, "\(what) is missing")
    }
    index += 1
    return item.argument(index - 1)
  }

  /// The next word without taking it.
  var peek: Argument? { index < item.wordCount ? item.argument(index) : nil }

  var isAtEnd: Bool { index >= item.wordCount }

  /// All that a word stands for by its variables.
  mutating func expand(_ argument: Argument) throws(RuleProblem) -> [Argument] {
    do throws(PolicyError) {
      let expanded = try tree.variables.expand(argument)
      if isIncluded, expanded.contains(where: { Self.mentionsVM($0) }) { usesVM = true }
      return expanded
    } catch {
      throw RuleProblem(error, at: argument.location)
    }
  }

  private static func mentionsVM(_ argument: Argument) -> Bool {
    let name = Array("@{vm}".utf8)
    guard argument.bytes.count >= name.count else { return false }
    return (0...(argument.bytes.count - name.count)).contains {
      argument.bytes[$0..<($0 + name.count)].elementsEqual(name)
    }
  }

  /// All words that are left, expanded; at least one.
  mutating func rest(_ what: String) throws(RuleProblem) -> [Argument] {
    var arguments: [Argument] = []
    repeat { arguments += try expand(try next(what)) } while !isAtEnd
    return arguments
  }

  /// One of several words.
  mutating func choice<Choice>(_ what: String, _ choices: [(word: String, value: Choice)]) throws(RuleProblem) -> Choice
  {
    let words = choices.map(\.word)
    guard let argument = peek else {
      throw RuleProblem(.form, item.location, "the \(what) is missing; expected \(Self.list(words))")
    }
    index += 1
    return try Self.choose(argument, what, choices)
  }

  static func choose<Choice>(
    _ argument: Argument, _ what: String, _ choices: [(word: String, value: Choice)]
  ) throws(RuleProblem) -> Choice {
    if let choice = choices.first(where: { argument.isWord($0.word) }) { return choice.value }
    let words = choices.map(\.word)
    throw RuleProblem(
      .unknownWord, argument.location, "'\(argument.shown)' is no \(what); expected \(list(words))",
      nearest: nearest(argument, words))
  }

  /// The nearest word; the kernel's own names of signals and capabilities, SIGTERM and CAP_SYS_NICE, are near to ours.
  private static func nearest(_ argument: Argument, _ words: [String]) -> String? {
    let text = String(decoding: argument.bytes.prefix(64), as: UTF8.self).lowercased()
    let bare = ["sig", "cap_"].first { text.hasPrefix($0) }.map { String(text.dropFirst($0.count)) }
    return words.first { $0 == bare } ?? Nearest.match(argument.bytes, among: words)
  }

  func expectEnd(_ form: String) throws(RuleProblem) {
    guard let argument = peek else { return }
    throw RuleProblem(.form, argument.location, "'\(argument.shown)' stands behind the rule's end; expected \(form)")
  }

  /// Some of the words, when they are many.
  static func list(_ words: [String]) -> String {
    if words.count > 12 { return words.prefix(3).joined(separator: ", ") + " or another" }
    return words.count < 2 ? words.joined() : words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
  }
}
