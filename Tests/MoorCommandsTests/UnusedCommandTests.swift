// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import Testing

@testable import MoorCommands

/// `moor unused` reads logs and policies, and writes nothing.
@Suite struct UnusedCommandTests {
  private static let boot = "0f2c8f0e-3c5b-4a55-9d1c-7f8a1b2c3d4e"
  private static let policy = """
    policy "host" version 3

    vm web1 {
      object rw /srv/web1.qcow2
      file r /etc/hosts
      tcp listen 127.0.0.1:5900-5910
      capability sys_nice
      deny file r /etc/shadow
      pty own
    }

    vm web2 {
      object rw /srv/web2.qcow2
    }

    """

  private static func log(_ texts: [String], from first: Int = 1) -> String {
    texts.enumerated().map { number, text in
      "audit: type=1805 audit(170000000\(number).250:\(number + 50)): moor boot=\(boot) seq=\(number + first) \(text) "
        + "program=\"/usr/bin/qemu\" vm=\"web1\" pid=\(512 + number / 3)\n"
    }.joined()
  }

  private static let disk = "record=learn class=path permission=read,write path=\"/srv/web1.qcow2\""
  private static let screen = "record=audit class=tcp permission=listen address=127.0.0.1 port=5901"
  private static let nice = "record=learn class=capability kind=sys_nice"
  private static let hosts = "record=deny class=path permission=read path=\"/etc/hosts\""

  private func unused(_ log: String, _ arguments: [String] = []) throws -> (code: Int32, output: String) {
    let folder = try TemporaryFolder()
    let console = RecordingConsole()
    let words =
      arguments + ["--policy", try folder.write("p.moor", Self.policy), "--log", try folder.write("audit.log", log)]
    let code = exitCode { try UnusedCommand.parse(words).run(CommandContext(console, try StandInModule())) }
    return (code, console.text.replacing(folder.path + "/", with: ""))
  }

  @Test func showsWhatNothingNeeded() throws {
    let found = try unused(Self.log([Self.disk, Self.screen, Self.disk, Self.disk]))
    #expect(found.code == 1)
    #expect(
      found.output == """
        web1
          p.moor:5:3  file r /etc/hosts
          p.moor:7:3  capability sys_nice
        2 of 5 rules were needed by nothing in these logs
        1 leave no line when they are used, and were not asked about; the first: p.moor:9:3: pty own
        not in these logs: web2
        """)
  }

  @Test func isNotSureWhereLinesAreMissing() throws {
    let found = try unused(Self.log([Self.disk, Self.screen], from: 3))
    #expect(found.code == 1)
    #expect(found.output.contains("perhaps 2 of 5 rules were needed by nothing in these logs"))
    #expect(found.output.hasSuffix("not sure:\n  2 lines are lost\n  of the VM \"web1\" there is only one run"))
  }

  @Test func eachRuleWasNeeded() throws {
    let all = [Self.disk, Self.screen, Self.nice, Self.hosts]
    let found = try unused(Self.log(all + all))
    #expect(found.code == 0)
    #expect(found.output.hasPrefix("each of 5 rules was needed\n"))
    #expect(try unused(Self.log([Self.disk]), ["--vm", "web2"]).code == 0)
  }
}
