// SPDX-License-Identifier: Apache-2.0

/// A TSS2_RC: the layer that failed, and its code (TCG TSS 2.0 Overview and Common Structures, section 2.4).
///
/// Codes of the TPM itself are those of TPM 2.0 Library Part 2, section 6.6.
public struct ResponseCode: RawRepresentable, Hashable, Sendable {
  /// The code as the TSS returns it.
  public let rawValue: UInt32

  /// Creates a response code from what the TSS or the TPM returned.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// The software layer, or the TPM, that gave the code.
  public enum Layer: Hashable, Sendable {
    /// The TPM itself.
    case tpm
    /// The feature API.
    case feature
    /// The enhanced system API.
    case esys
    /// The system API.
    case sys
    /// Marshalling.
    case marshalling
    /// The transmission interface: device, socket.
    case tcti
    /// The resource manager, in the kernel or in user space.
    case resourceManager
    /// A code in the TPM's format that the resource manager made up.
    case resourceManagerTPM
    /// A layer this library does not know.
    case other(UInt8)
  }

  /// What in the command the TPM complains about, counted from 1 as in Part 3's tables.
  public enum Subject: Hashable, Sendable {
    /// A handle.
    case handle(Int)
    /// A session.
    case session(Int)
    /// A parameter.
    case parameter(Int)
  }

  /// What can be done so that the operation may succeed.
  public enum Recovery: String, Sendable {
    /// Nothing: the same command fails again.
    case none
    /// The same command may succeed when it is sent again.
    case resubmit
    /// It may succeed once objects, sessions or saved contexts have been flushed.
    case freeResources
    /// The policy session must be begun anew, because PCRs changed after its PolicyPCR.
    case restartSession
    /// The TPM is in dictionary-attack lockout: wait, or reset it with lockoutAuth.
    case waitForLockout
    /// The connection is gone: open a new one.
    case reconnect
  }

  /// The layer.
  public var layer: Layer {
    switch UInt8(truncatingIfNeeded: rawValue >> 16) {
    case 0: .tpm
    case 6: .feature
    case 7: .esys
    case 8: .sys
    case 9: .marshalling
    case 10: .tcti
    // Linux answers for commands it does not let through with layer 11 and a code in the TPM's format
    // (drivers/char/tpm/tpm2-space.c), where the TCG has layer 12 for that.
    case 11: code & 0x180 == 0 ? .resourceManager : .resourceManagerTPM
    case 12: .resourceManagerTPM
    case let number: .other(number)
    }
  }

  /// The code without its layer.
  var code: UInt32 { rawValue & 0xFFFF }

  private var isTPMFormat: Bool { layer == .tpm || layer == .resourceManagerTPM }

  /// Format 1 codes carry a handle, session or parameter number (Part 2, section 6.6.2, table 13).
  private var isFormat1: Bool { isTPMFormat && code & 0x080 != 0 }

  /// The code without layer, and in format 1 without the number of handle, session or parameter.
  private var base: UInt32 { isFormat1 ? code & 0x0BF : code }

  /// The handle, session or parameter that is meant; nil when the code does not say.
  public var subject: Subject? {
    guard isFormat1 else { return nil }
    let number = Int(code >> 8 & 0xF)
    if code & 0x040 != 0 {
      return number == 0 ? nil : .parameter(number)
    }
    switch number {
    case 0, 8: return nil
    case 1...7: return .handle(number)
    default: return .session(number - 8)
    }
  }

  private var entry: ResponseCodeNames.Entry? {
    isTPMFormat ? ResponseCodeNames.tpm[base] : ResponseCodeNames.software[code]
  }

  /// The name in the specification, such as `TPM_RC_PCR_CHANGED` or `TSS2_TCTI_RC_IO_ERROR`; a code without
  /// a name is written as a number.
  public var name: String {
    let number = "0x" + hexadecimal(base, digits: 3)
    if isTPMFormat {
      if let entry { return "TPM_RC_" + entry.name }
      return isVendorDefined ? "vendor code \(number)" : "unknown code \(number)"
    }
    let prefix =
      switch layer {
      case .feature: "TSS2_FAPI_RC_"
      case .esys: "TSS2_ESYS_RC_"
      case .sys: "TSS2_SYS_RC_"
      case .marshalling: "TSS2_MU_RC_"
      case .tcti: "TSS2_TCTI_RC_"
      case .resourceManager: "TSS2_RESMGR_RC_"
      case .other(let number): "layer \(number) "
      case .tpm, .resourceManagerTPM: "TPM_RC_"
      }
    return prefix + (entry?.name ?? number)
  }

  /// True when the TPM's vendor, not the specification, says what the code means (bit 10 of format 0).
  private var isVendorDefined: Bool { isTPMFormat && !isFormat1 && code & 0x500 == 0x500 }

  /// True for a warning: the command was fine, but cannot be done now (severity bit, Part 2, section 6.6.2).
  public var isWarning: Bool { isTPMFormat && !isFormat1 && code & 0x900 == 0x900 }

  /// What can be done so that the operation may succeed.
  public var recovery: Recovery { entry?.recovery ?? .none }
}

extension ResponseCode.Layer: CustomStringConvertible {
  /// The layer's short name.
  public var description: String {
    switch self {
    case .tpm: "TPM"
    case .feature: "FAPI"
    case .esys: "ESYS"
    case .sys: "SYS"
    case .marshalling: "MU"
    case .tcti: "TCTI"
    case .resourceManager, .resourceManagerTPM: "RM"
    case .other(let number): "layer \(number)"
    }
  }
}

extension ResponseCode.Subject: CustomStringConvertible {
  /// Such as `parameter 2`.
  public var description: String {
    switch self {
    case .handle(let number): "handle \(number)"
    case .session(let number): "session \(number)"
    case .parameter(let number): "parameter \(number)"
    }
  }
}

extension ResponseCode: CustomStringConvertible {
  /// Name, number, layer, subject and meaning in one line.
  public var description: String {
    var text = "\(name) (0x\(hexadecimal(rawValue, digits: 3)) from \(layer)"
    if let subject { text += ", \(subject)" }
    text += ")"
    if let entry { text += ": \(entry.meaning)" }
    return text
  }
}
