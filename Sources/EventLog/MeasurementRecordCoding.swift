// SPDX-License-Identifier: Apache-2.0

extension MeasurementRecord: Codable {
  private enum CodingKeys: CodingKey {
    case number, pcr, digests, event, extended, note, unknown
  }

  /// Reads what ``encode(to:)`` writes. The typed event is read from the extended bytes, and must be the one that stands
  /// beside them: what is shown is what was extended.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let number = try container.decode(UInt64.self, forKey: .number)
    let extended = try container.decode(HexBytes.self, forKey: .extended)
    let event = try MeasurementEvent(parsing: extended.bytes[...], record: number)
    guard try container.decode(MeasurementEvent.self, forKey: .event) == event else {
      throw DecodingError.dataCorruptedError(
        forKey: .event, in: container, debugDescription: "the event is not what the extended bytes say")
    }
    self.init(
      number: number, pcr: try container.decode(UInt32.self, forKey: .pcr),
      digests: try container.decode([Digest].self, forKey: .digests), event: event, extended: extended,
      note: try container.decodeIfPresent(MeasurementNote.self, forKey: .note),
      unknown: try container.decode([UnknownElement].self, forKey: .unknown))
  }

  /// Writes number, PCR, digests, the typed event, the extended bytes in hex, and the note.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(number, forKey: .number)
    try container.encode(pcr, forKey: .pcr)
    try container.encode(digests, forKey: .digests)
    try container.encode(event, forKey: .event)
    try container.encode(extended, forKey: .extended)
    try container.encodeIfPresent(note, forKey: .note)
    try container.encode(unknown, forKey: .unknown)
  }
}
