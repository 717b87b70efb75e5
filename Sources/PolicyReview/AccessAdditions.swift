// SPDX-License-Identifier: Apache-2.0

public import PolicyText

/// Statements that one domain's block is to have, too.
public struct DomainAddition: Sendable, Hashable {
  /// The VM, or a template's name as ``AccessDomain/name`` has it.
  public let vm: String
  /// Its child domain; nil for the VM's own block.
  public let helper: String?
  /// The statements, each one line.
  public var statements: [String]
}

extension Document {
  /// The document with these statements in the blocks of their domains; blocks that are not there are made, behind all
  /// else. All other bytes stay as they are, and what a block says already is not said again.
  ///
  /// - Throws: PolicyError when the edited text cannot be read.
  public func adding(_ additions: [DomainAddition]) throws(PolicyError) -> Document {
    var order: [String] = []
    var byVM: [String: [DomainAddition]] = [:]
    for addition in additions {
      if byVM[addition.vm] == nil { order.append(addition.vm) }
      byVM[addition.vm, default: []].append(addition)
    }
    var edits: [TextEdit] = []
    var made = ""
    for vm in order {
      let own = byVM[vm] ?? []
      let (keyword, name) = Self.head(of: vm)
      if let block = statements.first(where: { isBlock($0, keyword, name) }) {
        edits += self.edits(of: block, own)
      } else {
        let lines = Self.lines(of: own)
        made += "\n\(keyword) \(name) {\n" + lines.map { "  \($0)\n" }.joined() + "}\n"
      }
    }
    if !made.isEmpty {
      let end = bytes.count
      let gap = bytes.isEmpty || bytes.last == UInt8(ascii: "\n") ? "" : "\n"
      edits.append(TextEdit(end..<end, gap + made))
    }
    return edits.isEmpty ? self : try applying(edits)
  }

  /// What a domain's block begins with; a VM's name has no blank.
  private static func head(of domain: String) -> (keyword: String, name: String) {
    let words = domain.split(separator: " ").map(String.init)
    return words.count == 2 ? (words[0], words[1]) : ("vm", domain)
  }

  private func isBlock(_ statement: Statement, _ keyword: String, _ name: String) -> Bool {
    statement.block != nil && statement.words.count == 2 && argument(statement.words[0]).isWord(keyword)
      && argument(statement.words[1]).bytes.elementsEqual(name.utf8)
  }

  private func edits(of block: Statement, _ additions: [DomainAddition]) -> [TextEdit] {
    var edits: [TextEdit] = []
    var own: [String] = []
    for addition in additions {
      guard let helper = addition.helper else {
        own = missing(addition.statements, in: block) + own
        continue
      }
      if let inner = block.block?.first(where: { isBlock($0, "helper", helper) }) {
        let lines = missing(addition.statements, in: inner)
        if !lines.isEmpty, let edit = appending(lines, to: inner) { edits.append(edit) }
      } else {
        own += Self.lines(of: [addition])
      }
    }
    if !own.isEmpty, let edit = appending(own, to: block) { edits.append(edit) }
    return edits
  }

  private func missing(_ texts: [String], in block: Statement) -> [String] {
    let present = Set((block.block ?? []).map { Array(bytes[$0.headRange]) })
    return texts.filter { !present.contains(Array($0.utf8)) }
  }

  /// The lines of a VM's new block, or of a new helper's, its own rules first.
  private static func lines(of additions: [DomainAddition]) -> [String] {
    let own = additions.filter { $0.helper == nil }.flatMap(\.statements)
    let helpers = additions.filter { $0.helper != nil }.flatMap { addition in
      ["helper \(addition.helper ?? "") {"] + addition.statements.map { "  \($0)" } + ["}"]
    }
    return own + helpers
  }
}

extension Document {
  /// What a line begins with that says that the rules were learned from an incomplete log.
  static let incompleteMark = "# not complete: "

  /// The document with the line behind its header that says why learning is not complete, or without it.
  ///
  /// - Parameter reason: One line, safe to print; nil when nothing is known to be missing.
  func noting(incomplete reason: String?) throws(PolicyError) -> Document {
    guard let header = statements.first else { return self }
    var end = header.range.upperBound
    while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
    let line = min(end + 1, bytes.count)
    var next = line
    if bytes[line...].starts(with: Self.incompleteMark.utf8) {
      while next < bytes.count, bytes[next] != UInt8(ascii: "\n") { next += 1 }
      next = min(next + 1, bytes.count)
    }
    guard reason != nil || next > line else { return self }
    let lead = end == bytes.count ? "\n" : ""
    return try applying([TextEdit(line..<next, reason.map { "\(lead)\(Self.incompleteMark)\($0)\n" } ?? "")])
  }
}
