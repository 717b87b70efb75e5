// SPDX-License-Identifier: Apache-2.0

public import PolicyText

/// One line of a `trust` block: what a person, or a tool for a person, wrote.
public struct TrustStatement: Sendable {
  /// What it vouches for.
  public let kind: TrustKind
  /// Which files.
  public let target: Target
  /// What an `exec` line permits.
  public let flags: TrustFlags
  /// In the order of the text; none: not yet measured.
  public let digests: [TrustDigest]
  /// Where it stands.
  public let location: Location

  /// Which files a statement is about.
  public enum Target: Sendable, Hashable {
    /// One.
    case path(TrustPath)
    /// All that a pattern covers, as far as the lock holds digests of them.
    case pattern(TrustPattern)
  }
}

extension Diagnostic.Code {
  /// A path that is relative, not normalised, or too long.
  public static let path = Self(rawValue: "path")
  /// A digest of another length than its algorithm's, or with something that is no hexadecimal digit.
  public static let digest = Self(rawValue: "digest")
  /// The same said twice.
  public static let doubled = Self(rawValue: "doubled")
  /// The same path with flags that exclude each other.
  public static let contradiction = Self(rawValue: "contradiction")
  /// A pattern that covers more than anybody can vouch for.
  public static let wide = Self(rawValue: "wide")
  /// A path without a digest where one is needed.
  public static let unmeasured = Self(rawValue: "unmeasured")
  /// A lock's entry that no statement of the policy covers.
  public static let uncovered = Self(rawValue: "uncovered")
  /// A lock that was written for another policy or version.
  public static let stale = Self(rawValue: "stale")
  /// A path that is missing, a symbolic link or no regular file.
  public static let file = Self(rawValue: "file")
}

/// Reads the statements of `trust` blocks.
struct TrustStatementReader {
  let tree: PolicyTree
  let limits: Limits
  var statements: [TrustStatement] = []
  var diagnostics: [Diagnostic] = []

  static let form = "KIND PATH [FLAG ...] [DIGEST ...]"
  private static let kinds = TrustKind.allCases.map(\.word)
  private static let flags = [TrustFlags.measuredWord, TrustFlags.memoryExecWord]
  private static let algorithms = TrustDigest.Algorithm.allCases.map(\.word)

  var isFull: Bool { diagnostics.count >= limits.diagnostics }

  mutating func read(_ item: PolicyItem) {
    let keyword = item.keyword
    guard let kind = TrustKind.allCases.first(where: { keyword.isWord($0.word) }) else {
      report(
        .unknownWord, keyword.location,
        "'\(keyword.shown)' is no kind of trust entry; expected \(Self.list(Self.kinds))",
        nearest: Nearest.match(keyword.bytes, among: Self.kinds + ["include"]))
      return
    }
    if item.statement.block != nil {
      report(.form, item.location, "a trust entry has no block; expected \(Self.form)")
      return
    }
    guard item.wordCount >= 2 else {
      report(.form, item.location, "the path is missing; expected \(Self.form)")
      return
    }
    var flags: TrustFlags = kind == .exec ? .domain : []
    var digests: [TrustDigest] = []
    let before = diagnostics.count
    for index in 2..<max(2, item.wordCount) { readWord(item.argument(index), kind, &flags, &digests) }
    if flags.contains(.memoryExec), !flags.contains(.domain) {
      report(
        .contradiction, item.location,
        "'measured' and 'memory-exec' exclude each other: what is only measured starts no domain")
    }
    guard diagnostics.count == before else { return }
    readTargets(item, kind, flags, digests)
  }

  /// A flag or a digest.
  private mutating func readWord(
    _ argument: Argument, _ kind: TrustKind, _ flags: inout TrustFlags, _ digests: inout [TrustDigest]
  ) {
    if !argument.isQuoted, argument.bytes.contains(UInt8(ascii: ":")) {
      readDigest(argument, &digests)
      return
    }
    guard let flag = Self.flags.first(where: { argument.isWord($0) }) else {
      let isBare = argument.bytes.allSatisfy { TrustDigest.hexValue($0) != nil }
      let algorithms = isBare ? TrustDigest.Algorithm.allCases.filter { 2 * $0.length == argument.bytes.count } : []
      let expected = kind == .exec ? "a flag (\(Self.list(Self.flags))) or a digest" : "a digest"
      let words = (kind == .exec ? Self.flags : []) + Self.algorithms
      report(
        .unknownWord, argument.location, "'\(argument.shown)' means nothing here; expected \(expected)",
        nearest: algorithms.first.map { "\($0.word):\(argument.shown)" } ?? Nearest.match(argument.bytes, among: words))
      return
    }
    guard kind == .exec else {
      report(.contradiction, argument.location, "'\(flag)' is a flag of exec entries, this is a \(kind.word) entry")
      return
    }
    if !digests.isEmpty { report(.form, argument.location, "'\(flag)' stands behind a digest; expected \(Self.form)") }
    let isDoubled = flag == TrustFlags.measuredWord ? !flags.contains(.domain) : flags.contains(.memoryExec)
    if isDoubled { report(.doubled, argument.location, "'\(flag)' stands twice") }
    if flag == TrustFlags.measuredWord { flags.remove(.domain) } else { flags.insert(.memoryExec) }
  }

  private mutating func readDigest(_ argument: Argument, _ digests: inout [TrustDigest]) {
    switch TrustDigest.read(argument.bytes) {
    case .success(let digest):
      if digests.contains(digest) { report(.doubled, argument.location, "the digest stands twice") }
      digests.append(digest)
    case .failure(.algorithm):
      let word = argument.bytes.prefix { $0 != UInt8(ascii: ":") }
      report(
        .digest, argument.location,
        "'\(SafeText.render(word))' is no way to take a digest; expected \(Self.list(Self.algorithms))",
        nearest: Nearest.match(word, among: Self.algorithms))
    case .failure(.length(let expected, let found)):
      report(.digest, argument.location, "the digest has \(found) hexadecimal digits; expected \(expected)")
    case .failure(.digit(let index)):
      let range = argument.location.range
      let place = range.lowerBound + index
      // Only without escapes do the offsets of value and text agree.
      let isExact = range.count == argument.bytes.count
      report(
        .digest, isExact ? Location(source: argument.location.source, range: place..<(place + 1)) : argument.location,
        "'\(SafeText.render([argument.bytes[index]]))' is no hexadecimal digit")
    }
  }

  private mutating func readTargets(
    _ item: PolicyItem, _ kind: TrustKind, _ flags: TrustFlags, _ digests: [TrustDigest]
  ) {
    let arguments: [Argument]
    do {
      arguments = try tree.variables.expand(item.argument(1))
    } catch {
      diagnostics += error.diagnostics
      return
    }
    if arguments.count > 1, !digests.isEmpty {
      report(
        .form, item.argument(1).location,
        "the variable stands for \(arguments.count) paths, which cannot share a digest")
      return
    }
    for argument in arguments {
      guard let target = readTarget(argument, kind, digests) else { continue }
      statements.append(
        TrustStatement(kind: kind, target: target, flags: flags, digests: digests, location: item.location))
    }
  }

  private mutating func readTarget(
    _ argument: Argument, _ kind: TrustKind, _ digests: [TrustDigest]
  ) -> TrustStatement.Target? {
    let problem: TrustPath.Problem
    if argument.hasWildcards {
      do {
        let pattern = try TrustPattern(argument)
        if kind == .exec {
          report(.wide, argument.location, "an exec entry names one program; expected a path without wildcards")
          return nil
        }
        if !digests.isEmpty {
          report(
            .form, argument.location, "a pattern has no digest of its own; those of its files stand in the lock file")
          return nil
        }
        return .pattern(pattern)
      } catch .path(let reason) {
        problem = reason
      } catch {
        report(error, argument)
        return nil
      }
    } else {
      do {
        return .path(try TrustPath(argument.bytes))
      } catch {
        problem = error
      }
    }
    report(problem, argument)
    return nil
  }

  private mutating func report(_ problem: TrustPattern.Problem, _ argument: Argument) {
    switch problem {
    case .unsupported(let index):
      let mark = SafeText.render([argument.bytes[index]])
      report(
        .form, argument.location,
        "'\(mark)' has no meaning in a path of trust; expected ?, * or **, or \\\(mark) for the character itself")
    case .wide:
      report(
        .wide, argument.location, "the pattern covers too much; expected at least two folders before the first wildcard"
      )
    case .writable(let folder):
      report(
        .wide, argument.location, "nobody can vouch for all files below \(folder); expected paths without wildcards")
    case .path(let reason): report(reason, argument)
    }
  }

  private mutating func report(_ problem: TrustPath.Problem, _ argument: Argument) {
    let message =
      switch problem {
      case .relative: "the path is relative; expected one that begins with '/'"
      case .doubledSlash: "the path has a doubled '/'"
      case .dots: "the path has a component '.' or '..'; the kernel knows files by their resolved path"
      case .trailingSlash: "the path ends with '/'; expected a file's"
      case .tooLong: "the path has \(argument.bytes.count) bytes, more than \(TrustPath.lengthLimit)"
      case .nul: "the path holds a NUL"
      }
    let isNear = problem != .tooLong && !argument.bytes.isEmpty && !argument.hasWildcards
    let nearest = isNear ? TrustPath.normalised(argument.bytes).map { Quote.word($0) } : nil
    report(.path, argument.location, message, nearest: nearest)
  }

  mutating func report(
    _ code: Diagnostic.Code, _ location: Location, _ message: String, nearest: String? = nil
  ) {
    diagnostics.append(Diagnostic(code, at: location, message, nearest: nearest))
  }

  private static func list(_ words: [String]) -> String {
    words.count < 2 ? words.joined() : words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
  }
}
