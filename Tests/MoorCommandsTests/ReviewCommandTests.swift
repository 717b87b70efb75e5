// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import PolicyText
import Testing

@testable import MoorCommands

/// Keys that a test presses.
final class ScriptedKeys: KeySource {
  private var keys: [Key]
  private(set) var isTaken = false
  private(set) var wasTaken = false
  var isTerminal: Bool { true }

  init(_ text: String, then end: Key = .end) { keys = text.map { Key.letter($0) } + [end] }

  func begin() { (isTaken, wasTaken) = (true, true) }
  func end() { isTaken = false }
  func next() -> Key { keys.count > 1 ? keys.removeFirst() : keys[0] }
}

@Suite struct ReviewCommandTests {
  static let policy = "policy \"host\" version 3\n\n# ours\nvm web1 {\n}\n"

  /// A log of one VM that uses its disk, a temporary file and another VM's disk.
  static let log = log([
    ("web1", "read,write", "/srv/vm/web1.img"), ("web1", "read,write,create,delete", "/var/tmp/vl.Ab12Cd"),
    ("web2", "read,write", "/srv/vm/web2.img"), ("web1", "read", "/srv/vm/web2.img"),
  ])

  static func log(_ lines: [(vm: String, permissions: String, path: String)], from first: Int = 1) -> String {
    lines.enumerated().map { index, line in
      "audit: type=1805 audit(1700000000.000:\(index + first)): moor boot=0f2c8f0e-3c5b-4a55-9d1c-7f8a1b2c3d4e "
        + "seq=\(index + first) record=learn class=path permission=\(line.permissions) path=\"\(line.path)\" "
        + "program=\"/usr/bin/qemu-system-x86_64\" vm=\"\(line.vm)\" pid=512\n"
    }.joined()
  }

  private let folder: TemporaryFolder
  private let console = RecordingConsole()

  init() throws {
    folder = try TemporaryFolder()
    _ = try folder.write("p.moor", Self.policy)
    _ = try folder.write("log", Self.log)
  }

  private func review(_ arguments: [String] = [], keys: ScriptedKeys? = nil, json: Bool = false) throws -> Int32 {
    var context = CommandContext(console, try StandInModule(), json: json)
    if let keys {
      context.keys = keys
      console.isTerminal = true
    } else {
      context.keys = NoKeys()
    }
    context.colour = .never
    let options = ["--policy", "\(folder.path)/p.moor", "--search-path", folder.path, "--root", folder.path]
    return exitCode {
      let command = try ReviewCommand.parse(options + ["--log", "\(folder.path)/log"] + arguments)
      try command.run(context)
    }
  }

  private final class NoKeys: KeySource {
    var isTerminal: Bool { false }
    func begin() {}
    func end() {}
    func next() -> Key { .end }
  }

  private struct Shown: Decodable {
    struct Decision: Decodable {
      let id: String
      let digest: String
      let suggested: String
      let conflict: String?
    }
    let format: String
    let isComplete: Bool
    let decisions: [Decision]
  }

  private func shown() throws -> Shown {
    defer { console.lines = [] }
    #expect(try review(json: true) == 0)
    return try JSONDecoder().decode(Shown.self, from: Data(console.text.utf8))
  }

  private static let written =
    policy.dropLast(2)
    + "  object rw /srv/vm/web1.img\n  temp /var/tmp/vl.??????\n}\n\nvm web2 {\n  deny file rw /srv/vm/web2.img\n}\n"

  @Test func jsonOutAndDecisionsInAreOneWay() throws {
    let found = try shown()
    #expect(found.format == "moor-review-1" && found.isComplete)
    #expect(
      found.decisions.map(\.id) == [
        "web1:object:/srv/vm", "web1:conflict:/srv/vm/web2.img", "web1:temporary:one-off",
        "web2:conflict:/srv/vm/web2.img",
      ])
    #expect(found.decisions.map { $0.conflict != nil } == [false, true, false, true])
    let choices = ["accept", "skip", "accept", "deny"]
    let entries = zip(found.decisions, choices).map { decision, choice in
      "{\"id\":\"\(decision.id)\",\"choice\":\"\(choice)\",\"digest\":\"\(decision.digest)\"}"
    }
    let text = "{\"format\":\"moor-review-1\",\"decisions\":[\(entries.joined(separator: ","))]}"
    let file = try folder.write("d.json", text)
    #expect(try review(["--decisions", file]) == 0)
    #expect(try folder.read("p.moor") == Self.written)
    #expect(folder.names == ["d.json", "log", "p.moor"])
  }

  @Test func aWrongDecisionsFileWritesNothing() throws {
    let file = try folder.write(
      "d.json",
      "{\"format\":\"moor-review-1\",\"decisions\":[{\"id\":\"web1:object:/srv/vm\",\"choice\":\"accept\"},\n"
        + "{\"id\":\"web2:conflict:/srv/vm/web2.img\",\"choice\":\"accept\"}]}")
    #expect(try review(["--decisions", file]) == 65)
    #expect(try folder.read("p.moor") == Self.policy)
    #expect(try review(["--decisions", "\(folder.path)/none"]) == 66)
    #expect(throws: (any Error).self) { try ReviewCommand.parse(["--decisions", file, "--accept-all"]) }
  }

  @Test func acceptAllSaysWhatItMeansAndAsks() throws {
    console.answer = false
    #expect(try review(["--accept-all"]) == 75)
    #expect(console.notes.joined().contains("ACCEPT ALL"))
    #expect(try folder.read("p.moor") == Self.policy)
    #expect(try review(["--accept-all", "--yes"]) == 0)
    let text = try folder.read("p.moor")
    #expect(text.contains("object rw /srv/vm/web1.img") && !text.contains("web2.img\n}"))
  }

  @Test func aPersonAnswersKeyByKey() throws {
    // Help, the whole list, a key that is none; the disk accepted, web2's skipped, taken back and skipped; the rest.
    let answers = ScriptedKeys("?lxasusady")
    #expect(try review(keys: answers) == 0, "\(console.text)")
    #expect(!answers.isTaken && answers.wasTaken)
    #expect(try folder.read("p.moor") == Self.written, "\(console.text)")
    #expect(folder.names == ["log", "p.moor"])
  }

  @Test func whoQuitsContinuesLater() throws {
    #expect(try review(keys: ScriptedKeys("aq")) == 0)
    #expect(try folder.read("p.moor") == Self.policy)
    #expect(folder.has("p.moor.review.json"))
    console.lines = []
    #expect(try review(keys: ScriptedKeys("sady")) == 0)
    #expect(console.text.contains("4 decisions, 1 of them answered before"))
    #expect(try folder.read("p.moor") == Self.written)
    #expect(!folder.has("p.moor.review.json"))
  }

  @Test func whatWasAnsweredSurvivesCtrlC() throws {
    let keys = ScriptedKeys("as", then: .interrupt)
    #expect(try review(keys: keys) == 75)
    #expect(!keys.isTaken)
    #expect(try folder.read("p.moor") == Self.policy)
    #expect(try review(keys: ScriptedKeys("ady")) == 0)
    #expect(try folder.read("p.moor") == Self.written)
  }

  @Test func aNoKeepsTheAnswers() throws {
    #expect(try review(keys: ScriptedKeys("asadn")) == 75)
    #expect(try folder.read("p.moor") == Self.policy)
    #expect(try review(keys: ScriptedKeys("y")) == 0)
    #expect(try folder.read("p.moor") == Self.written)
  }

  @Test func savedAnswersAreADecisionsFile() throws {
    #expect(try review(keys: ScriptedKeys("asadq")) == 75)
    #expect(try review(["--decisions", "\(folder.path)/p.moor.review.json"]) == 0)
    #expect(try folder.read("p.moor") == Self.written)
  }

  @Test func aGapInTheLogIsSaidAndStandsInThePolicy() throws {
    let lines = Self.log.split(separator: "\n")
    _ = try folder.write("log", lines[0] + "\n" + lines[3] + "\n" + "audit: type=1805 audit(1.0): moor boot=x\n")
    #expect(try !shown().isComplete)
    #expect(try review(["--accept-all", "--yes"]) == 0)
    #expect(console.notes.joined().contains("NOT COMPLETE: 2 lines are lost; 1 line cannot be read"))
    #expect(
      try folder.read("p.moor").hasPrefix(
        "policy \"host\" version 3\n# not complete: 2 lines are lost; 1 line cannot be read\n\n"))
  }

  @Test func withoutATerminalAllIsShown() throws {
    #expect(try review() == 0)
    #expect(console.text.contains("web1: changes /srv/vm/web1.img  [web1:object:/srv/vm]"))
    #expect(console.text.contains("  * accept: object rw /srv/vm/web1.img"))
    #expect(console.text.contains("conflict: /srv/vm/web2.img concerns another VM"))
    _ = try folder.write("log", "")
    console.lines = []
    #expect(try review() == 0)
    #expect(console.text == "nothing is left to decide")
  }

  @Test func aPolicyThatIsNotThereIsSaidToBe() throws {
    #expect(
      exitCode {
        try ReviewCommand.parse(["--policy", "/nonexistent/p.moor", "--log", "/dev/null"]).run(
          CommandContext(console, try StandInModule()))
      } == 66)
  }
}
