// SPDX-License-Identifier: Apache-2.0

import Foundation
import SoftwareTPM
import TPM
import Testing

/// Needs swtpm and swtpm_setup.
@Suite(.enabled(if: SoftwareTPM.isExpected, "needs the packages swtpm and swtpm-tools"), .timeLimit(.minutes(2)))
struct TPMConnectionTests {
  static let banks: [TPMAlgorithm] = [.sha256, .sha384]

  @Test func valuesAfterExtendsEqualTheReplayInEveryBank() throws {
    let tpm = try SoftwareTPM()
    var connection = try TPMConnection(tpm.tcti)
    var extended: [TPMAlgorithm: [[UInt8]]] = [:]
    for message in ["first", "second", "third"] {
      var digests: [TPMAlgorithm: [UInt8]] = [:]
      for bank in Self.banks {
        // Each bank has a value of its own, so that a mix-up of banks shows.
        digests[bank] = try Replay.digest(bank, Array((message + bank.name).utf8))
        extended[bank, default: []].append(digests[bank] ?? [])
      }
      try connection.extendPCR(13, with: digests)
    }
    let set = try #require(PCRSet(indices: [13]))
    let values = try connection.readPCRs(PCRSelection(set, in: Self.banks))
    #expect(values.banks == Self.banks)
    for bank in Self.banks {
      #expect(try values[bank, 13] == Replay.extend(bank, with: extended[bank] ?? []))
    }
  }

  @Test func reachesATPMByTCPAndByTheNameOfALibrary() throws {
    let network = try SoftwareTPM.onFreePorts()
    var connection = try TPMConnection(network.tcti)
    #expect(try connection.random(count: 8).count == 8)

    let tpm = try SoftwareTPM()
    let path = tpm.tcti.configuration.dropFirst("swtpm:path=".count)
    var named = try TPMConnection(TCTI("libtss2-tcti-swtpm.so.0:path=\(path)"))
    #expect(try named.random(count: 8).count == 8)
  }

  @Test func readsEveryPCROfEveryBankThoughOneCommandGivesEight() throws {
    let tpm = try SoftwareTPM()
    var connection = try TPMConnection(tpm.tcti)
    for pcr in 0..<16 {
      try connection.extendPCR(pcr, with: [.sha384: Replay.digest(.sha384, [UInt8(pcr)])])
    }
    let values = try connection.readPCRs(PCRSelection(.platform, in: Self.banks))
    for pcr in 0..<16 {
      #expect(try values[.sha384, pcr] == Replay.extend(.sha384, with: [Replay.digest(.sha384, [UInt8(pcr)])]))
      #expect(values[.sha256, pcr] == [UInt8](repeating: 0, count: 32))
    }
    // PCR 17 to 22 begin with all ones (PC Client Platform TPM Profile, section 4.6.1).
    #expect(values[.sha256, 17] == [UInt8](repeating: 0xFF, count: 32))
    #expect(values[.sha384, 23] == [UInt8](repeating: 0, count: 48))
    #expect(values[.sha384, 24] == nil)
    #expect(values[.sha512, 0] == nil)
  }

  @Test func eventIsHashedByTheTPMForEachBank() throws {
    let tpm = try SoftwareTPM()
    var connection = try TPMConnection(tpm.tcti)
    for event in [[], Array("an event".utf8), [UInt8](repeating: 7, count: 1024)] {
      let before = try connection.readPCRs(PCRSelection(.platform, in: Self.banks))
      let digests = try connection.extendPCR(8, withEvent: event)
      let after = try connection.readPCRs(PCRSelection(.platform, in: Self.banks))
      for bank in Self.banks {
        let digest = try Replay.digest(bank, event)
        #expect(digests[bank] == digest)
        #expect(try after[bank, 8] == Replay.digest(bank, #require(before[bank, 8]) + digest))
      }
      #expect(after.updateCounter > before.updateCounter)
    }
  }

  @Test func resetsThePCRsOfUserSpaceOnly() throws {
    let tpm = try SoftwareTPM()
    var connection = try TPMConnection(tpm.tcti)
    let set = try #require(PCRSet(index: 23))
    try connection.extendPCR(23, with: [.sha256: [UInt8](repeating: 1, count: 32)])
    try connection.resetPCR(23)
    let values = try connection.readPCRs(PCRSelection(set, in: [.sha256]))
    #expect(values[.sha256, 23] == [UInt8](repeating: 0, count: 32))
    let error = try failure { () throws(TPMError) in try connection.resetPCR(13) }
    #expect(error.response?.name == "TPM_RC_LOCALITY")
  }

  @Test func tellsWhoItIs() throws {
    let tpm = try SoftwareTPM()
    var connection = try TPMConnection(tpm.tcti)
    let properties = try connection.properties()
    #expect(properties.manufacturer == "IBM")
    #expect(properties.vendor.hasPrefix("SW"))
    #expect(properties.family == "2.0")
    #expect(try #require(properties.revision) >= 138)
    #expect(properties.firmwareVersion.count == 2)
    #expect(!properties.isInLockout)
    #expect(properties[0x112] == 24, "TPM_PT_PCR_COUNT")
    #expect(properties[0x20F] != nil, "TPM_PT_MAX_AUTH_FAIL, of the variable group")
    let algorithms = try connection.algorithms()
    #expect(algorithms == algorithms.sorted())
    #expect(Set([.sha1, .sha256, .sha384, .sha512]).isSubset(of: algorithms))
    #expect(!algorithms.contains(.sm3_256))
  }

  @Test func listsAllocatedBanksOnly() throws {
    let tpm = try SoftwareTPM(banks: "sha384")
    var connection = try TPMConnection(tpm.tcti)
    #expect(try connection.allocatedPCRs() == PCRSelection(.platform, in: [.sha384]))
  }

  @Test func countsBootsAndTime() throws {
    let tpm = try SoftwareTPM()
    var connection = try TPMConnection(tpm.tcti)
    let first = try connection.clock()
    usleep(20_000)
    let second = try connection.clock()
    #expect(second.clock > first.clock)
    #expect(second.time > first.time)
    #expect(second.resetCount == first.resetCount)
    #expect(second.restartCount == first.restartCount)
  }

  @Test(arguments: [0, 1, 32, 33, 1000]) func givesAsManyRandomBytesAsAskedFor(count: Int) throws {
    let tpm = try SoftwareTPM()
    var connection = try TPMConnection(tpm.tcti)
    let first = try connection.random(count: count)
    #expect(first.count == count)
    if count >= 32 {
      #expect(try connection.random(count: count) != first)
    }
  }

  // MARK: What is refused

  @Test func namesTheBankThatIsAbsent() throws {
    let tpm = try SoftwareTPM()
    var connection = try TPMConnection(tpm.tcti)
    let unknown = TPMAlgorithm(rawValue: 0xABC)
    for bank in [TPMAlgorithm.sha512, .sha1, .sm3_256, unknown] {
      let error = try failure { () throws(TPMError) in
        try connection.readPCRs(PCRSelection(.platform, in: [.sha256, bank]))
      }
      #expect(error.code == .bankAbsent)
      #expect(error.description == "TPM2_PCR_Read: the TPM has no \(bank) bank; it has sha256, sha384")
    }
    let digest = [UInt8](repeating: 0, count: 64)
    let error = try failure { () throws(TPMError) in try connection.extendPCR(13, with: [.sha512: digest]) }
    #expect(error.code == .bankAbsent)
    #expect(error.operation == "TPM2_PCR_Extend")
  }

  @Test func namesThePCRThatIsAbsent() throws {
    let tpm = try SoftwareTPM()
    var connection = try TPMConnection(tpm.tcti)
    let set = try #require(PCRSet(indices: [23, 24, 31]))
    let error = try failure { () throws(TPMError) in try connection.readPCRs(PCRSelection(set, in: [.sha256])) }
    #expect(error.code == .pcrAbsent)
    #expect(error.description == "TPM2_PCR_Read: the TPM's sha256 bank has no PCR 24,31")
  }

  @Test func refusesArgumentsBeforeAnythingIsSent() throws {
    let tpm = try SoftwareTPM()
    var connection = try TPMConnection(tpm.tcti)
    tpm.kill()
    let good = [UInt8](repeating: 0, count: 32)
    let errors = [
      try failure { () throws(TPMError) in try connection.readPCRs(PCRSelection()) },
      try failure { () throws(TPMError) in try connection.extendPCR(13, with: [:]) },
      try failure { () throws(TPMError) in try connection.extendPCR(-1, with: [.sha256: good]) },
      try failure { () throws(TPMError) in try connection.extendPCR(32, with: [.sha256: good]) },
      try failure { () throws(TPMError) in try connection.extendPCR(13, with: [.sha256: good + [0]]) },
      try failure { () throws(TPMError) in try connection.extendPCR(13, with: [.sha256: []]) },
      try failure { () throws(TPMError) in try connection.extendPCR(13, with: [.sha384: good]) },
      try failure { () throws(TPMError) in try connection.extendPCR(13, with: [TPMAlgorithm(rawValue: 1): good]) },
      try failure { () throws(TPMError) in
        try connection.extendPCR(13, withEvent: [UInt8](repeating: 0, count: 1025))
      },
      try failure { () throws(TPMError) in try connection.extendPCR(32, withEvent: []) },
      try failure { () throws(TPMError) in try connection.resetPCR(-1) },
      try failure { () throws(TPMError) in try connection.random(count: -1) },
      try failure { () throws(TPMError) in try connection.random(count: 65537) },
    ]
    #expect(errors.map(\.code) == [TPMError.Code](repeating: .invalidArgument, count: errors.count))
    #expect(errors[6].description == "TPM2_PCR_Extend: a sha384 digest has 48 bytes, not 32")
  }

  @Test func reportsTheLocalityThatIsMissing() throws {
    let tpm = try SoftwareTPM()
    var connection = try TPMConnection(tpm.tcti)
    let digest = [UInt8](repeating: 1, count: 32)
    let error = try failure { () throws(TPMError) in try connection.extendPCR(17, with: [.sha256: digest]) }
    #expect(error.code == .response)
    #expect(error.response == ResponseCode(rawValue: 0x907))
    #expect(error.description == "TPM2_PCR_Extend: TPM_RC_LOCALITY (0x907 from TPM): not allowed at this locality")
    #expect(error.recovery == .none)
    // The TPM answered, so the connection goes on.
    try connection.extendPCR(16, with: [.sha256: digest])
  }

  // MARK: A TPM that goes away

  @Test func aKilledTPMEndsTheConnectionWithoutHanging() throws {
    let tpm = try SoftwareTPM()
    var connection = try TPMConnection(tpm.tcti)
    _ = try connection.random(count: 1)
    tpm.kill()
    let first = try failure { () throws(TPMError) in try connection.random(count: 1) }
    #expect(first.code == .connectionLost)
    #expect(first.operation == "TPM2_GetRandom")
    #expect(first.detail.hasPrefix("the connection broke: TSS2_TCTI_RC_IO_ERROR"))
    #expect(first.recovery == .reconnect)
    let second = try failure { () throws(TPMError) in try connection.clock() }
    #expect(second.code == .connectionLost)
    #expect(second.operation == "TPM2_ReadClock")
    #expect(second.detail == "the connection is closed since \(first)")
  }

  @Test func aTPMKilledInTheMiddleOfACommandEndsIt() throws {
    let tpm = try SoftwareTPM()
    var connection = try TPMConnection(tpm.tcti)
    _ = try connection.random(count: 1)
    tpm.stop()
    tpm.kill(after: 0.2)
    let error = try failure { () throws(TPMError) in try connection.random(count: 1) }
    #expect(error.code == .connectionLost)
    #expect(error.response?.layer == .tcti)
  }
}
