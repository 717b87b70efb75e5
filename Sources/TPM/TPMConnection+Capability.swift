// SPDX-License-Identifier: Apache-2.0

internal import CTSS2

extension TPMConnection {
  /// The PCRs allocated in each bank (TPM 2.0 Library Part 3, TPM2_GetCapability with TPM_CAP_PCRS). A bank that the
  /// TPM could have but has not allocated is not part of it.
  public mutating func allocatedPCRs() throws(TPMError) -> PCRSelection {
    if let knownAllocation { return knownAllocation }
    let (data, _) = try capability(TPM2_CAP_PCRS, from: 0, count: 1)
    var allocation = PCRSelection()
    for entry in data.data.assignedPCR.entries {
      allocation[TPMAlgorithm(rawValue: entry.hash)].formUnion(entry.pcrs)
    }
    knownAllocation = allocation
    return allocation
  }

  /// The algorithms that the TPM implements, ascending by identifier (TPM_CAP_ALGS).
  public mutating func algorithms() throws(TPMError) -> [TPMAlgorithm] {
    let pairs = try list(TPM2_CAP_ALGS, from: 0) { data in
      let list = data.data.algorithms
      return Self.elements(of: list.algProperties, count: list.count, as: TPMS_ALG_PROPERTY.self)
        .map { (UInt32($0.alg), $0.algProperties) }
    }
    return pairs.keys.map { TPMAlgorithm(rawValue: UInt16(truncatingIfNeeded: $0)) }.sorted()
  }

  /// What the TPM says about itself: TPM_PT (TPM 2.0 Library Part 2, section 6.13), fixed and variable.
  public mutating func properties() throws(TPMError) -> TPMProperties {
    // A TPM may end its list at the end of a group, and say that there is no more.
    let fixed = try properties(from: TPMProperties.fixedGroup)
    let variable = try properties(from: TPMProperties.variableGroup)
    return TPMProperties(values: fixed.merging(variable) { _, new in new })
  }

  private mutating func properties(from first: UInt32) throws(TPMError) -> [UInt32: UInt32] {
    try list(TPM2_CAP_TPM_PROPERTIES, from: first) { data in
      let list = data.data.tpmProperties
      return Self.elements(of: list.tpmProperty, count: list.count, as: TPMS_TAGGED_PROPERTY.self)
        .map { ($0.property, $0.value) }
    }
  }

  /// More than any TPM has of one kind; a TPM that goes on beyond it is not believed.
  private static let longestList = 4096

  /// Asks until the TPM has no more, and sees to it that each answer goes on where the last one ended.
  private mutating func list(
    _ capability: TPM2_CAP, from first: UInt32, entries: (TPMS_CAPABILITY_DATA) -> [(UInt32, UInt32)]
  ) throws(TPMError) -> [UInt32: UInt32] {
    var result: [UInt32: UInt32] = [:]
    var next = first
    while true {
      let (data, more) = try self.capability(capability, from: next, count: 64)
      for (tag, value) in entries(data) {
        guard tag >= next, tag < .max, result.count < Self.longestList else {
          throw TPMError(
            .malformedResponse, operation: "TPM2_GetCapability",
            detail: "entry 0x\(hexadecimal(tag, digits: 1)) of list \(capability) is out of order or one too many")
        }
        result[tag] = value
        next = tag + 1
      }
      guard more else { return result }
      guard !entries(data).isEmpty else {
        throw TPMError(
          .malformedResponse, operation: "TPM2_GetCapability",
          detail: "more of list \(capability) is promised, none given")
      }
    }
  }

  private mutating func capability(
    _ capability: TPM2_CAP, from property: UInt32, count: UInt32
  ) throws(TPMError) -> (TPMS_CAPABILITY_DATA, more: Bool) {
    let operation = "TPM2_GetCapability"
    var more: TPMI_YES_NO = 0
    var output = ESYSOutput<TPMS_CAPABILITY_DATA>()
    try context.run(operation) {
      Esys_GetCapability_Async($0, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, capability, property, count)
    } finish: {
      Esys_GetCapability_Finish($0, &more, &output.pointer)
    }
    let data = try output.value(of: operation)
    guard data.capability == capability else {
      throw TPMError(
        .malformedResponse, operation: operation, detail: "list \(data.capability), for \(capability) asked for")
    }
    // moreData, then TPMS_CAPABILITY_DATA: the list's number, and the list.
    let list =
      switch capability {
      case TPM2_CAP_PCRS: data.data.assignedPCR.size
      case TPM2_CAP_ALGS: 4 + Int(data.data.algorithms.count) * (2 + 4)
      default: 4 + Int(data.data.tpmProperties.count) * (4 + 4)
      }
    try context.requireParameters(size: 1 + 4 + list, of: operation)
    return (data, more != 0)
  }
}

/// What a TPM says about itself (TPM_PT, TPM 2.0 Library Part 2, section 6.13). Not authenticated: any layer between
/// could have changed it.
public struct TPMProperties: Equatable, Sendable {
  private let values: [UInt32: UInt32]

  static let fixedGroup: UInt32 = 0x100
  static let variableGroup: UInt32 = 0x200

  init(values: [UInt32: UInt32]) {
    self.values = values
  }

  /// The value of any property by its tag, TPM_PT; nil when the TPM does not have it.
  public subscript(tag: UInt32) -> UInt32? { values[tag] }

  /// The manufacturer's four characters, such as `IFX` or `IBM` (TCG Vendor ID Registry).
  public var manufacturer: String { Self.text([values[0x105]]) }

  /// The vendor's name of the product.
  public var vendor: String { Self.text([values[0x106], values[0x107], values[0x108], values[0x109]]) }

  /// The version of the TPM's firmware: two numbers of 32 bits, whose meaning is the vendor's.
  public var firmwareVersion: [UInt32] { [values[0x10B], values[0x10C]].compactMap(\.self) }

  /// The family, `2.0`.
  public var family: String { Self.text([values[0x100]]) }

  /// The revision of the Library specification times 100, such as 138 for 1.38.
  public var revision: UInt32? { values[0x102] }

  /// True when the TPM is in dictionary-attack lockout (TPMA_PERMANENT, Part 2, section 8.6, bit 9).
  public var isInLockout: Bool { (values[0x200] ?? 0) & 1 << 9 != 0 }

  /// Printable ASCII of big-endian words; anything else is shown as `?`, since it may reach a terminal.
  private static func text(_ words: [UInt32?]) -> String {
    let bytes = words.flatMap { word -> [UInt8] in
      guard let word else { return [] }
      return (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) }
    }
    let characters = bytes.filter { $0 != 0 }.map { (0x20..<0x7F).contains($0) ? Character(UnicodeScalar($0)) : "?" }
    var text = String(characters)
    while text.last == " " { text.removeLast() }
    return text
  }
}
