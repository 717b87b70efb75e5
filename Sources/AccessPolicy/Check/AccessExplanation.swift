// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

/// What a policy says of one path for one domain, and by which rules.
public struct AccessExplanation: Sendable {
  /// What is allowed and not denied.
  public let granted: PathPermissions
  /// Of what was asked for: what is missing.
  public let missing: PathPermissions
  /// The rules about the path that concern what was asked for, in the order of the text.
  public let rules: [AccessRule]
  /// Whether a denial takes away some of what is missing: no rule that allows can give it back.
  public let isDenied: Bool
  /// When something is missing and nothing denies it: the rule whose path is most alike.
  public let nearest: AccessRule?

  /// The word of a rule about the path.
  private let object: String

  /// Looks a path up, rule by rule.
  ///
  /// - Parameter object: A path as the kernel has it, with the values of binding written out; one that begins with
  ///   `@{vmdir}`; or `@` and an abstract socket's name.
  public init(_ domain: AccessDomain, object: String, wanted: PathPermissions) {
    let directory = "@{vmdir}"
    let question: Glob
    if object.hasPrefix(directory) {
      question = Glob(literal: Array(object.utf8.dropFirst(directory.utf8.count)), root: .vmDirectory)
    } else if object.hasPrefix("@") {
      question = Glob(literal: Array(object.utf8.dropFirst()), root: .abstract)
    } else {
      question = Glob(literal: Array(object.utf8))
    }
    self.init(domain, question, wanted: wanted, shown: object.hasPrefix("@") ? object : nil)
  }

  /// Looks a path up, rule by rule.
  public init(_ domain: AccessDomain, _ question: Glob, wanted: PathPermissions) {
    let name = question.root == .abstract ? "@" + String(decoding: question.prefix, as: UTF8.self) : nil
    self.init(domain, question, wanted: wanted, shown: name)
  }

  /// - Parameter shown: The word of a rule, where it is not that of the path itself.
  private init(_ domain: AccessDomain, _ question: Glob, wanted: PathPermissions, shown: String?) {
    object = shown ?? Quote.word(question.prefix)
    let about = domain.rules.filter { rule in
      rule.path.map { GlobIntersection.example($0.glob, question) != nil } ?? false
    }
    var allow: PathPermissions = []
    var deny: PathPermissions = []
    for rule in about {
      guard let permissions = rule.path?.permissions.withImplied else { continue }
      if rule.isDenial { deny.formUnion(permissions) } else { allow.formUnion(permissions) }
    }
    let granted = allow.subtracting(deny)
    self.granted = granted
    missing = wanted.subtracting(granted)
    rules = about.filter { $0.path.map { !$0.permissions.withImplied.isDisjoint(with: wanted) } ?? false }
    isDenied = !missing.isDisjoint(with: deny)
    nearest = missing.isEmpty || isDenied ? nil : Self.nearest(domain.rules, to: question)
  }

  /// The rule that has most bytes of its beginning in common with a path, at least a folder.
  private static func nearest(_ rules: [AccessRule], to question: Glob) -> AccessRule? {
    var best: (rule: AccessRule, length: Int)?
    for rule in rules where !rule.isDenial {
      guard let glob = rule.path?.glob, glob.root == question.root else { continue }
      let length = zip(glob.prefix, question.prefix).prefix { $0 == $1 }.count
      if length > max(1, best?.length ?? 0) { best = (rule, length) }
    }
    return best?.rule
  }

  /// The rule that would allow what is missing, as it is written in a policy; nil where none would.
  public var remedy: String? {
    guard !missing.isEmpty, !isDenied else { return nil }
    let word = object
    if missing.subtracting(.map) == .execute { return "exec \(word)" }
    if missing.isSubset(of: [.deviceRead, .deviceWrite]) {
      let letters = (missing.contains(.deviceRead) ? "r" : "") + (missing.contains(.deviceWrite) ? "w" : "")
      return "device \(letters) \(word)"
    }
    if missing == .unixListen { return "unix listen \(word)" }
    if missing == .unixConnect { return "unix connect \(word)" }
    return missing.fileWords.map { "file \($0) \(word)" }
  }
}

extension PathPermissions {
  /// The letters and words of a file rule with these permissions; nil when no file rule has them.
  var fileWords: String? {
    var left = self
    var letters = ""
    for entry in Self.letters where !entry.permission.isEmpty && entry.permission.isSubset(of: left) {
      letters.append(entry.letter)
      left.subtract(entry.permission)
    }
    if left == .write { return nil }
    var words = letters.isEmpty ? [] : [letters]
    for entry in Self.wordPermissions where left.contains(entry.permission) {
      words.append(entry.word)
      left.subtract(entry.permission)
    }
    return left.isEmpty ? words.joined(separator: " ") : nil
  }

  /// Reads what a person asks for: the letters of file rules, or words of messages with commas between them.
  public init?(asked text: String) {
    var permissions: PathPermissions = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      if let known = PathPermissions(word: String(part)) {
        permissions.formUnion(known)
        continue
      }
      guard !part.isEmpty else { return nil }
      for letter in part {
        guard let entry = Self.letters.first(where: { $0.letter == letter }) else { return nil }
        permissions.formUnion(entry.permission)
      }
    }
    self = permissions
  }
}
