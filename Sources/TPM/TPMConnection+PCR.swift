// SPDX-License-Identifier: Apache-2.0

internal import CTSS2

extension TPMConnection {
  /// How often reading begins anew when PCRs changed between two commands of one reading.
  private static let readAttempts = 10

  /// Reads PCRs as of one instant (TPM 2.0 Library Part 3, TPM2_PCR_Read).
  ///
  /// One TPM2_PCR_Read gives at most eight values, so there are several; when the update counter moved between two of
  /// them, reading begins anew. (PCRs that the platform excludes from the counter, 16 and 21 to 23, may still move.)
  ///
  /// - Parameter selection: any PCRs of any banks.
  /// - Throws: ``TPMError``: `invalidArgument` for the empty selection, `bankAbsent` or `pcrAbsent` naming what the
  ///   TPM has not allocated, `pcrsChanging` when they never stood still, `malformedResponse` when the answer does
  ///   not fit the question.
  public mutating func readPCRs(_ selection: PCRSelection) throws(TPMError) -> PCRValues {
    let operation = "TPM2_PCR_Read"
    guard !selection.isEmpty else {
      throw TPMError(.invalidArgument, operation: operation, detail: "no PCR is selected")
    }
    try requireAllocated(selection, operation: operation)

    attempts: for _ in 1...Self.readAttempts {
      var counter: UInt32?
      var values: [TPMAlgorithm: [Int: [UInt8]]] = [:]
      var remaining = selection
      while !remaining.isEmpty {
        let part = try readOnce(remaining, operation: operation)
        guard part.counter == counter ?? part.counter else { continue attempts }
        counter = part.counter
        guard !part.selection.isEmpty else {
          throw TPMError(.pcrAbsent, operation: operation, detail: "the TPM gives no value for \(remaining)")
        }
        values.merge(part.values) { $0.merging($1) { _, new in new } }
        remaining = remaining.subtracting(part.selection)
      }
      return PCRValues(updateCounter: counter ?? 0, values: values)
    }
    throw TPMError(
      .pcrsChanging, operation: operation, detail: "PCRs changed during each of \(Self.readAttempts) attempts")
  }

  /// Extends a PCR in each bank for which there is a digest (TPM 2.0 Library Part 3, TPM2_PCR_Extend).
  ///
  /// - Throws: ``TPMError``: `invalidArgument` for no digest, a digest of the wrong length, or an index out of
  ///   0...31; `bankAbsent` or `pcrAbsent` for a bank or PCR that the TPM would silently leave out.
  public mutating func extendPCR(_ pcr: Int, with digests: [TPMAlgorithm: [UInt8]]) throws(TPMError) {
    let operation = "TPM2_PCR_Extend"
    guard let one = PCRSet(index: pcr) else { throw Self.noSuchPCR(pcr, operation: operation) }
    guard !digests.isEmpty else {
      throw TPMError(.invalidArgument, operation: operation, detail: "no digest is given")
    }
    var list = TPML_DIGEST_VALUES()
    guard digests.count <= Self.capacity(of: list.digests, TPMT_HA.self) else {
      throw TPMError(.invalidArgument, operation: operation, detail: "\(digests.count) banks are too many")
    }
    for (bank, digest) in digests.sorted(by: { $0.key < $1.key }) {
      guard let size = bank.digestSize else {
        throw TPMError(.invalidArgument, operation: operation, detail: "\(bank) is no hash algorithm known here")
      }
      guard digest.count == size else {
        throw TPMError(
          .invalidArgument, operation: operation, detail: "a \(bank) digest has \(size) bytes, not \(digest.count)")
      }
      var value = TPMT_HA()
      value.hashAlg = bank.rawValue
      withUnsafeMutableBytes(of: &value.digest) { $0.copyBytes(from: digest) }
      let index = Int(list.count)
      withUnsafeMutableBytes(of: &list.digests) { $0.bindMemory(to: TPMT_HA.self)[index] = value }
      list.count += 1
    }
    try requireAllocated(PCRSelection(one, in: digests.keys), operation: operation)
    try context.run(operation) {
      Esys_PCR_Extend_Async($0, ESYS_TR(pcr), ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &list)
    } finish: {
      Esys_PCR_Extend_Finish($0)
    }
    try context.requireParameters(size: 0, of: operation)
  }

  /// Has the TPM hash an event and extend a PCR with it in every bank (TPM 2.0 Library Part 3, TPM2_PCR_Event).
  ///
  /// - Parameter event: at most 1,024 bytes (TPM2B_EVENT, Part 2, section 10.4.10).
  /// - Returns: the digest for each bank.
  /// - Throws: ``TPMError`` with `invalidArgument` when the event is too long or the index not in 0...31.
  public mutating func extendPCR(_ pcr: Int, withEvent event: [UInt8]) throws(TPMError) -> [TPMAlgorithm: [UInt8]] {
    let operation = "TPM2_PCR_Event"
    guard PCRSet(index: pcr) != nil else { throw Self.noSuchPCR(pcr, operation: operation) }
    var data = TPM2B_EVENT()
    let capacity = Self.capacity(of: data.buffer, UInt8.self)
    guard event.count <= capacity else {
      throw TPMError(
        .invalidArgument, operation: operation, detail: "an event has at most \(capacity) bytes, not \(event.count)")
    }
    data.size = UInt16(event.count)
    withUnsafeMutableBytes(of: &data.buffer) { $0.copyBytes(from: event) }
    var output = ESYSOutput<TPML_DIGEST_VALUES>()
    try context.run(operation) {
      Esys_PCR_Event_Async($0, ESYS_TR(pcr), ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &data)
    } finish: {
      Esys_PCR_Event_Finish($0, &output.pointer)
    }
    let list = try output.value(of: operation)
    var digests: [TPMAlgorithm: [UInt8]] = [:]
    var size = 4
    for value in Self.elements(of: list.digests, count: list.count, as: TPMT_HA.self) {
      let bank = TPMAlgorithm(rawValue: value.hashAlg)
      guard let digestSize = bank.digestSize else {
        throw TPMError(.malformedResponse, operation: operation, detail: "a digest of the unknown bank \(bank)")
      }
      digests[bank] = withUnsafeBytes(of: value.digest) { Array($0.prefix(digestSize)) }
      size += 2 + digestSize
    }
    try context.requireParameters(size: size, of: operation)
    return digests
  }

  /// Resets a PCR to its start value (TPM 2.0 Library Part 3, TPM2_PCR_Reset); from user space only 16 and 23.
  ///
  /// - Throws: ``TPMError``: TPM_RC_LOCALITY where this locality may not.
  public mutating func resetPCR(_ pcr: Int) throws(TPMError) {
    let operation = "TPM2_PCR_Reset"
    guard PCRSet(index: pcr) != nil else { throw Self.noSuchPCR(pcr, operation: operation) }
    try context.run(operation) {
      Esys_PCR_Reset_Async($0, ESYS_TR(pcr), ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE)
    } finish: {
      Esys_PCR_Reset_Finish($0)
    }
    try context.requireParameters(size: 0, of: operation)
  }

  private static func noSuchPCR(_ pcr: Int, operation: String) -> TPMError {
    TPMError(.invalidArgument, operation: operation, detail: "PCR \(pcr) is not in 0...\(PCRSet.maximumIndex)")
  }

  /// Refuses a bank or PCR that the TPM has not: it would leave it out without a word.
  private mutating func requireAllocated(_ selection: PCRSelection, operation: String) throws(TPMError) {
    let allocation = try allocatedPCRs()
    for bank in selection.banks {
      guard !allocation[bank].isEmpty else {
        let present = allocation.banks.map(\.name).joined(separator: ", ")
        throw TPMError(
          .bankAbsent, operation: operation, detail: "the TPM has no \(bank) bank; it has \(present)")
      }
      let absent = selection[bank].subtracting(allocation[bank])
      guard absent.isEmpty else {
        throw TPMError(
          .pcrAbsent, operation: operation, detail: "the TPM's \(bank) bank has no PCR \(absent)")
      }
    }
  }

  private struct Part {
    let counter: UInt32
    let selection: PCRSelection
    let values: [TPMAlgorithm: [Int: [UInt8]]]
  }

  /// One TPM2_PCR_Read, its answer checked against the question.
  private mutating func readOnce(_ wanted: PCRSelection, operation: String) throws(TPMError) -> Part {
    var question = try wanted.list(operation: operation)
    var counter: UInt32 = 0
    var selected = ESYSOutput<TPML_PCR_SELECTION>()
    var digests = ESYSOutput<TPML_DIGEST>()
    try context.run(operation) {
      Esys_PCR_Read_Async($0, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &question)
    } finish: {
      Esys_PCR_Read_Finish($0, &counter, &selected.pointer, &digests.pointer)
    }
    func malformed(_ detail: String) -> TPMError {
      TPMError(.malformedResponse, operation: operation, detail: detail)
    }
    let answer = try selected.value(of: operation)
    let list = try digests.value(of: operation)
    var values = Self.elements(of: list.digests, count: list.count, as: TPM2B_DIGEST.self)[...]
    let size = 4 + answer.size + values.reduce(4) { $0 + 2 + Int($1.size) }
    try context.requireParameters(size: size, of: operation)
    var selection = PCRSelection()
    var result: [TPMAlgorithm: [Int: [UInt8]]] = [:]
    // The values come in the order of the answer's banks, and in each by ascending index.
    for entry in answer.entries {
      let bank = TPMAlgorithm(rawValue: entry.hash)
      let pcrs = entry.pcrs
      guard pcrs.isSubset(of: wanted[bank]), selection[bank].isDisjoint(with: pcrs) else {
        throw malformed("values of \(bank):\(pcrs), for \(wanted) asked for")
      }
      selection[bank].formUnion(pcrs)
      for index in pcrs.indices {
        guard let value = values.popFirst()?.bytes else { throw malformed("fewer values than PCRs") }
        guard value.count == bank.digestSize ?? value.count else {
          throw malformed("PCR \(index) of \(bank) has \(value.count) bytes")
        }
        result[bank, default: [:]][index] = value
      }
    }
    guard values.isEmpty else { throw malformed("more values than PCRs") }
    return Part(counter: counter, selection: selection, values: result)
  }
}

extension PCRSelection {
  /// The selection as the TPM takes it.
  func list(operation: String) throws(TPMError) -> TPML_PCR_SELECTION {
    var list = TPML_PCR_SELECTION()
    let capacity = TPMConnection.capacity(of: list.pcrSelections, TPMS_PCR_SELECTION.self)
    guard banks.count <= capacity else {
      throw TPMError(.invalidArgument, operation: operation, detail: "\(banks.count) banks are too many")
    }
    for bank in banks {
      var entry = TPMS_PCR_SELECTION()
      entry.hash = bank.rawValue
      // Three bytes is what a PC Client TPM takes; a fourth only where a PCR above 23 is meant.
      entry.sizeofSelect = self[bank].rawValue > 0x00FF_FFFF ? 4 : 3
      let bits = self[bank].rawValue.littleEndian
      withUnsafeMutableBytes(of: &entry.pcrSelect) { select in
        withUnsafeBytes(of: bits) { select.copyBytes(from: $0.prefix(select.count)) }
      }
      let index = Int(list.count)
      withUnsafeMutableBytes(of: &list.pcrSelections) { $0.bindMemory(to: TPMS_PCR_SELECTION.self)[index] = entry }
      list.count += 1
    }
    return list
  }
}

extension TPML_PCR_SELECTION {
  /// The banks of the list.
  var entries: [TPMS_PCR_SELECTION] {
    TPMConnection.elements(of: pcrSelections, count: count, as: TPMS_PCR_SELECTION.self)
  }

  /// How many bytes the list takes on the wire.
  var size: Int { entries.reduce(4) { $0 + 3 + Int($1.sizeofSelect) } }
}

extension TPMS_PCR_SELECTION {
  /// The selected PCRs, reading no more bytes than there are.
  var pcrs: PCRSet {
    withUnsafeBytes(of: pcrSelect) { bytes in
      var bits: UInt32 = 0
      for (index, byte) in bytes.prefix(Int(sizeofSelect)).enumerated() {
        bits |= UInt32(byte) << (8 * UInt32(index))
      }
      return PCRSet(rawValue: bits)
    }
  }
}

extension TPMConnection {
  /// How many elements a C array, which Swift sees as a tuple, has room for.
  static func capacity<Array, Element>(of array: Array, _: Element.Type) -> Int {
    MemoryLayout<Array>.size / MemoryLayout<Element>.stride
  }

  /// The first elements of a C array, never more than it has room for.
  static func elements<Tuple, Element>(of tuple: Tuple, count: UInt32, as _: Element.Type) -> [Element] {
    withUnsafeBytes(of: tuple) { Array($0.bindMemory(to: Element.self).prefix(Int(count))) }
  }
}
