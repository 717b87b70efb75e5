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

  @Test func twoVMsInOneFileAreAnError() throws {
    let folder = try TemporaryFolder()
    let disk = try folder.write("a.raw", "x")
    try FileManager.default.linkItem(atPath: disk, toPath: folder.path + "/b.raw")
    let text = Self.trust + "\nvm a {\n  object rw /a.raw\n}\n\nvm b {\n  object rw /b.raw\n}\n"
    let found = try check(text, ["--root", folder.path])
    #expect(found.code == 65)
    #expect(found.output.hasPrefix("p.moor:12:3: error: a and b meet in one object: /a.raw and /b.raw are one file,"))
    #expect(found.output.contains("\np.moor:8:3: note: the rule of a: object rw /a.raw\n"))
    #expect(try check(text, ["--root", folder.path, "--no-files"]).code == 0)
    #expect(exitCode { _ = try CheckCommand.parse(["--root", "x"]) } == -1)
  }

  @Test func includesOfAHostBelowAFolderAreItsOwn() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder.path + "/etc/moor/abstractions", withIntermediateDirectories: true)
    _ = try folder.write("etc/moor/abstractions/of-that-host", "abstraction \"a\" version 1\n\nfile r /srv/x\n")
    let text = Self.trust + "\nvm a {\n  include <abstractions/of-that-host>\n}\n"
    #expect(try check(text).code == 65)
    #expect(try check(text, ["--root", folder.path]).code == 0)
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

  private static let boot = "0f2c8f0e-3c5b-4a55-9d1c-7f8a1b2c3d4e"
  private static let log = [
    "seq=1 record=learn class=path permission=read,write path=\"/srv/web1.qcow2\"",
    "seq=2 record=deny class=path permission=read,write path=\"/srv/web2.qcow2\"",
    "seq=3 record=learn class=path permission=read,lock path=\"/srv/web2.qcow2\"",
    "seq=4 record=audit class=tcp permission=connect address=10.0.0.7 port=4444",
    "seq=5 record=learn class=path permission=read path=\"/etc/shadow\"",
    "seq=6 record=deny class=path permission=read,write path=\"/srv/web2.qcow2\"",
  ].enumerated().map { number, text in
    "audit: type=1805 audit(170000000\(number).250:\(number + 50)): moor boot=\(boot) \(text) program=\"/usr/bin/qemu\" "
      + "vm=\"web1\" pid=512\n"
  }.joined()

  private func replay(_ rules: String, _ log: String, json: Bool = false) throws -> (code: Int32, output: String) {
    let folder = try TemporaryFolder()
    let path = try folder.write("audit.log", log)
    let found = try check(Self.trust + "\nvm web1 {\n\(rules)}\n", ["--replay", path], json: json)
    return (found.code, found.output.replacing(folder.path + "/", with: ""))
  }

  @Test func showsWhatWouldHaveBeenDenied() throws {
    let found = try replay("  object rw /srv/web1.qcow2\n  file r /srv/*\n  deny file r /etc/**\n", Self.log)
    #expect(found.code == 1)
    #expect(
      found.output == """
        0 errors, 0 warnings
        web1
          path  /etc/shadow      read     once     denied by p.moor:10:3
          path  /srv/web2.qcow2  lock     once
          path  /srv/web2.qcow2  write    2 times
          tcp   10.0.0.7:4444    connect  once
        5 of 6 lines about access would have been denied
        """)
  }

  @Test func saysThatNothingWouldHaveBeenDenied() throws {
    let found = try replay("  file rwk /srv/*\n  file r /etc/shadow\n  tcp connect *:*\n", Self.log)
    #expect(found.code == 0)
    #expect(found.output.hasSuffix("\nnothing of 6 lines about access would have been denied"))
  }

  /// What a policy denies quietly nobody wants to hear of.
  @Test func aQuietDenialIsOnlyCounted() throws {
    let found = try replay("  file rwk /srv/*\n  deny quiet file r /etc/*\n  tcp connect *:*\n", Self.log)
    #expect(found.code == 0)
    #expect(
      found.output == """
        0 errors, 0 warnings
        nothing of 6 lines about access would have been denied
        1 would have been denied quietly, as the policy wants it
        """)
  }

  @Test func saysWhatAReplayDoesNotKnow() throws {
    let gap = Self.log.replacing("vm=\"web1\"", with: "vm=\"web9\"").replacing("seq=6", with: "seq=9")
    let found = try replay("", gap)
    #expect(found.code == 1)
    #expect(
      found.output == """
        0 errors, 0 warnings
        web9
          the policy says nothing of it: enforced, it does not start (6 times)
        6 of 6 lines about access would have been denied
        the logs are not complete: 3 lines are lost
        """)
  }

  @Test func aPolicyWithErrorsIsAskedNothing() throws {
    let found = try replay("  fiel r /x\n", Self.log)
    #expect(found.code == 65)
    #expect(!found.output.contains("about access"))
    #expect(try check(Self.trust, ["--replay", "/nonexistent"]).code == 66)
  }

  @Test func aReplayAsJSON() throws {
    struct Found: Decodable {
      struct Replay: Decodable {
        struct Denial: Decodable {
          let domain: String
          let `class`: String
          let object: String
          let permissions: [String]
          let count: Int
        }
        let denied: [Denial]
        let count: Int
      }
      let replay: Replay
    }
    let found = try replay("  file rwk /srv/*\n  tcp connect *:*\n", Self.log, json: true)
    #expect(found.code == 1)
    let report = try JSONDecoder().decode(Found.self, from: Data(found.output.utf8)).replay
    #expect(report.count == 6)
    #expect(report.denied.map(\.object) == ["/etc/shadow"])
    #expect(report.denied.map(\.permissions) == [["read"]])
  }
}
