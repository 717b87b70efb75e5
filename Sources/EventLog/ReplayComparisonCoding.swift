// SPDX-License-Identifier: Apache-2.0

extension BankComparison: Encodable {
  private enum CodingKeys: CodingKey {
    case bank, outcome, record, logged, computed, proven, replayed, read
  }

  /// Writes the bank, the outcome's name, and what belongs to that outcome: `{"bank": "sha256", "outcome":
  /// "content-mismatch", "record": 3, "logged": "hex", "computed": "hex"}`. `proven` counts records.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    func put(_ outcome: String, _ digests: [CodingKeys: Digest] = [:]) throws {
      try container.encode(outcome, forKey: .outcome)
      for (key, digest) in digests { try container.encode(HexBytes(digest.bytes), forKey: key) }
    }
    try container.encode(algorithm, forKey: .bank)
    switch outcome {
    case .matches:
      try put("matches")
    case .contentMismatch(let mismatch):
      try put("content-mismatch", [.logged: mismatch.logged, .computed: mismatch.computed])
      try container.encode(mismatch.record, forKey: .record)
    case .stopsShort(let records):
      try put("stops-short")
      try container.encode(records, forKey: .proven)
    case .differs(let replayed, let read):
      try put("differs", [.replayed: replayed, .read: read])
    case .notInLog(let read):
      try put("not-in-log", [.read: read])
    case .notRead(let replayed):
      try put("not-read", [.replayed: replayed])
    }
  }
}
