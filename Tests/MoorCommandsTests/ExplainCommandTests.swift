// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import Testing

@testable import MoorCommands

/// `moor explain` and `moor diff`, which read policies and write nothing.
@Suite struct ExplainCommandTests {
  private static let policy = """
    policy "host" version 3

    vm web1 {
      object rw /srv/web1.qcow2
      deny file r /etc/**
    }

    template guest {
      file r @{vmdir}/x
    }

    """

  private func run(
    _ texts: [String], json: Bool = false, _ command: ([String]) throws -> any MoorSubcommand
  ) throws -> (code: Int32, output: String) {
    let folder = try TemporaryFolder()
    let console = RecordingConsole()
    let paths = try texts.enumerated().map { try folder.write("p\($0.offset).moor", $0.element) }
    let code = exitCode { try command(paths).run(CommandContext(console, try StandInModule(), json: json)) }
    return (code, console.lines.joined(separator: "\n").replacing(folder.path + "/", with: ""))
  }

  private func explain(_ arguments: [String]) throws -> (code: Int32, output: String) {
    try run([Self.policy]) { try ExplainCommand.parse(arguments + ["--policy", $0[0]]) }
  }

  @Test func saysWhatAllows() throws {
    let found = try explain(["web1", "/srv/web1.qcow2", "rw"])
    #expect(found.code == 0)
    #expect(found.output == "web1 on /srv/web1.qcow2: allowed\n  p0.moor:4:3: object rw /srv/web1.qcow2")
  }

  @Test func saysWhatIsMissing() throws {
    let found = try explain(["web1", "/srv/web2.qcow2", "r"])
    #expect(found.code == 1)
    #expect(
      found.output == """
        web1 on /srv/web2.qcow2: denied: read
          no rule is about it
        nearest: p0.moor:4:3: object rw /srv/web1.qcow2
        a rule that would allow it: file r /srv/web2.qcow2
        """)
  }

  /// A rule that allows would not help: a denial stands above it.
  @Test func saysThatADenialIsInTheWay() throws {
    let found = try explain(["web1", "/etc/x", "r"])
    #expect(found.code == 1)
    #expect(
      found.output == """
        web1 on /etc/x: denied: read
          p0.moor:5:3: deny file r /etc/**
        a denial stands above every rule that allows: take it out, or make it narrower
        """)
  }

  /// What goes with a permission is allowed, and denied, with it.
  @Test(arguments: [
    ("object rw /x", "truncate,append", 0), ("exec /x", "exec,map", 0),
    ("object rw /x\n  deny file w /x", "truncate", 1),
    ("file truncate /x", "w", 1),
  ])
  func knowsWhatIsImplied(rules: String, asked: String, code: Int32) throws {
    let found = try run(["policy \"host\" version 3\nvm web1 {\n  \(rules)\n}\n"]) {
      try ExplainCommand.parse(["web1", "/x", asked, "--policy", $0[0]])
    }
    #expect(found.code == code, "\(found.output)")
  }

  @Test func knowsTemplatesByTheirName() throws {
    #expect(try explain(["guest", "@{vmdir}/x", "r"]).code == 0)
    #expect(try explain(["guest", "/x", "r"]).code == 1)
  }

  @Test func refusesWhatItDoesNotKnow() throws {
    #expect(try explain(["web2", "/x", "r"]).code == 65)
    #expect(throws: (any Error).self) { try ExplainCommand.parse(["web1", "/x", "z"]) }
    #expect(throws: (any Error).self) { try ExplainCommand.parse(["web1", "x", "r"]) }
  }

  @Test(arguments: [
    (policy, "has no domain 'nobody'; it has web1, template guest"),
    ("policy \"host\" version 3\n", "has no rules of access: it has no vm block, and no template"),
  ])
  func saysWhichDomainsThereAre(policy: String, message: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("p.moor", policy)
    let command = try ExplainCommand.parse(["nobody", "/x", "r", "--policy", path])
    let context = CommandContext(RecordingConsole(), try StandInModule())
    let failure = #expect(throws: CommandFailure.self) { try command.run(context) }
    #expect(failure?.description.hasSuffix(message) == true, "\(String(describing: failure))")
  }

  @Test func tellsDifferencesInWords() throws {
    let wider = Self.policy.replacing("  deny file r /etc/**\n", with: "  file r /etc/passwd\n")
    let found = try run([Self.policy, wider]) { try DiffCommand.parse($0) }
    #expect(found.code == 1)
    #expect(found.output == "wider: web1: read on /etc/passwd  (p1.moor:5:3)")
    let back = try run([wider, Self.policy]) { try DiffCommand.parse($0) }
    #expect(back.output == "narrower: web1: read on /etc/passwd  (p0.moor:5:3)")
    let same = try run([Self.policy, Self.policy]) { try DiffCommand.parse($0) }
    #expect(same.code == 0)
    #expect(same.output == "both allow the same")
  }

  @Test func jsonHasTheSame() throws {
    let found = try run([Self.policy, Self.policy.replacing("rw", with: "r")], json: true) { try DiffCommand.parse($0) }
    #expect(found.output.contains("\"direction\" : \"narrower\""))
    #expect(found.output.contains("\"domain\" : \"web1\""))
  }
}
