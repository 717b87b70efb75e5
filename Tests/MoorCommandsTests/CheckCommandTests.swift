// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import Testing

@testable import MoorCommands

@Suite struct CheckCommandTests {
  private static let trust = "policy \"host\" version 3\n\ntrust {\n  exec /usr/bin/qemu\n}\n"

  private func check(
    _ text: String, _ arguments: [String] = [], json: Bool = false
  ) throws -> (code: Int32, output: String) {
    let folder = try TemporaryFolder()
    let console = RecordingConsole()
    let path = try folder.write("p.moor", text)
    let code = exitCode {
      try CheckCommand.parse([path] + arguments).run(CommandContext(console, try StandInModule(), json: json))
    }
    return (code, console.lines.joined(separator: "\n").replacing(folder.path + "/", with: ""))
  }

  @Test func aSoundPolicyPasses() throws {
    let found = try check(Self.trust + "\nvm web1 {\n  object rw /srv/web1.qcow2\n}\n")
    #expect(found.code == 0)
    #expect(found.output == "0 errors, 0 warnings")
  }

  @Test func aWarningCountsWhenItIsTo() throws {
    let text = Self.trust + "\nvm web1 {\n  file r /etc/shadow\n}\n"
    let found = try check(text)
    #expect(found.code == 0)
    #expect(
      found.output.hasPrefix("p.moor:8:3: warning: the rule reaches what the host keeps secret: read on /etc/shadow\n"))
    #expect(found.output.hasSuffix("\n0 errors, 1 warning"))
    #expect(try check(text, ["--strict"]).code == 1)
  }

  @Test func twoVMsInOneObjectAreAnError() throws {
    let found = try check(Self.trust + "\nvm a {\n  object rw /srv/x\n}\n\nvm b {\n  object rw /srv/*\n}\n")
    #expect(found.code == 65)
    #expect(found.output.hasPrefix("p.moor:12:3: error: a and b meet in /srv/x;"))
    #expect(found.output.contains("p.moor:8:3: note: the rule of a: object rw /srv/x"))
  }

  @Test func bothPartsAreLookedAt() throws {
    let found = try check(
      "policy \"host\" version 3\ntrust {\n  exec usr/bin/qemu\n}\nvm a {\n  fiel r /x\n}\nvns b {\n}\n")
    #expect(found.code == 65)
    for line in [
      "p.moor:3:8: error: the path is relative", "p.moor:6:3: error: 'fiel' begins no rule",
      "p.moor:8:1: error: 'vns' begins no statement here", "3 errors, 0 warnings",
    ] {
      #expect(found.output.contains(line), "\(line) in\n\(found.output)")
    }
  }

  @Test func textThatCannotBeReadIsShown() throws {
    let found = try check("policy \"host\" version 3\nvm a {\n")
    #expect(found.code == 65)
    #expect(found.output.contains("p.moor:2:6: error: the block is not closed"))
  }

  @Test func jsonHasTheSame() throws {
    let found = try check(Self.trust + "\nvm web1 {\n  file r /etc/shadow\n}\n", json: true)
    struct Found: Decodable {
      struct Entry: Decodable {
        struct Place: Decodable { let line: Int }
        let code: String
        let severity: String
        let place: Place
      }
      let errors: Int
      let warnings: Int
      let diagnostics: [Entry]
    }
    let report = try JSONDecoder().decode(Found.self, from: Data(found.output.utf8))
    #expect(report.errors == 0 && report.warnings == 1)
    #expect(report.diagnostics.map(\.code) == ["secret"])
    #expect(report.diagnostics[0].place.line == 8)
  }

  @Test func aMissingPolicyIsSaidToBe() throws {
    let code = exitCode {
      try CheckCommand.parse(["/nonexistent/p.moor"]).run(CommandContext(RecordingConsole(), try StandInModule()))
    }
    #expect(code == 66)
  }
}
