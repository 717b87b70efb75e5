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
    let host = DoctorHost(root: tree.folder.path, tcti: tpm.tcti, pcr: pcr)
    return host.checkBanks(host.readTPM())
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

  // MARK: The firmware's log beside the PCRs

  /// The events of the fixture's log, extended by the test.
  private func boot(_ tpm: SoftwareTPM, banks: [TPMAlgorithm] = [.sha256, .sha384]) throws {
    var connection = try TPMConnection(tpm.tcti)
    for pcr in [0, 7] {
      var digests: [TPMAlgorithm: [UInt8]] = [:]
      for bank in banks { digests[bank] = [UInt8](repeating: 0xAA, count: try #require(bank.digestSize)) }
      try connection.extendPCR(pcr, with: digests)
    }
  }

  @Test func acceptsALogThatLeadsToThePCRs() throws {
    let tpm = try SoftwareTPM()
    try boot(tpm)
    let tree = try FixtureTree()
    let host = DoctorHost(root: tree.folder.path, tcti: tpm.tcti)
    #expect(
      host.checkFirmwareLog(host.readTPM())
        == .ok("firmware-log", "2 events, which lead to the values of PCR 0 to 7, none in PCR 13"))
    // What the operating system extends later is not the firmware's.
    var connection = try TPMConnection(tpm.tcti)
    _ = try connection.extendPCR(10, withEvent: [1])
    #expect(host.checkFirmwareLog(host.readTPM()).status == .ok)
  }

  @Test func namesThePCRThatTheLogDoesNotExplain() throws {
    let tpm = try SoftwareTPM()
    try boot(tpm)
    var connection = try TPMConnection(tpm.tcti)
    try connection.extendPCR(7, with: [.sha384: [UInt8](repeating: 1, count: 48)])
    let tree = try FixtureTree()
    let host = DoctorHost(root: tree.folder.path, tcti: tpm.tcti)
    #expect(
      host.checkFirmwareLog(host.readTPM())
        == .fail(
          "firmware-log", "2 events, which do not lead to sha384:7 as read from the TPM",
          "Reboot; if it stays so, the log is incomplete or was changed: look for a firmware update."))
  }

  @Test func namesTheBankThatTheLogHasNot() throws {
    let tpm = try SoftwareTPM()
    try boot(tpm)
    let tree = try FixtureTree()
    let log = FirmwareLogBuilder(banks: [(0x000B, 32)]).event(pcr: 0).event(pcr: 7).bytes
    try tree.write(log, to: "/sys/kernel/security/tpm0/binary_bios_measurements")
    let host = DoctorHost(root: tree.folder.path, tcti: tpm.tcti)
    #expect(
      host.checkFirmwareLog(host.readTPM())
        == .warn(
          "firmware-log", "2 events, but none for the bank sha384",
          "Look for a firmware update, or give that bank up: what was measured into it cannot be explained."))
  }
}
