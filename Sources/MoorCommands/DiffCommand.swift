// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import ArgumentParser
internal import PolicyText

/// `moor diff`: what a newer policy allows that an older one does not, and the other way round.
struct DiffCommand: MoorSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show in words how two policies differ in the access that they allow.",
    discussion: """
      Compares what is allowed, not how it is written: a rule that was moved, split or covered by another before is no \
      difference. `moor trust diff` compares what is trusted. Exits with 0 when there is no difference, and 1 when there is.
      """)

  @OptionGroup var output: OutputOptions

  @ArgumentParser.Argument(help: "The older policy.")
  var old: String

  @ArgumentParser.Argument(help: "The newer policy.")
  var new: String

  func run(_ context: CommandContext) throws {
    let difference = AccessDiff(
      from: try AccessPolicy(try PolicyFiles(policy: old).tree()),
      to: try AccessPolicy(try PolicyFiles(policy: new).tree()))
    try context.show(DiffReport(difference))
    if !difference.isEmpty { throw ExitCode(ExitStatus.difference.rawValue) }
  }
}

/// What `moor diff` shows.
struct DiffReport: Report {
  struct Change: Encodable {
    let direction: String
    let domain: String
    let what: String
    let place: Place
  }

  let added: [String]
  let removed: [String]
  let changes: [Change]

  init(_ difference: AccessDiff) {
    added = difference.added
    removed = difference.removed
    changes = difference.changes.map {
      Change(direction: $0.isWider ? "wider" : "narrower", domain: $0.domain, what: $0.what, place: $0.place)
    }
  }

  func text(_ style: Style) -> String {
    var lines = added.map { "\(style.careful("new")): \($0)" } + removed.map { "\(style.careful("gone")): \($0)" }
    lines += changes.map { change in
      let direction = change.direction == "wider" ? style.bad(change.direction) : style.good(change.direction)
      return "\(direction): \(change.domain): \(change.what)  (\(change.place))"
    }
    return lines.isEmpty ? "both allow the same" : lines.joined(separator: "\n")
  }
}
