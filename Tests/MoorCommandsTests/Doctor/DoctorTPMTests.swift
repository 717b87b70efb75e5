// SPDX-License-Identifier: Apache-2.0

import Foundation
import SoftwareTPM
import TPM
import Testing

@testable import MoorCommands

/// Needs swtpm and swtpm_setup.
@Suite(.enabled(if: SoftwareTPM.isExpected, "needs the packages swtpm and swtpm-tools"), .timeLimit(.minutes(1)))
struct DoctorTPMTests {
  private func finding(
    _ tpm: SoftwareTPM, pcr: Int = 13, loaded: Bool = false
  ) throws -> DoctorFinding {
    let tree = try FixtureTree()
    if !loaded { try tree.write(nil, to: "/sys/kernel/moor") }
    return DoctorHost(root: tree.folder.path, tcti: tpm.tcti, pcr: pcr).checkBanks()
  }

  @Test func acceptsBanksThatTheKernelCanExtend() throws {
    let found = try finding(SoftwareTPM(banks: "sha256,sha384"))
    #expect(found.status == .ok)
    #expect(found.found.hasPrefix("sha256, sha384, PCR 13 in each; IBM"))
  }

  @Test func refusesATPMWithSHA1Alone() throws {
    #expect(
      try finding(SoftwareTPM(banks: "sha1"))
        == .fail(
          "tpm-banks", "sha1 alone, whose collisions can be computed",
          "Have a sha256 bank. Allocate them in the firmware, or with tpm2_pcrallocate, and reboot."))
  }

  @Test func warnsWhenSomethingElseExtendedThePCR() throws {
    let tpm = try SoftwareTPM()
    var connection = try TPMConnection(tpm.tcti)
    _ = try connection.extendPCR(13, withEvent: [1])
    #expect(
      try finding(tpm)
        == .warn(
          "tpm-banks", "sha256, sha384; PCR 13 is not zero though moor is not loaded",
          "Find out what extends PCR 13, or reboot before loading: nothing can be sealed to it like that."))
    #expect(try finding(tpm, pcr: 12).status == .ok)
    #expect(try finding(tpm, loaded: true).status == .ok)
  }

  @Test func namesThePCRThatIsInNoBank() throws {
    #expect(
      try finding(SoftwareTPM(), pcr: 30)
        == .fail(
          "tpm-banks", "no PCR 30 in the bank sha256, sha384",
          "Allocate them in the firmware, or with tpm2_pcrallocate, and reboot."))
  }

  @Test func aTPMThatIsGoneIsAFinding() throws {
    let tpm = try SoftwareTPM()
    tpm.kill()
    let found = try finding(tpm)
    #expect(found.status == .fail)
    #expect(found.found.hasPrefix("connecting to swtpm:path="))
  }
}
