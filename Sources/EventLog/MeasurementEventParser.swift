// SPDX-License-Identifier: Apache-2.0

extension MeasurementEvent {
  /// Reads the value of an EVENT element; `value`'s indices are offsets in the log.
  init(parsing value: ArraySlice<UInt8>, record number: UInt64) throws(EventLogError) {
    var fields = AscendingElements(value, record: number, name: "a field of the event")
    guard let first = try fields.next(), first.tag == Field.record else {
      let problem = value.first.map(EventLogError.Problem.unexpectedTag) ?? .truncated(needed: 6, available: 0)
      throw fields.error(problem, at: value.startIndex, "the field RECORD (tag \(Field.record))")
    }
    self.init(RecordKind(rawValue: try fields.byte(first, "RECORD")))
    while let field = try fields.next() {
      try read(field, of: fields)
    }
  }

  /// Takes one field over.
  private mutating func read(_ field: Element, of fields: AscendingElements) throws(EventLogError) {
    switch field.tag {
    case Field.kind: kind = FileKind(rawValue: try fields.byte(field, "KIND"))
    case Field.path: path = try fields.text(field, 1...Field.longestPath, "PATH")
    case Field.algorithm: algorithm = DigestMethod(rawValue: try fields.byte(field, "ALGORITHM"))
    case Field.digest: digest = try foundDigest(field, of: fields)
    case Field.expected: expected = HexBytes(try fields.bytes(field, 1...Field.longestDigest, "EXPECTED"))
    case Field.reason: reason = Reason(rawValue: try fields.byte(field, "REASON"))
    case Field.mode: mode = Mode(rawValue: try fields.byte(field, "MODE"))
    case Field.name: name = try fields.text(field, 0...Field.longestPolicyName, "NAME")
    case Field.version: version = try fields.value(field, of: 8, "VERSION").bigEndianNumber
    case Field.generation: generation = try fields.value(field, of: 8, "GENERATION").bigEndianNumber
    case Field.abi: abi = UInt32(truncatingIfNeeded: try fields.value(field, of: 4, "ABI").bigEndianNumber)
    case Field.buildID: buildID = HexBytes(try fields.bytes(field, 1...Field.longestBuildID, "BUILD_ID"))
    case Field.programTags: programTags = try Self.programTags(field, of: fields)
    case Field.pcrBefore: pcrBefore = try Self.pcrBefore(field, of: fields)
    case Field.closed: closed = try fields.flag(field, "CLOSED")
    default: unknown.append(UnknownElement(tag: field.tag, value: HexBytes(field.value)))
    }
  }

  /// DIGEST, whose length follows from the ALGORITHM before it, where that is known.
  private func foundDigest(_ field: Element, of fields: AscendingElements) throws(EventLogError) -> HexBytes {
    if let algorithm, let length = algorithm.digestLength {
      return HexBytes(try fields.value(field, of: length, "DIGEST (\(algorithm))"))
    }
    return HexBytes(try fields.bytes(field, 1...Field.longestDigest, "DIGEST"))
  }

  private static func programTags(_ field: Element, of fields: AscendingElements) throws(EventLogError) -> [HexBytes] {
    guard field.value.count.isMultiple(of: Field.programTagLength) else {
      throw fields.error(
        .wrongLength(field.value.count), at: field.offset + 1,
        "PROGRAM_TAGS of a multiple of \(Field.programTagLength) bytes")
    }
    return stride(from: field.value.startIndex, to: field.value.endIndex, by: Field.programTagLength).map {
      HexBytes(field.value[$0..<$0 + Field.programTagLength])
    }
  }

  /// One value a bank: u16 algorithm, u16 length, digest.
  private static func pcrBefore(_ field: Element, of fields: AscendingElements) throws(EventLogError) -> [Digest] {
    var banks: [Digest] = []
    var rest = field.value
    while !rest.isEmpty {
      let start = rest.startIndex
      guard banks.count < Field.mostBanks else {
        throw fields.error(.trailingBytes(rest.count), at: start, "PCR_BEFORE of at most \(Field.mostBanks) banks")
      }
      guard rest.count >= 4 else {
        throw fields.error(.truncated(needed: 4, available: rest.count), at: start, "a bank of PCR_BEFORE")
      }
      let algorithm = HashAlgorithm(rawValue: UInt16(truncatingIfNeeded: rest.prefix(2).bigEndianNumber))
      let length = Int(rest[(start + 2)..<(start + 4)].bigEndianNumber)
      guard let needed = algorithm.digestLength else {
        throw fields.error(.unknownAlgorithm(algorithm.rawValue), at: start, "a known hash algorithm in PCR_BEFORE")
      }
      guard length == needed else {
        throw fields.error(.wrongLength(length), at: start + 2, "a \(algorithm) value of \(needed) bytes in PCR_BEFORE")
      }
      guard rest.count - 4 >= length else {
        throw fields.error(
          .truncated(needed: length, available: rest.count - 4), at: start + 4, "a \(algorithm) value in PCR_BEFORE")
      }
      guard !banks.contains(where: { $0.algorithm == algorithm }) else {
        throw fields.error(.wrongNumber(UInt64(algorithm.rawValue)), at: start, "each bank once in PCR_BEFORE")
      }
      banks.append(Digest(algorithm: algorithm, checked: Array(rest[(start + 4)..<(start + 4 + length)])))
      rest = rest[(start + 4 + length)...]
    }
    return banks
  }
}

extension AscendingElements {
  /// A value of one byte.
  func byte(_ element: Element, _ expected: String) throws(EventLogError) -> UInt8 {
    UInt8(truncatingIfNeeded: try value(element, of: 1, expected).bigEndianNumber)
  }

  /// A value of one byte that is 0 or 1.
  func flag(_ element: Element, _ expected: String) throws(EventLogError) -> Bool {
    let number = try byte(element, expected)
    guard number <= 1 else {
      throw error(.wrongNumber(UInt64(number)), at: element.value.startIndex, "\(expected) of 0 or 1")
    }
    return number == 1
  }
}
