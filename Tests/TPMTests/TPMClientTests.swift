// SPDX-License-Identifier: Apache-2.0

import Foundation
import SoftwareTPM
import TPM
import Testing

/// Needs swtpm and swtpm_setup.
@Suite(.enabled(if: SoftwareTPM.isExpected, "needs the packages swtpm and swtpm-tools"), .timeLimit(.minutes(2)))
struct TPMClientTests {
  @Test func opensAtTheFirstUseOnly() async throws {
    let client = try TPMClient(TCTI.swtpm(path: "/nonexistent/socket"))
    await #expect(throws: TPMError.self) {
      try await client.withConnection { tpm throws(TPMError) in try tpm.clock() }
    }
  }

  @Test func commandsOfManyTasksDoNotMix() async throws {
    let tpm = try SoftwareTPM()
    let client = TPMClient(tpm.tcti)
    let bytes = try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<40 {
        group.addTask { try await client.withConnection { tpm throws(TPMError) in try tpm.random(count: 48) } }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(bytes.allSatisfy { $0.count == 48 })
    #expect(Set(bytes).count == 40)
  }

  @Test func nobodyElsesCommandComesBetweenThoseOfOneBody() async throws {
    let tpm = try SoftwareTPM()
    let client = TPMClient(tpm.tcti)
    let set = try #require(PCRSet(index: 16))
    let selection = PCRSelection(set, in: [.sha256])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in UInt8(0)..<20 {
        group.addTask {
          let digest = [UInt8](repeating: number, count: 32)
          let value = try await client.withConnection { tpm throws(TPMError) in
            try tpm.resetPCR(16)
            try tpm.extendPCR(16, with: [.sha256: digest])
            return try tpm.readPCRs(selection)[.sha256, 16]
          }
          #expect(try value == Replay.extend(.sha256, with: [digest]))
        }
      }
      try await group.waitForAll()
    }
  }

  @Test func aTPMThatDoesNotAnswerHoldsUpNoOtherTask() async throws {
    let tpm = try SoftwareTPM()
    let clients = (0..<8).map { _ in TPMClient(tpm.tcti) }
    for client in clients {
      _ = try await client.withConnection { tpm throws(TPMError) in try tpm.random(count: 1) }
    }
    let begin = ContinuousClock.now
    tpm.stop()
    tpm.resume(after: 20)
    let waiting = clients.map { client in
      Task { try await client.withConnection { tpm throws(TPMError) in try tpm.random(count: 1) }.count }
    }
    // More clients than the pool has threads are stuck in the TSS by now; the pool must still run this.
    try await Task.sleep(for: .milliseconds(200))
    let others = await withTaskGroup(of: Int.self) { group in
      for number in 0..<64 { group.addTask { number } }
      return await group.reduce(0, +)
    }
    #expect(others == 2016)
    #expect(ContinuousClock.now - begin < .seconds(15), "the pool waited for the TPM")
    tpm.resume(after: 0)
    for task in waiting { #expect(try await task.value == 1) }
  }

  @Test func opensAnewAfterTheConnectionWasLost() async throws {
    let tpm = try SoftwareTPM()
    let client = TPMClient(tpm.tcti)
    _ = try await client.withConnection { tpm throws(TPMError) in try tpm.random(count: 1) }
    tpm.kill()
    await #expect(throws: TPMError.self) {
      try await client.withConnection { tpm throws(TPMError) in try tpm.random(count: 1) }
    }
    try tpm.start()
    #expect(try await client.withConnection { tpm throws(TPMError) in try tpm.random(count: 1) }.count == 1)
  }

  @Test func keepsTheConnectionAfterAnErrorOfTheTPM() async throws {
    let tpm = try SoftwareTPM()
    let client = TPMClient(tpm.tcti)
    await #expect(throws: TPMError.self) {
      try await client.withConnection { tpm throws(TPMError) in try tpm.resetPCR(0) }
    }
    #expect(try await client.withConnection { tpm throws(TPMError) in try tpm.random(count: 1) }.count == 1)
  }
}
