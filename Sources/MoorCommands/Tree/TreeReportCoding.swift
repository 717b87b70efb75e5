// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import EventLog
internal import Learning

/// The tree as JSON: a list of nodes that name the one above by its number, so that no depth is too much for a reader.
extension TreeReport {
  private struct CodedNode: Encodable {
    let id: Int
    let parent: Int?
    let depth: Int
    let kind: EventTree.Kind
    let name: UntrustedText
    let permissions: [String]
    let tally: CodedTally
  }

  private struct CodedTally: Encodable {
    let count: UInt64
    let learned: UInt64
    let denied: UInt64
    let audited: UInt64
    let first: String?
    let last: String?

    init(_ tally: AccessTally) {
      (count, learned, denied, audited) = (tally.count, tally.learned, tally.denied, tally.audited)
      first = tally.first.map { UTCTime($0).description }
      last = tally.last.map { UTCTime($0).description }
    }
  }

  private struct CodedRun: Encodable {
    let vm: UntrustedText
    let boot: BootID
    let pid: UInt32
    let accesses: Int
    let new: Int
  }

  private struct CodedGap: Encodable {
    let boot: BootID
    let first: UInt64
    let last: UInt64
  }

  private struct CodedDamage: Encodable {
    let source: String
    let line: Int
    let column: Int
    let problem: String
  }

  private enum CodingKeys: CodingKey {
    case nodes, sources, problems, lines, accessLines, recordLines, damagedLines, damaged, repeatedLines, foreignLines
    case gaps, runs, isComplete, reasons
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(codedNodes, forKey: .nodes)
    try container.encode(log.sources, forKey: .sources)
    try container.encode(log.problems, forKey: .problems)
    try container.encode(log.lines, forKey: .lines)
    try container.encode(log.accessLines, forKey: .accessLines)
    try container.encode(log.recordLines, forKey: .recordLines)
    try container.encode(log.damagedCount, forKey: .damagedLines)
    let damaged = log.damaged.map {
      CodedDamage(source: $0.source, line: $0.error.line, column: $0.error.column, problem: $0.error.description)
    }
    try container.encode(damaged, forKey: .damaged)
    try container.encode(log.repeated, forKey: .repeatedLines)
    try container.encode(log.foreign, forKey: .foreignLines)
    let gaps = log.gaps.map {
      CodedGap(boot: $0.boot, first: $0.sequences.lowerBound, last: $0.sequences.upperBound)
    }
    try container.encode(gaps, forKey: .gaps)
    let runs = completeness.runs.map {
      CodedRun(vm: $0.run.vm, boot: $0.run.boot, pid: $0.run.pid, accesses: $0.all, new: $0.new)
    }
    try container.encode(runs, forKey: .runs)
    try container.encode(completeness.isComplete, forKey: .isComplete)
    try container.encode(completeness.reasons.map(\.description), forKey: .reasons)
  }

  private var codedNodes: [CodedNode] {
    tree.inOrder.map { node, depth in
      let found = tree.nodes[node]
      return CodedNode(
        id: node, parent: found.parent, depth: depth, kind: found.kind, name: found.name,
        permissions: found.permissions.words, tally: CodedTally(found.tally))
    }
  }
}
