// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import PolicyReview
internal import PolicyText

/// Asks a person on a terminal, decision by decision.
struct ReviewDialogue {
  private var session: ReviewSession
  private let policy: AccessPolicy
  private let files: ReviewFiles
  private let seen: SeenAccesses
  private let context: CommandContext

  /// Why the asking ended.
  private enum Ending {
    case decided, quit, interrupted
  }

  init(
    session: ReviewSession, policy: AccessPolicy, files: ReviewFiles, seen: SeenAccesses, context: CommandContext
  ) {
    self.session = session
    self.policy = policy
    self.files = files
    self.seen = seen
    self.context = context
  }

  private func say(_ line: String) { context.console.write(line) }

  mutating func run() throws {
    let changed = session.resume(try files.savedAnswers())
    greet(changed)
    context.keys.begin()
    defer { context.keys.end() }
    switch try ask() {
    case .interrupted:
      context.keys.end()
      say("")
      throw CommandFailure(.temporary, "stopped: nothing was written; the answers so far are in \(files.state)")
    case .quit:
      say("nothing was written; the answers so far are in \(files.state): `moor review` goes on from there")
    case .decided: try finish()
    }
  }

  private func greet(_ changed: [String]) {
    let style = context.style
    if let reason = seen.incomplete { say(style.bad("not complete: \(reason)")) }
    for note in session.plan.notes + seen.notes { say(style.careful("note: \(note)")) }
    for id in changed { say(style.careful("note: \(id) has changed since it was answered, and is asked again")) }
    let answered = session.answers.count
    let before = answered > 0 ? ", \(answered) of them answered before" : ""
    say("\(session.plan.decisions.count) decisions\(before)")
  }

  /// Asks until all is answered or the person goes.
  private mutating func ask() throws -> Ending {
    while let decision = session.current {
      show(decision, all: false)
      var isAnswered = false
      while !isAnswered {
        let key = context.keys.next()
        switch key {
        case .interrupt: return .interrupted
        case .end: return .quit
        case .letter("q"):
          try files.save(session)
          return .quit
        case .letter("w"):
          try files.save(session)
          say("kept in \(files.state)")
        case .letter("u"):
          guard session.undo() != nil else {
            say("there is nothing to take back")
            continue
          }
          try files.save(session)
          isAnswered = true
        case .letter("l"): show(decision, all: true)
        case .letter("?"): help()
        case .letter(let letter):
          guard let choice = DialogueText.choice(letter, of: decision) else {
            say("'\(letter)' is none of the keys; ? shows them")
            continue
          }
          session.answer(decision.id, choice.id)
          // At once: what was decided survives whatever comes.
          try files.save(session)
          say("-> \(choice.id)")
          isAnswered = true
        }
      }
    }
    return .decided
  }

  private func show(_ decision: ReviewDecision, all: Bool) {
    let place = "\(session.number(of: decision)) of \(session.plan.decisions.count)"
    say("")
    DialogueText.lines(decision, place: place, all: all, context.style).forEach(say)
  }

  private func help() {
    say(
      "a accept  d deny  h deny quietly (hush)  1-9 generalise  p private  b put in the abstraction  s skip\n"
        + "u undo  l list all  w save  q quit and continue later  Ctrl-C stop")
  }

  private mutating func finish() throws {
    let outcome = try ReviewOutcome(session, policy: policy, loader: files.loader, incomplete: seen.incomplete)
    guard !outcome.files.isEmpty else {
      context.keys.end()
      say("all is decided, and there is nothing to write")
      return
    }
    say("")
    for file in outcome.files {
      say("to \(file.path):")
      for line in file.added { say("  + \(line)") }
    }
    for warning in outcome.warnings { say(warning.summary) }
    say("Write it? [y/N, u takes the last answer back]")
    switch context.keys.next() {
    case .letter("y"), .letter("Y"): break
    case .letter("u"):
      session.undo()
      try files.save(session)
      guard try ask() == .decided else { throw declined() }
      return try finish()
    default: throw declined()
    }
    context.keys.end()
    try files.write(outcome, over: policy)
    files.forget()
    try context.show(ReviewWritten(outcome, session, incomplete: seen.incomplete))
  }

  private func declined() -> CommandFailure {
    context.keys.end()
    return CommandFailure(.temporary, "nothing was written; the answers are in \(files.state)")
  }
}

/// A decision as text, and which key makes which choice.
enum DialogueText {
  /// Lines of a list that are shown at once.
  private static let few = 6

  static func key(of choice: ReviewChoice) -> Character {
    switch choice.kind {
    case .accept: "a"
    case .deny: "d"
    case .denyQuietly: "h"
    case .generalise(let number): Character("\(min(number, 9))")
    case .makePrivate: "p"
    case .abstraction: "b"
    case .skip: "s"
    }
  }

  static func choice(_ letter: Character, of decision: ReviewDecision) -> ReviewChoice? {
    decision.choices.first { key(of: $0) == letter }
  }

  static func lines(_ decision: ReviewDecision, place: String, all: Bool, _ style: Style) -> [String] {
    var lines = [style.strong("\(decision.domain) (\(place)): \(decision.title)")]
    lines += shortened(decision.items.map { "    \($0.permissions.joined(separator: ","))  \($0.object)" }, all)
    if let conflict = decision.conflict { lines.append("  " + style.bad("conflict: \(conflict)")) }
    lines += decision.warnings.map { "  " + style.careful("warning: \($0)") }
    for choice in decision.choices {
      let mark = choice.id == decision.suggested ? "*" : " "
      let admits = choice.admits.map { "  (admits \($0) more files that exist)" } ?? ""
      lines.append(" \(mark)[\(key(of: choice))] \(choice.id)\(admits)")
      lines += shortened(choice.statements.map { "        \($0)" }, all || choice.statements.count <= 3)
      lines += choice.shared.isEmpty ? [] : shortened(choice.shared.map { "        in the abstraction: \($0)" }, all)
      lines += choice.warnings.map { "        " + style.careful("warning: \($0)") }
    }
    return lines + ["[u]ndo [l]ist all [w] save [q]uit [?]"]
  }

  private static func shortened(_ lines: [String], _ all: Bool) -> [String] {
    guard !all, lines.count > few else { return lines }
    return lines.prefix(few - 1) + ["        … and \(lines.count - few + 1) more"]
  }
}
