// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import TPM
import Testing

@testable import MoorCommands

@Suite struct DoctorCommandTests {
  @Test(arguments: [
    (["--pcr", "24"], "PCR 24 is not in 0...23."), (["--pcr", "-1"], "Missing value for '--pcr <INDEX>'"),
    (["--root", "relative"], "The root \"relative\" is not an absolute path."),
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
    #expect(try DoctorCommand.parse([]).host.tcti == .device)
    #expect(try DoctorCommand.parse(["--root", "/mnt/"]).host.tcti == nil)
    #expect(try DoctorCommand.parse(["--root", "/mnt/"]).host.root == "/mnt")
    #expect(try DoctorCommand.parse(["--root", "/mnt", "--tcti", "swtpm"]).host.tcti == TCTI("swtpm"))
  }

  @Test func exitsWithOneWhenACheckFailed() throws {
    let command = try DoctorCommand.parse(["--root", "/nonexistent"])
    #expect(throws: ExitCode(1)) { try command.run() }
  }

  @Test func textAndJSONSayTheSame() throws {
    let report = DoctorReport(
      kernel: "6.1.0",
      findings: [.ok("lsm", "bpf"), .warn("lockdown", "none", "Lock it."), .fail("btf", "missing", "Build it.")])
    #expect(
      report.description == """
        moor doctor on Linux 6.1.0
        ok    lsm       bpf
        warn  lockdown  none
                        -> Lock it.
        fail  btf       missing
                        -> Build it.
        1 ok, 1 to look at, 1 failed
        """)
    let json = try DoctorCommand.json(report)
    #expect(try JSONDecoder().decode(DoctorReport.self, from: Data(json.utf8)) == report)
    #expect(json.contains("\"status\" : \"fail\""))
    #expect(report.exitCode == 1)
  }
}
