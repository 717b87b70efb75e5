// SPDX-License-Identifier: Apache-2.0

/// One thing that is wrong in a policy: where, what, what was expected, and the nearest valid form.
public struct Diagnostic: Sendable, Hashable, Codable {
  /// How bad it is.
  public enum Severity: String, Sendable, Hashable, Codable {
    /// Nothing is loaded.
    case error
    /// It loads, but is probably not what was meant.
    case warning
  }

  /// A name for the cause that stays the same when the wording changes.
  public struct Code: RawRepresentable, Sendable, Hashable, Codable {
    /// The name, such as `unknown-word`.
    public let rawValue: String

    /// Makes a code; modules on top of this one add their own.
    public init(rawValue: String) { self.rawValue = rawValue }
  }

  /// A second place that belongs to the matter, such as the first of two doubled entries.
  public struct Note: Sendable, Hashable, Codable {
    /// Where, when there is a place.
    public let place: Place?
    /// What.
    public let message: String

    /// Makes a note.
    public init(_ message: String, at place: Place? = nil) {
      self.place = place
      self.message = message
    }
  }

  /// How bad it is.
  public let severity: Severity
  /// The cause.
  public let code: Code
  /// Where it begins.
  public let place: Place
  /// One sentence: what was found, what was expected. Safe to print: what stands in the policy is escaped.
  public let message: String
  /// The nearest valid form of what stands there, when there is one.
  public let nearest: String?
  /// Other places that belong to it.
  public let notes: [Note]
  /// The line it stands in, or the part of a long line around it, safe to print.
  public let excerpt: String
  /// How many columns of the excerpt stand before the marked part.
  public let caretColumn: Int
  /// How many columns of the excerpt are marked, at least 1.
  public let caretWidth: Int

  /// Makes a diagnostic for a part of a source.
  public init(
    _ code: Code, at location: Location, _ message: String, severity: Severity = .error, nearest: String? = nil,
    notes: [Note] = []
  ) {
    self.severity = severity
    self.code = code
    self.place = location.place
    self.message = message
    self.nearest = nearest
    self.notes = notes
    let excerpt = Excerpt(location)
    self.excerpt = excerpt.text
    self.caretColumn = excerpt.caretColumn
    self.caretWidth = excerpt.caretWidth
  }
}

extension Diagnostic: CustomStringConvertible {
  /// The first line alone: place, severity, message and nearest form.
  public var summary: String {
    let end = nearest.map { "; nearest: \($0)" } ?? ""
    return "\(place): \(severity.rawValue): \(message)\(end)"
  }

  /// The summary, the source line with a caret below the part that is meant, and the notes.
  public var description: String {
    var text = summary
    if !excerpt.isEmpty {
      let caret = "^" + String(repeating: "~", count: caretWidth - 1)
      text += "\n  \(excerpt)\n  \(String(repeating: " ", count: caretColumn))\(caret)"
    }
    for note in notes {
      text += "\n" + (note.place.map { "\($0): " } ?? "  ") + "note: \(note.message)"
    }
    return text
  }
}

extension Diagnostic.Code {
  /// A byte or a character that may not stand in a policy.
  public static let character = Self(rawValue: "character")
  /// An escape that the language does not have, or one that makes a NUL.
  public static let escape = Self(rawValue: "escape")
  /// A string or a brace that is not closed, or closed without having been opened.
  public static let unclosed = Self(rawValue: "unclosed")
  /// A statement, a header or an include that is not formed as it must be.
  public static let form = Self(rawValue: "form")
  /// A word that is not one of those that can stand here.
  public static let unknownWord = Self(rawValue: "unknown-word")
  /// One of ``Limits`` is exceeded.
  public static let limit = Self(rawValue: "limit")
  /// The `policy` or `lock` header is missing, doubled or not the first statement.
  public static let header = Self(rawValue: "header")
  /// A file that cannot be read, or includes itself.
  public static let include = Self(rawValue: "include")
  /// A variable that is unknown, defined twice or defined by itself.
  public static let variable = Self(rawValue: "variable")
  /// Something that means nothing here, though it does in other languages.
  public static let habit = Self(rawValue: "habit")
}

/// Why a policy was refused: one diagnostic or more, in the order of the text.
public struct PolicyError: Error, Sendable, CustomStringConvertible {
  /// All that was found wrong; at least one has severity error.
  public let diagnostics: [Diagnostic]

  /// Makes an error of diagnostics.
  public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

  /// All diagnostics, one below the other.
  public var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}
