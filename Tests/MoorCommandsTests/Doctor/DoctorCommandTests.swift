// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import TPM
import Testing

@testable import MoorCommands

@Suite struct DoctorCommandTests {
  @Test(arguments: [
    (["--pcr", "24"], "PCR 24 cannot be used: expected 0 to 15, but not 10 (IMA's); 16 and above can be reset"),
    (["--pcr", "10"], "PCR 10 cannot be used: expected 0 to 15, but not 10 (IMA's); 16 and above can be reset"),
    (["--root", "relative"], "\"relative\" is not an absolute path"),
    (["--module", "moor.ko"], "\"moor.ko\" is not an absolute path"),
    (["--programs", ""], "\"\" is not an absolute path"),
    (["--tcti", "device:tpm0"], "TCTI string: \"tpm0\" is not an absolute path of a device"),
    (["--bogus"], "Unknown option '--bogus'"), (["surplus"], "Unexpected argument 'surplus'"),
  ])
  func refusesWrongUsageWithCode64(arguments: [String], message: String) {
    do {
      _ = try DoctorCommand.parse(arguments)
      Issue.record("parsed \(arguments)")
    } catch {
      #expect(DoctorCommand.message(for: error).hasPrefix(message))
      #expect(DoctorCommand.exitCode(for: error) == .validationFailure)
    }
  }

  @Test func asksTheTPMOfThisHostOnly() throws {
    #expect(try DoctorCommand.parse([]).host().tcti == .device)
    #expect(try DoctorCommand.parse(["--root", "/mnt//"]).host().tcti == nil)
    #expect(try DoctorCommand.parse(["--root", "/mnt//"]).host().root == "/mnt")
    #expect(try DoctorCommand.parse(["--root", "//"]).host().root == "/")
    #expect(try DoctorCommand.parse(["--root", "/mnt", "--tcti", "swtpm"]).host().tcti == TCTI("swtpm"))
  }

  /// Keeps what is written.
  private final class Page: Console {
    var lines: [String] = []
    let isTerminal = false
    func write(_ line: String) { lines.append(line) }
    func note(_ line: String) { Issue.record("a note: \(line)") }
    func ask(_ question: String) -> Bool? { nil }
  }

  @Test func writesTheReportAndExitsWithOneWhenACheckFailed() throws {
    let page = Page()
    var context = CommandContext()
    context.console = page
    #expect(throws: ExitCode(1)) { try DoctorCommand.parse(["--root", "/nonexistent"]).run(context) }
    #expect(page.lines.count == 1)
    #expect(page.lines.first?.hasPrefix("moor doctor on Linux (unknown release)\nfail  permissions") == true)
  }

  @Test func aGoodHostExitsWithSuccess() throws {
    let tree = try FixtureTree()
    let page = Page()
    var context = CommandContext()
    context.console = page
    context.isJSON = true
    try DoctorCommand.parse(["--root", tree.folder.path]).run(context)
    let report = try JSONDecoder().decode(DoctorReport.self, from: Data(try #require(page.lines.first).utf8))
    #expect(report == DoctorHost(root: tree.folder.path).examine())
  }

  private static let report = DoctorReport(
    kernel: "6.1.0",
    findings: [.ok("lsm", "bpf"), .warn("lockdown", "none", "Lock it."), .fail("btf", "missing", "Build it.")])

  @Test func textHasALineForEachCheckAndOneForEachAdvice() {
    #expect(
      Self.report.text(Style(isColoured: false)) == """
        moor doctor on Linux 6.1.0
        ok    lsm       bpf
        warn  lockdown  none
                        -> Lock it.
        fail  btf       missing
                        -> Build it.
        1 ok, 1 to look at, 1 failed
        """)
    #expect(Self.report.text(Style(isColoured: true)).contains("\u{1B}[31mfail\u{1B}[0m  btf"))
  }
}
