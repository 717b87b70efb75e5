// SPDX-License-Identifier: Apache-2.0

/// The names of response codes, with a short meaning and what can be done.
enum ResponseCodeNames {
  struct Entry {
    let name: String
    let meaning: String
    let recovery: ResponseCode.Recovery

    init(_ name: String, _ meaning: String, _ recovery: ResponseCode.Recovery = .none) {
      self.name = name
      self.meaning = meaning
      self.recovery = recovery
    }
  }

  /// TPM_RC without the prefix, keyed by the code without subject (TPM 2.0 Library Part 2, section 6.6.3, table 16).
  static let tpm: [UInt32: Entry] = versionOne.merging(formatOne) { first, _ in first }
    .merging(warnings) { first, _ in first }

  /// Format 0 errors, RC_VER1 = 0x100.
  private static let versionOne: [UInt32: Entry] = [
    0x01E: Entry("BAD_TAG", "the command's tag is not one of TPM 2.0"),
    0x100: Entry("INITIALIZE", "the TPM awaits TPM2_Startup, or has had it already"),
    0x101: Entry("FAILURE", "the TPM is in failure mode"),
    0x103: Entry("SEQUENCE", "a sequence handle was used wrongly"),
    0x10B: Entry("PRIVATE", "the private area is not usable"),
    0x119: Entry("HMAC", "the HMAC is not usable"),
    0x120: Entry("DISABLED", "the command is disabled"),
    0x121: Entry("EXCLUSIVE", "the audit session is no longer exclusive"),
    0x124: Entry("AUTH_TYPE", "the handle cannot be authorised in that way"),
    0x125: Entry("AUTH_MISSING", "a handle needs an authorisation that was not sent"),
    0x126: Entry("POLICY", "the policy is not usable"),
    0x127: Entry("PCR", "the PCRs are not as required"),
    0x128: Entry("PCR_CHANGED", "a PCR changed after the session's PolicyPCR", .restartSession),
    0x12D: Entry("UPGRADE", "the TPM is in, or is not in, field-upgrade mode"),
    0x12E: Entry("TOO_MANY_CONTEXTS", "the counter of saved contexts is at its end", .freeResources),
    0x12F: Entry("AUTH_UNAVAILABLE", "the entity has no auth value or policy that is usable here"),
    0x130: Entry("REBOOT", "the TPM needs a reset before it goes on"),
    0x131: Entry("UNBALANCED", "hash and symmetric algorithm differ too much in strength"),
    0x142: Entry("COMMAND_SIZE", "the command's size field does not match its bytes"),
    0x143: Entry("COMMAND_CODE", "the command is not supported"),
    0x144: Entry("AUTHSIZE", "the size of the authorisation area is wrong"),
    0x145: Entry("AUTH_CONTEXT", "the command takes no authorisation session"),
    0x146: Entry("NV_RANGE", "beyond the end of the NV index"),
    0x147: Entry("NV_SIZE", "the NV index would be too large"),
    0x148: Entry("NV_LOCKED", "the NV index is locked"),
    0x149: Entry("NV_AUTHORIZATION", "the NV index does not allow this access"),
    0x14A: Entry("NV_UNINITIALIZED", "the NV index has never been written"),
    0x14B: Entry("NV_SPACE", "no room for the NV index"),
    0x14C: Entry("NV_DEFINED", "the NV index or persistent object is there already"),
    0x150: Entry("BAD_CONTEXT", "the saved context is not valid"),
    0x151: Entry("CPHASH", "the policy is bound to another command"),
    0x152: Entry("PARENT", "the handle is not that of a parent key"),
    0x153: Entry("NEEDS_TEST", "a function has not been tested yet"),
    0x154: Entry("NO_RESULT", "the TPM could not do it and does not say why"),
    0x155: Entry("SENSITIVE", "the decrypted sensitive area is not readable"),
  ]

  /// Format 1 errors, RC_FMT1 = 0x080.
  private static let formatOne: [UInt32: Entry] = [
    0x081: Entry("ASYMMETRIC", "asymmetric algorithm not supported, or the wrong one"),
    0x082: Entry("ATTRIBUTES", "the attributes contradict each other or the use"),
    0x083: Entry("HASH", "hash algorithm not supported, or the wrong one"),
    0x084: Entry("VALUE", "value out of range or wrong here"),
    0x085: Entry("HIERARCHY", "the hierarchy is disabled, or the wrong one"),
    0x087: Entry("KEY_SIZE", "key size not supported"),
    0x088: Entry("MGF", "mask generation function not supported"),
    0x089: Entry("MODE", "mode of operation not supported"),
    0x08A: Entry("TYPE", "a value of this type is not usable here"),
    0x08B: Entry("HANDLE", "the handle is not usable here"),
    0x08C: Entry("KDF", "key derivation function not supported, or the wrong one"),
    0x08D: Entry("RANGE", "value out of the allowed range"),
    0x08E: Entry("AUTH_FAIL", "wrong authorisation; the attempt was counted"),
    0x08F: Entry("NONCE", "the nonce has a wrong size or value"),
    0x090: Entry("PP", "physical presence is required"),
    0x092: Entry("SCHEME", "scheme not supported, or the wrong one"),
    0x095: Entry("SIZE", "the structure has a wrong size"),
    0x096: Entry("SYMMETRIC", "symmetric algorithm or key size not supported, or the wrong one"),
    0x097: Entry("TAG", "wrong structure tag"),
    0x098: Entry("SELECTOR", "wrong union selector"),
    0x09A: Entry("INSUFFICIENT", "the command ends too early"),
    0x09B: Entry("SIGNATURE", "the signature is not valid"),
    0x09C: Entry("KEY", "the key does not fit the use"),
    0x09D: Entry("POLICY_FAIL", "the policy is not fulfilled"),
    0x09F: Entry("INTEGRITY", "the integrity check failed"),
    0x0A0: Entry("TICKET", "the ticket is not valid"),
    0x0A1: Entry("RESERVED_BITS", "reserved bits are set"),
    0x0A2: Entry("BAD_AUTH", "wrong authorisation; the attempt was not counted"),
    0x0A3: Entry("EXPIRED", "the policy has expired"),
    0x0A4: Entry("POLICY_CC", "the policy is for another command"),
    0x0A5: Entry("BINDING", "public and sensitive part do not belong together"),
    0x0A6: Entry("CURVE", "curve not supported"),
    0x0A7: Entry("ECC_POINT", "the point is not on the curve"),
  ]

  /// Format 0 warnings, RC_WARN = 0x900.
  private static let warnings: [UInt32: Entry] = {
    var table: [UInt32: Entry] = [
      0x901: Entry("CONTEXT_GAP", "a saved session is too old", .freeResources),
      0x902: Entry("OBJECT_MEMORY", "no memory for another object", .freeResources),
      0x903: Entry("SESSION_MEMORY", "no memory for another session", .freeResources),
      0x904: Entry("MEMORY", "not enough memory", .freeResources),
      0x905: Entry("SESSION_HANDLES", "no session handle is left", .freeResources),
      0x906: Entry("OBJECT_HANDLES", "no object handle is left until a reset"),
      0x907: Entry("LOCALITY", "not allowed at this locality"),
      0x908: Entry("YIELDED", "the TPM paused the command", .resubmit),
      0x909: Entry("CANCELED", "the command was cancelled", .resubmit),
      0x90A: Entry("TESTING", "the TPM is testing itself", .resubmit),
      0x920: Entry("NV_RATE", "NV is written too often", .resubmit),
      0x921: Entry("LOCKOUT", "the TPM is in dictionary-attack lockout", .waitForLockout),
      0x922: Entry("RETRY", "the TPM could not begin the command", .resubmit),
      0x923: Entry("NV_UNAVAILABLE", "NV cannot be reached now", .resubmit),
      0x97F: Entry("NOT_USED", "a code that no TPM should send"),
    ]
    for number in UInt32(0)...6 {
      table[0x910 + number] = Entry("REFERENCE_H\(number)", "handle \(number + 1) names something that is not loaded")
      table[0x918 + number] = Entry("REFERENCE_S\(number)", "session \(number + 1) is not loaded")
    }
    return table
  }()

  /// TSS2_BASE_RC without the prefix, the same in every software layer (TCG TSS 2.0 Overview and Common Structures,
  /// section 2.4.1).
  static let software: [UInt32: Entry] = [
    1: Entry("GENERAL_FAILURE", "failed without a further reason"),
    2: Entry("NOT_IMPLEMENTED", "not implemented"),
    3: Entry("BAD_CONTEXT", "the context is not valid"),
    4: Entry("ABI_MISMATCH", "the libraries' versions do not fit each other"),
    5: Entry("BAD_REFERENCE", "a pointer is missing"),
    6: Entry("INSUFFICIENT_BUFFER", "the buffer is too small"),
    7: Entry("BAD_SEQUENCE", "called in the wrong order"),
    8: Entry("NO_CONNECTION", "no connection to the layer below", .reconnect),
    9: Entry("TRY_AGAIN", "no answer yet", .resubmit),
    10: Entry("IO_ERROR", "input or output failed", .reconnect),
    11: Entry("BAD_VALUE", "a parameter has a wrong value"),
    12: Entry("NOT_PERMITTED", "not permitted"),
    13: Entry("INVALID_SESSIONS", "the sessions do not fit the command"),
    14: Entry("NO_DECRYPT_PARAM", "the command has no parameter to encrypt"),
    15: Entry("NO_ENCRYPT_PARAM", "the response has no parameter to encrypt"),
    16: Entry("BAD_SIZE", "a parameter has a wrong size"),
    17: Entry("MALFORMED_RESPONSE", "the response is malformed"),
    18: Entry("INSUFFICIENT_CONTEXT", "the context is too small"),
    19: Entry("INSUFFICIENT_RESPONSE", "the response is too short"),
    20: Entry("INCOMPATIBLE_TCTI", "the TCTI's version is not usable"),
    21: Entry("NOT_SUPPORTED", "not supported"),
    22: Entry("BAD_TCTI_STRUCTURE", "the TCTI's structure is not valid"),
    23: Entry("MEMORY", "no memory"),
    24: Entry("BAD_TR", "the ESYS handle is not valid"),
    25: Entry("MULTIPLE_DECRYPT_SESSIONS", "more than one session decrypts"),
    26: Entry("MULTIPLE_ENCRYPT_SESSIONS", "more than one session encrypts"),
    27: Entry("RSP_AUTH_FAILED", "the response is not authentic: its HMAC is wrong"),
  ]
}
