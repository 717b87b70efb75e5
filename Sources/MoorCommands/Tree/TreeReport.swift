// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import EventLog
internal import Learning

/// What `moor tree` shows.
struct TreeReport: Report {
  /// Gaps, runs and damaged lines that the text names; the JSON has all that are kept.
  private static let mostNamed = 10

  let log: AccessLog
  let tree: EventTree
  let completeness: Completeness

  init(_ log: AccessLog, vm: UntrustedText?) {
    self.log = log
    tree = EventTree(log, vm: vm)
    completeness = Completeness(log)
  }

  func text(_ style: Style) -> String {
    var lines = tree.inOrder.map { line(tree.nodes[$0.node], $0.depth, style) }
    if lines.isEmpty { lines.append("nothing was learned") }
    lines.append("")
    lines += summary(style)
    return lines.joined(separator: "\n")
  }

  private func line(_ node: EventTree.Node, _ depth: Int, _ style: Style) -> String {
    let indent = TreeText.indent(depth)
    let name = TreeText.name(node)
    switch node.kind {
    case .vm: return indent + style.strong("VM \(name)") + "  " + TreeText.counts(node.tally)
    case .helper, .process, .class: return indent + style.strong(name) + "  " + TreeText.counts(node.tally)
    case .folder: return indent + name
    case .object:
      let permissions = node.permissions.isEmpty ? [] : [node.permissions.description]
      let counts = node.tally.denied > 0 ? style.bad(TreeText.counts(node.tally)) : TreeText.counts(node.tally)
      return indent + ([name] + permissions + [counts, TreeText.span(node.tally)]).joined(separator: "  ")
    }
  }

  /// How much was read, what of it is missing, and whether it is complete.
  func summary(_ style: Style) -> [String] {
    var lines = [
      "\(log.lines) lines of \(log.sources.map { TreeText.safe(UntrustedText($0)) }.joined(separator: ", ")):"
    ]
    lines.append(
      "  \(log.accessLines) about access, \(log.recordLines) records, \(log.damagedCount) damaged, \(log.repeated) repeated, "
        + "\(log.foreign) that other programs wrote in moor's name")
    lines += TreeText.named(log.damaged, Self.mostNamed, of: log.damagedCount) {
      "  \(TreeText.safe(UntrustedText($0.source))): \($0.error)"
    }
    lines += TreeText.named(log.gaps, Self.mostNamed, of: UInt64(log.gaps.count)) {
      "  boot \($0.boot): \(TreeText.numbers($0.sequences)) lost"
    }
    lines += TreeText.named(completeness.runs, Self.mostNamed, of: UInt64(completeness.runs.count)) {
      "  run of \(TreeText.safe($0.run.vm)), pid \($0.run.pid), boot \($0.run.boot): "
        + "\($0.all) \($0.all == 1 ? "access" : "accesses"), \($0.new) new"
    }
    if completeness.isComplete { return lines + [style.good("complete, as far as these logs can say")] }
    return lines + [style.careful("not complete:")] + completeness.reasons.map { "  \($0)" }
  }
}

/// Words of the tree that no name in it can break.
enum TreeText {
  /// A name as it stands, or in quotes where something in it could be taken for something else.
  static func safe(_ name: UntrustedText) -> String {
    let text = name.description
    return text.utf8.count == name.bytes.count && !name.bytes.isEmpty && !name.bytes.contains(0x20) ? text : name.quoted
  }

  /// Blanks for a depth; of one that no terminal has room for, the number.
  static func indent(_ depth: Int) -> String {
    let most = 40
    return String(repeating: "  ", count: min(depth, most)) + (depth > most ? "(\(depth)) " : "")
  }

  static func name(_ node: EventTree.Node) -> String {
    // Of moor's own making, and with blanks.
    if node.kind == .helper || node.name.bytes.first == UInt8(ascii: "(") { return node.name.description }
    return safe(node.name)
  }

  static func counts(_ tally: AccessTally) -> String {
    let all = [("learned", tally.learned), ("denied", tally.denied), ("audited", tally.audited)]
    return all.filter { $0.1 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
  }

  static func span(_ tally: AccessTally) -> String {
    guard let first = tally.first, let last = tally.last else { return "no time" }
    return first == last ? UTCTime(first).description : "\(UTCTime(first)) to \(UTCTime(last))"
  }

  static func numbers(_ range: ClosedRange<UInt64>) -> String {
    range.lowerBound == range.upperBound
      ? "line \(range.lowerBound)" : "lines \(range.lowerBound) to \(range.upperBound)"
  }

  /// The first of a list, and how many more there are.
  static func named<Element>(
    _ list: [Element], _ most: Int, of count: UInt64, _ line: (Element) -> String
  ) -> [String] {
    let shown = list.prefix(most)
    return shown.map(line) + (count > UInt64(shown.count) ? ["  and \(count - UInt64(shown.count)) more"] : [])
  }
}
