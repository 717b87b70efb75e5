// SPDX-License-Identifier: Apache-2.0

/// One record of moor's measurement log.
public struct MeasurementRecord: Hashable, Sendable {
  /// RECNUM: consecutive from 0 in one boot.
  public let number: UInt64
  /// The PCR that was extended.
  public let pcr: UInt32
  /// What was extended, one digest a bank.
  public let digests: [Digest]
  /// The extended content, typed.
  public let event: MeasurementEvent
  /// The extended content as it stands in the log: what ``digests`` are the hashes of.
  public let extended: HexBytes
  /// What is not extended.
  public let note: MeasurementNote?
  /// Elements of the content that this version does not know; they are not extended.
  public let unknown: [UnknownElement]

  /// The digest of one bank, nil when the log has no such bank.
  public func digest(_ algorithm: HashAlgorithm) -> Digest? {
    digests.first { $0.algorithm == algorithm }
  }
}

extension MeasurementRecord: CustomStringConvertible {
  /// One line of `key=value`, in the words of the audit text; untrusted bytes are escaped (see ``UntrustedText``).
  public var description: String {
    var words = ["number=\(number)"]
    if let boot = note?.boot { words.append("boot=\(boot)") }
    words.append(event.description)
    if let vm = note?.vm { words.append("vm=\(vm.quoted)") }
    if let pid = note?.pid { words.append("pid=\(pid)") }
    return words.joined(separator: " ")
  }
}

extension MeasurementEvent: CustomStringConvertible {
  /// The fields that are there as `key=value`, in the order of the log.
  public var description: String {
    var words = ["record=\(record)"]
    func add(_ key: String, _ value: (some CustomStringConvertible)?) {
      if let value { words.append("\(key)=\(value)") }
    }
    add("kind", kind)
    add("path", path?.quoted)
    add("alg", algorithm)
    add("digest", digest)
    add("expected", expected)
    add("reason", reason)
    add("mode", mode)
    add("name", name?.quoted)
    add("version", version)
    add("generation", generation)
    add("abi", abi)
    add("build-id", buildID)
    add("programs", programTags.map { $0.map(\.description).joined(separator: ",") })
    add("pcr-before", pcrBefore.map { $0.map(\.description).joined(separator: ",") })
    add("closed", closed.map { $0 ? 1 : 0 })
    for field in unknown { add("field-\(field.tag)", field.value) }
    return words.joined(separator: " ")
  }
}
