// SPDX-License-Identifier: Apache-2.0

public import PolicyText

/// Answers as a file: what a person decided without a terminal, or on another day.
///
/// ```json
/// {
///   "format": "moor-review-1",
///   "decisions": [
///     { "id": "web1:object:/srv/vm", "choice": "accept", "digest": "9f86d081884c7d65" }
///   ]
/// }
/// ```
///
/// The digest may be left out; where it stands, the question must still be the same.
public enum DecisionsFile {
  /// What a file must say that it is.
  public static let format = "moor-review-1"
  /// Bytes that are read, at most.
  public static let limit = 16 << 20

  /// Reads answers, without a look at what is asked.
  ///
  /// - Throws: PolicyError with all that is wrong, each with its place.
  public static func read(_ source: Source) throws(PolicyError) -> [ReviewAnswer] {
    try entries(source).map(\.answer)
  }

  /// Reads answers to these decisions.
  ///
  /// - Throws: PolicyError when a decision is not asked, is answered twice, has changed, or a choice is not offered.
  public static func read(_ source: Source, for plan: ReviewPlan) throws(PolicyError) -> [ReviewAnswer] {
    let entries = try entries(source)
    var found: [Diagnostic] = []
    func report(_ code: Diagnostic.Code, _ range: Range<Int>, _ message: String, nearest: String? = nil) {
      found.append(Diagnostic(code, at: Location(source: source, range: range), message, nearest: nearest))
    }
    for entry in entries {
      let shown = SafeText.render(entry.answer.id.utf8)
      guard let decision = plan.decision(entry.answer.id) else {
        report(
          .unknownWord, entry.id, "no decision '\(shown)' is asked",
          nearest: Nearest.match(entry.answer.id.utf8, among: plan.decisions.map(\.id)))
        continue
      }
      if decision.choice(entry.answer.choice) == nil {
        let offered = decision.choices.map(\.id).joined(separator: ", ")
        report(
          .unknownWord, entry.choice,
          "'\(SafeText.render(entry.answer.choice.utf8))' is not offered; expected one of \(offered)",
          nearest: Nearest.match(entry.answer.choice.utf8, among: decision.choices.map(\.id)))
      }
      if let digest = entry.answer.digest, digest != decision.digest {
        report(.changed, entry.id, "what '\(shown)' asks has changed since; its digest is now \(decision.digest)")
      }
    }
    if !found.isEmpty { throw PolicyError(found) }
    return entries.map(\.answer)
  }

  private struct Entry {
    let answer: ReviewAnswer
    let id: Range<Int>
    let choice: Range<Int>
  }

  private static func entries(_ source: Source) throws(PolicyError) -> [Entry] {
    var reader = EntryReader(source: source)
    let top = reader.members(try JSONText.read(source), ["format", "decisions"], required: ["format", "decisions"])
    if let format = top["format"], case .string(Self.format) = format.value {
    } else if let format = top["format"] {
      reader.report(.form, format.range, "the format is another; expected \"\(Self.format)\"")
    }
    var entries: [Entry] = []
    var seen: Set<String> = []
    for element in top["decisions"].map({ reader.list($0) }) ?? [] {
      let members = reader.members(element, ["id", "choice", "digest"], required: ["id", "choice"])
      guard let id = members["id"].flatMap({ reader.string($0) }),
        let choice = members["choice"].flatMap({ reader.string($0) })
      else { continue }
      let digest = members["digest"].flatMap { reader.string($0) }
      if !seen.insert(id).inserted {
        reader.report(
          .doubled, members["id"]?.range ?? element.range, "'\(SafeText.render(id.utf8))' is answered twice")
      }
      entries.append(
        Entry(
          answer: ReviewAnswer(id: id, choice: choice, digest: digest), id: members["id"]?.range ?? element.range,
          choice: members["choice"]?.range ?? element.range))
    }
    if !reader.found.isEmpty { throw PolicyError(reader.found) }
    return entries
  }
}

/// Takes values out of a JSON text, and keeps what is wrong with them.
private struct EntryReader {
  let source: Source
  private(set) var found: [Diagnostic] = []

  init(source: Source) { self.source = source }

  mutating func report(_ code: Diagnostic.Code, _ range: Range<Int>, _ message: String, nearest: String? = nil) {
    guard found.count < Limits().diagnostics else { return }
    found.append(Diagnostic(code, at: Location(source: source, range: range), message, nearest: nearest))
  }

  /// The members of an object by their keys; others than the known ones are told.
  mutating func members(_ text: JSONText, _ known: [String], required: [String]) -> [String: JSONText] {
    guard case .object(let members) = text.value else {
      report(.form, text.range, "\(text.kind) stands here; expected an object with \(known.joined(separator: ", "))")
      return [:]
    }
    for member in members where !known.contains(member.key) {
      report(
        .unknownWord, member.keyRange,
        "'\(SafeText.render(member.key.utf8))' means nothing here; expected \(known.joined(separator: ", "))",
        nearest: Nearest.match(member.key.utf8, among: known))
    }
    for key in required where !members.contains(where: { $0.key == key }) {
      report(.form, text.range.lowerBound..<(text.range.lowerBound + 1), "'\(key)' is missing")
    }
    return Dictionary(members.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
  }

  mutating func list(_ text: JSONText) -> [JSONText] {
    if case .array(let elements) = text.value { return elements }
    report(.form, text.range, "\(text.kind) stands here; expected a list of decisions")
    return []
  }

  mutating func string(_ text: JSONText) -> String? {
    if case .string(let string) = text.value { return string }
    report(.form, text.range, "\(text.kind) stands here; expected a string")
    return nil
  }
}

extension Diagnostic.Code {
  /// The same said twice.
  static let doubled = Self(rawValue: "doubled")
  /// An answer to a question that is no longer asked so.
  static let changed = Self(rawValue: "changed")
}
