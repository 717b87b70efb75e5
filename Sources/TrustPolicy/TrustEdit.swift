// SPDX-License-Identifier: Apache-2.0

public import PolicyText

/// A change of what a policy says of one path.
public enum TrustEdit: Sendable, Hashable {
  /// The path has exactly these digests from now on.
  case setDigests(TrustKind, TrustPath, [TrustDigest])
  /// The path has these too; those it has already stay as they are.
  case addDigests(TrustKind, TrustPath, [TrustDigest])
  /// The path has these no longer.
  case removeDigests(TrustKind, TrustPath, [TrustDigest])
  /// A new statement, as the last of the first trust block.
  case add(TrustKind, TrustPath, TrustFlags, [TrustDigest])
  /// The path's statements go, each with the comment on its line.
  case remove(TrustKind, TrustPath)
}

/// What entries are about: a kind and a path.
public struct TrustSubject: Sendable, Hashable {
  /// The kind.
  public let kind: TrustKind
  /// The path.
  public let path: TrustPath

  /// Makes a subject.
  public init(kind: TrustKind, path: TrustPath) {
    self.kind = kind
    self.path = path
  }
}

extension Document {
  /// What the trust entries of this file are about that write their path out: those that can be edited.
  public var editableTrustSubjects: Set<TrustSubject> { TrustEditor(self).written }

  /// The document after edits of its trust entries. All other bytes, comments among them, stay as they are.
  ///
  /// Only statements that write their path out are found: those of included files are edited there, those whose
  /// path comes from a variable are not edited by tools.
  ///
  /// - Throws: PolicyError when a path that is to be edited does not stand in this file, or one to be added does.
  public func applying(_ edits: [TrustEdit]) throws(PolicyError) -> Document {
    var editor = TrustEditor(self)
    for edit in edits { editor.take(edit) }
    if !editor.diagnostics.isEmpty { throw PolicyError(editor.diagnostics) }
    return try applying(editor.textEdits())
  }
}

/// Collects the edits of a document, statement by statement, so that all are made at once.
private struct TrustEditor {
  private typealias Key = TrustSubject

  private struct Subject {
    var statements: [Statement]
    var digests: [TrustDigest]
    var isChanged = false
    var isRemoved = false
  }

  private let document: Document
  private var subjects: [Key: Subject] = [:]
  private var order: [Key] = []
  private var additions: [(key: Key, flags: TrustFlags, digests: [TrustDigest])] = []
  private var block: Statement?
  var diagnostics: [Diagnostic] = []

  init(_ document: Document) {
    self.document = document
    for trust in document.statements where document.word(trust.words[0], is: "trust") {
      if block == nil, trust.block != nil { block = trust }
      for statement in trust.block ?? [] { index(statement) }
    }
  }

  var written: Set<TrustSubject> { Set(order) }

  private mutating func index(_ statement: Statement) {
    let keyword = document.argument(statement.words[0])
    guard statement.words.count >= 2, let kind = TrustKind.allCases.first(where: { keyword.isWord($0.word) }) else {
      return
    }
    let argument = document.argument(statement.words[1])
    guard !argument.hasWildcards, !statement.words[1].hasVariables, let path = try? TrustPath(argument.bytes) else {
      return
    }
    let digests = statement.words.dropFirst(2).compactMap { word -> TrustDigest? in
      guard case .success(let digest) = TrustDigest.read(document.argument(word).bytes) else { return nil }
      return digest
    }
    let key = Key(kind: kind, path: path)
    if subjects[key] == nil { order.append(key) }
    subjects[key, default: Subject(statements: [], digests: [])].statements.append(statement)
    subjects[key]?.digests += digests
  }

  mutating func take(_ edit: TrustEdit) {
    switch edit {
    case .setDigests(let kind, let path, let digests):
      change(kind, path) { $0.digests = Self.unique(digests) }
    case .addDigests(let kind, let path, let digests):
      change(kind, path) { $0.digests = Self.unique($0.digests + digests) }
    case .removeDigests(let kind, let path, let digests):
      change(kind, path) { $0.digests.removeAll { digests.contains($0) } }
    case .remove(let kind, let path):
      change(kind, path) { $0.isRemoved = true }
    case .add(let kind, let path, let flags, let digests):
      let key = Key(kind: kind, path: path)
      if let subject = subjects[key], !subject.isRemoved {
        report(.doubled, document.location(subject.statements[0].headRange), "\(path) stands here already")
      } else if additions.contains(where: { $0.key == key }) {
        report(.doubled, document.location(0..<0), "\(path) is to be added twice")
      } else {
        additions.append((key, flags, Self.unique(digests)))
      }
    }
  }

  private mutating func change(_ kind: TrustKind, _ path: TrustPath, _ body: (inout Subject) -> Void) {
    let key = Key(kind: kind, path: path)
    guard var subject = subjects[key], !subject.isRemoved else {
      let near = Nearest.match(path.bytes, among: order.lazy.filter { $0.kind == kind }.map(\.path.description))
      diagnostics.append(
        Diagnostic(
          .uncovered, at: document.location(block?.headRange ?? 0..<0),
          "no \(kind.word) entry of this file names \(path)", nearest: near))
      return
    }
    let before = subject.digests
    body(&subject)
    if subject.digests != before { subject.isChanged = true }
    subjects[key] = subject
  }

  func textEdits() -> [TextEdit] {
    var edits: [TextEdit] = []
    for key in order {
      guard let subject = subjects[key], let first = subject.statements.first else { continue }
      if subject.isRemoved {
        edits += subject.statements.map { document.removing($0) }
      } else if subject.isChanged {
        let start = first.words.indices.dropFirst(2).first { index in
          if case .success = TrustDigest.read(document.argument(first.words[index]).bytes) { true } else { false }
        }
        let from = first.words[(start ?? first.words.count) - 1].range.upperBound
        edits.append(TextEdit(from..<first.headRange.upperBound, TrustText.digests(subject.digests)))
        edits += subject.statements.dropFirst().map { document.removing($0) }
      }
    }
    let texts = additions.map { TrustText.statement($0.key.kind, $0.key.path, flags: $0.flags, digests: $0.digests) }
    guard !texts.isEmpty else { return edits }
    if let block, let edit = document.appending(texts, to: block) {
      edits.append(edit)
    } else {
      let end = document.bytes.count
      let gap = document.bytes.isEmpty ? "" : document.bytes.last == UInt8(ascii: "\n") ? "\n" : "\n\n"
      edits.append(TextEdit(end..<end, gap + "trust {\n" + texts.map { "  \($0)\n" }.joined() + "}\n"))
    }
    return edits
  }

  private mutating func report(_ code: Diagnostic.Code, _ location: Location, _ message: String) {
    diagnostics.append(Diagnostic(code, at: location, message))
  }

  private static func unique(_ digests: [TrustDigest]) -> [TrustDigest] {
    var seen: Set<TrustDigest> = []
    return digests.filter { seen.insert($0).inserted }
  }
}
