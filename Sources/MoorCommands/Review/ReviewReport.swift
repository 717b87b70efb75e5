// SPDX-License-Identifier: Apache-2.0

internal import PolicyReview
internal import PolicyText

/// What `moor review` shows without a terminal: all decisions with their choices.
struct ReviewReport: Report {
  struct Choice: Encodable {
    let id: String
    /// What is written into the domain's block.
    let writes: [String]
    /// What is written into the local addition to the abstraction.
    let shared: [String]?
    let helper: String?
    let admits: Int?
    let admitsMore: Bool?
    let warnings: [String]
  }

  struct Item: Encodable {
    let object: String
    let permissions: [String]
    let times: UInt64
  }

  struct Decision: Encodable {
    let id: String
    let digest: String
    let domain: String
    let `class`: ReviewClass
    let title: String
    let seen: [Item]
    let choices: [Choice]
    let suggested: String
    let warnings: [String]
    let conflict: String?
    let needs: String?
  }

  let format = DecisionsFile.format
  let policy: String
  let isComplete: Bool
  let incomplete: String?
  let notes: [String]
  let decisions: [Decision]

  private enum CodingKeys: CodingKey {
    case format, policy, isComplete, incomplete, notes, decisions
  }

  init(_ plan: ReviewPlan, policy: String, seen: SeenAccesses) {
    self.policy = policy
    incomplete = seen.incomplete
    isComplete = seen.incomplete == nil
    notes = plan.notes + seen.notes
    decisions = plan.decisions.map { decision in
      Decision(
        id: decision.id, digest: decision.digest, domain: decision.domain, class: decision.reviewClass,
        title: decision.title,
        seen: decision.items.map { Item(object: $0.object, permissions: $0.permissions, times: $0.times) },
        choices: decision.choices.map { choice in
          Choice(
            id: choice.id, writes: choice.statements, shared: choice.shared.isEmpty ? nil : choice.shared,
            helper: choice.helper, admits: choice.admits?.count, admitsMore: choice.admits.map { !$0.isComplete },
            warnings: choice.warnings)
        }, suggested: decision.suggested, warnings: decision.warnings, conflict: decision.conflict,
        needs: decision.needs)
    }
  }

  func text(_ style: Style) -> String {
    var lines: [String] = []
    if let incomplete { lines.append(style.bad("not complete: \(incomplete)")) }
    lines += notes.map { style.careful("note: \($0)") }
    for decision in decisions {
      lines.append("\(style.strong(decision.domain)): \(decision.title)  [\(decision.id)]")
      if let conflict = decision.conflict { lines.append("  \(style.bad("conflict: \(conflict)"))") }
      lines += decision.warnings.map { "  \(style.careful("warning: \($0)"))" }
      for choice in decision.choices where !choice.writes.isEmpty {
        let mark = choice.id == decision.suggested ? "*" : " "
        let more = choice.writes.count > 1 ? " and \(choice.writes.count - 1) more" : ""
        let admits = choice.admits.map { "  (admits \($0)\(choice.admitsMore == true ? " or more" : "") more files)" }
        let first = choice.shared?.first.map { "\($0), for all that include it" } ?? choice.writes[0] + more
        lines.append("  \(mark) \(choice.id): \(first)\(admits ?? "")")
        lines += choice.warnings.map { "      \(style.careful("warning: \($0)"))" }
      }
    }
    if decisions.isEmpty {
      lines.append(style.good("nothing is left to decide"))
    } else {
      lines.append(
        "\(decisions.count) decisions. Answer on a terminal, or by a file: --json shows all, --decisions takes it.")
    }
    return lines.joined(separator: "\n")
  }
}

/// What was written.
struct ReviewWritten: Report {
  struct File: Encodable {
    let path: String
    let added: [String]
  }

  let files: [File]
  let answered: Int
  let open: Int
  let warnings: [Diagnostic]
  let idle: [String]
  let isComplete: Bool
  let incomplete: String?

  init(_ outcome: ReviewOutcome, _ session: ReviewSession, incomplete: String?) {
    files = outcome.files.map { File(path: $0.path, added: $0.added) }
    warnings = outcome.warnings
    idle = outcome.idle
    self.incomplete = incomplete
    isComplete = incomplete == nil
    answered = session.answers.values.filter { $0 != "skip" }.count
    open = session.plan.decisions.count - answered
  }

  func text(_ style: Style) -> String {
    var lines = warnings.map(\.description)
    lines += idle.map { style.careful("note: \($0) writes nothing: its program may not be started") }
    for file in files { lines += file.added.map { "+ \($0)" } + [style.good("wrote \(file.path)")] }
    if files.isEmpty { lines.append("nothing to write") }
    if let incomplete { lines.append(style.bad("not complete: \(incomplete); the policy's header says so")) }
    lines.append("\(answered) decided, \(open) left")
    if !files.isEmpty { lines.append("raise the version in the policy's header, and load it: moor load") }
    return lines.joined(separator: "\n")
  }
}
