// SPDX-License-Identifier: Apache-2.0

import Foundation
import TPM
import Testing

@Suite(.timeLimit(.minutes(1))) struct ConnectingTests {
  private static func connectingFailure(_ tcti: String) throws -> TPMError {
    let tcti = try TCTI(tcti)
    return try failure { () throws(TPMError) in _ = try TPMConnection(tcti) }
  }

  @Test func saysWhatIsWrongWithADevice() throws {
    let error = try Self.connectingFailure("device:/nonexistent/tpm0")
    #expect(error.code == .cannotConnect)
    #expect(
      error.description == "connecting to device:/nonexistent/tpm0: /nonexistent/tpm0: No such file or directory")
    #expect(error.recovery == .reconnect)
  }

  @Test func writesNothingToAFileThatIsNoDevice() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    let content = Data("these bytes stay as they are, all of them".utf8)
    try content.write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let error = try Self.connectingFailure("device:" + file.path)
    #expect(error.code == .cannotConnect)
    #expect(error.detail == "\(file.path) is not a character device")
    #expect(try Data(contentsOf: file) == content)
  }

  @Test func aCharacterDeviceThatIsNoTPMIsAnError() throws {
    let tcti = try TCTI("device:/dev/null")
    let error = try failure { () throws(TPMError) in
      var connection = try TPMConnection(tcti, timeout: .seconds(2))
      _ = try connection.clock()
    }
    #expect([.cannotConnect, .connectionLost, .timedOut].contains(error.code))
    #expect(error.response?.layer == .tcti)
  }

  @Test(arguments: ["swtpm:path=/nonexistent/socket", "swtpm:host=127.0.0.1,port=1"])
  func aSocketWithoutListenerIsAnError(tcti: String) throws {
    let error = try Self.connectingFailure(tcti)
    #expect(error.code == .cannotConnect)
    #expect(error.response?.name == "TSS2_TCTI_RC_IO_ERROR")
    #expect(error.operation == "connecting to \(tcti)")
  }

  @Test func aTCTIThatIsNotInstalledIsAnError() throws {
    let error = try Self.connectingFailure("nosuchtcti:anything")
    #expect(error.code == .cannotConnect)
    #expect(error.response?.layer == .tcti)
  }
}
