// SPDX-License-Identifier: Apache-2.0

import TPM
import Testing

@Suite struct ResponseCodeTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let code: UInt32
    let layer: ResponseCode.Layer
    let name: String
    let subject: ResponseCode.Subject?
    let recovery: ResponseCode.Recovery
    var testDescription: String { "0x" + String(code, radix: 16) }

    init(
      _ code: UInt32, _ layer: ResponseCode.Layer, _ name: String, _ subject: ResponseCode.Subject? = nil,
      _ recovery: ResponseCode.Recovery = .none
    ) {
      self.code = code
      self.layer = layer
      self.name = name
      self.subject = subject
      self.recovery = recovery
    }
  }

  /// TPM 2.0 Library Part 2, section 6.6, tables 13 to 16; software layers from TSS 2.0 Common Structures, section 2.4.
  static let rows: [Row] = [
    // Format 0, errors.
    Row(0x01E, .tpm, "TPM_RC_BAD_TAG"),
    Row(0x100, .tpm, "TPM_RC_INITIALIZE"),
    Row(0x101, .tpm, "TPM_RC_FAILURE"),
    Row(0x103, .tpm, "TPM_RC_SEQUENCE"),
    Row(0x120, .tpm, "TPM_RC_DISABLED"),
    Row(0x121, .tpm, "TPM_RC_EXCLUSIVE"),
    Row(0x124, .tpm, "TPM_RC_AUTH_TYPE"),
    Row(0x125, .tpm, "TPM_RC_AUTH_MISSING"),
    Row(0x126, .tpm, "TPM_RC_POLICY"),
    Row(0x127, .tpm, "TPM_RC_PCR"),
    Row(0x128, .tpm, "TPM_RC_PCR_CHANGED", nil, .restartSession),
    Row(0x12E, .tpm, "TPM_RC_TOO_MANY_CONTEXTS", nil, .freeResources),
    Row(0x12F, .tpm, "TPM_RC_AUTH_UNAVAILABLE"),
    Row(0x130, .tpm, "TPM_RC_REBOOT"),
    Row(0x143, .tpm, "TPM_RC_COMMAND_CODE"),
    Row(0x144, .tpm, "TPM_RC_AUTHSIZE"),
    Row(0x148, .tpm, "TPM_RC_NV_LOCKED"),
    Row(0x149, .tpm, "TPM_RC_NV_AUTHORIZATION"),
    Row(0x14A, .tpm, "TPM_RC_NV_UNINITIALIZED"),
    Row(0x14C, .tpm, "TPM_RC_NV_DEFINED"),
    Row(0x152, .tpm, "TPM_RC_PARENT"),
    Row(0x155, .tpm, "TPM_RC_SENSITIVE"),
    // Format 0, warnings.
    Row(0x901, .tpm, "TPM_RC_CONTEXT_GAP", nil, .freeResources),
    Row(0x902, .tpm, "TPM_RC_OBJECT_MEMORY", nil, .freeResources),
    Row(0x903, .tpm, "TPM_RC_SESSION_MEMORY", nil, .freeResources),
    Row(0x906, .tpm, "TPM_RC_OBJECT_HANDLES"),
    Row(0x907, .tpm, "TPM_RC_LOCALITY"),
    Row(0x908, .tpm, "TPM_RC_YIELDED", nil, .resubmit),
    Row(0x909, .tpm, "TPM_RC_CANCELED", nil, .resubmit),
    Row(0x90A, .tpm, "TPM_RC_TESTING", nil, .resubmit),
    Row(0x910, .tpm, "TPM_RC_REFERENCE_H0"),
    Row(0x916, .tpm, "TPM_RC_REFERENCE_H6"),
    Row(0x918, .tpm, "TPM_RC_REFERENCE_S0"),
    Row(0x91E, .tpm, "TPM_RC_REFERENCE_S6"),
    Row(0x920, .tpm, "TPM_RC_NV_RATE", nil, .resubmit),
    Row(0x921, .tpm, "TPM_RC_LOCKOUT", nil, .waitForLockout),
    Row(0x922, .tpm, "TPM_RC_RETRY", nil, .resubmit),
    Row(0x923, .tpm, "TPM_RC_NV_UNAVAILABLE", nil, .resubmit),
    // Format 1: parameter bit 6, then handle or session by bit 11.
    Row(0x081, .tpm, "TPM_RC_ASYMMETRIC"),
    Row(0x0C4, .tpm, "TPM_RC_VALUE"),
    Row(0x184, .tpm, "TPM_RC_VALUE", .handle(1)),
    Row(0x784, .tpm, "TPM_RC_VALUE", .handle(7)),
    Row(0x1C4, .tpm, "TPM_RC_VALUE", .parameter(1)),
    Row(0x2C3, .tpm, "TPM_RC_HASH", .parameter(2)),
    Row(0x8D5, .tpm, "TPM_RC_SIZE", .parameter(8)),
    Row(0xFC1, .tpm, "TPM_RC_ASYMMETRIC", .parameter(15)),
    Row(0x18B, .tpm, "TPM_RC_HANDLE", .handle(1)),
    Row(0x88E, .tpm, "TPM_RC_AUTH_FAIL"),
    Row(0x98E, .tpm, "TPM_RC_AUTH_FAIL", .session(1)),
    Row(0xF8F, .tpm, "TPM_RC_NONCE", .session(7)),
    Row(0x99D, .tpm, "TPM_RC_POLICY_FAIL", .session(1)),
    Row(0x9A2, .tpm, "TPM_RC_BAD_AUTH", .session(1)),
    Row(0x9A3, .tpm, "TPM_RC_EXPIRED", .session(1)),
    Row(0x2DB, .tpm, "TPM_RC_SIGNATURE", .parameter(2)),
    Row(0x1DF, .tpm, "TPM_RC_INTEGRITY", .parameter(1)),
    Row(0x2E7, .tpm, "TPM_RC_ECC_POINT", .parameter(2)),
    // Codes that no table has.
    Row(0x17F, .tpm, "unknown code 0x17f"),
    Row(0x0BF, .tpm, "unknown code 0x0bf"),
    Row(0x501, .tpm, "vendor code 0x501"),
    Row(0xD01, .tpm, "vendor code 0xd01"),
    Row(0x001, .tpm, "unknown code 0x001"),
    // The software above the TPM.
    Row(0x6_0031, .feature, "TSS2_FAPI_RC_0x031"),
    Row(0x7_0018, .esys, "TSS2_ESYS_RC_BAD_TR"),
    Row(0x7_001B, .esys, "TSS2_ESYS_RC_RSP_AUTH_FAILED"),
    Row(0x7_0007, .esys, "TSS2_ESYS_RC_BAD_SEQUENCE"),
    Row(0x8_0011, .sys, "TSS2_SYS_RC_MALFORMED_RESPONSE"),
    Row(0x9_0006, .marshalling, "TSS2_MU_RC_INSUFFICIENT_BUFFER"),
    Row(0xA_000A, .tcti, "TSS2_TCTI_RC_IO_ERROR", nil, .reconnect),
    Row(0xA_0008, .tcti, "TSS2_TCTI_RC_NO_CONNECTION", nil, .reconnect),
    Row(0xA_0009, .tcti, "TSS2_TCTI_RC_TRY_AGAIN", nil, .resubmit),
    Row(0xA_000B, .tcti, "TSS2_TCTI_RC_BAD_VALUE"),
    Row(0xB_0001, .resourceManager, "TSS2_RESMGR_RC_GENERAL_FAILURE"),
    // Linux puts a code in the TPM's format into layer 11.
    Row(0xB_0143, .resourceManagerTPM, "TPM_RC_COMMAND_CODE"),
    Row(0xC_0143, .resourceManagerTPM, "TPM_RC_COMMAND_CODE"),
    Row(0xC_0902, .resourceManagerTPM, "TPM_RC_OBJECT_MEMORY", nil, .freeResources),
    Row(0xC_01C4, .resourceManagerTPM, "TPM_RC_VALUE", .parameter(1)),
    Row(0x2A_000A, .other(0x2A), "layer 42 IO_ERROR", nil, .reconnect),
    Row(0xA_F801, .tcti, "TSS2_TCTI_RC_0xf801"),
  ]

  @Test(arguments: rows) func decodesLayerNameSubjectAndRecovery(row: Row) {
    let code = ResponseCode(rawValue: row.code)
    #expect(code.layer == row.layer)
    #expect(code.name == row.name)
    #expect(code.subject == row.subject)
    #expect(code.recovery == row.recovery)
  }

  @Test(arguments: [(0x922, true), (0x907, true), (0x128, false), (0x98E, false), (0xA_0922, false), (0xC_0922, true)])
  func tellsWarningsFromErrors(code: UInt32, isWarning: Bool) {
    #expect(ResponseCode(rawValue: code).isWarning == isWarning)
  }

  @Test func describesEverythingInOneLine() {
    #expect(
      ResponseCode(rawValue: 0x2C3).description
        == "TPM_RC_HASH (0x2c3 from TPM, parameter 2): hash algorithm not supported, or the wrong one")
    #expect(
      ResponseCode(rawValue: 0xA_000A).description
        == "TSS2_TCTI_RC_IO_ERROR (0xa000a from TCTI): input or output failed")
    #expect(ResponseCode(rawValue: 0x501).description == "vendor code 0x501 (0x501 from TPM)")
  }

  @Test func decodesEveryCodeWithoutTrapping() {
    let nameless = [UInt32(0), 10, 11, 0xFF].flatMap { layer in
      (UInt32(0)...0xFFF).filter { ResponseCode(rawValue: layer << 16 | $0).name.isEmpty }
    }
    #expect(nameless.isEmpty)
  }
}
