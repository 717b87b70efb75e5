// SPDX-License-Identifier: Apache-2.0

extension AuditRecord {
  /// Reads a line of a system log of any form that docs/formats.md lists; nil when the line is not moor's, or is about
  /// access and so an ``AccessRecord``.
  ///
  /// - Parameters:
  ///   - line: the line's bytes, without its end.
  ///   - number: the line's number, for errors.
  /// - Throws: the place of what cannot be read in a line that is moor's.
  public init?(line: some Sequence<UInt8>, number: Int = 1) throws(AuditLineError) {
    guard case .measurement(let record)? = try AuditEntry(line: line, number: number) else { return nil }
    self = record
  }

  /// Reads what follows the line's number.
  init(_ fields: inout AuditFields, _ head: AuditHead) throws(AuditLineError) {
    var event = MeasurementEvent(try fields.required("record", "a record's name", AuditFields.code))
    event.kind = try fields.optional("kind", "a kind's name", AuditFields.code)
    event.path = try fields.string("path", 1...Field.longestPath)
    event.algorithm = try fields.optional("alg", "an algorithm's name", AuditFields.code)
    let lengths = event.algorithm?.digestLength.map { $0...$0 } ?? 1...Field.longestDigest
    event.digest = try fields.hex("digest", lengths)
    event.expected = try fields.hex("expected", 1...Field.longestDigest)
    event.reason = try fields.optional("reason", "a reason's name", AuditFields.code)
    event.mode = try fields.optional("mode", "a mode's name", AuditFields.code)
    event.name = try fields.string("name", 0...Field.longestPolicyName)
    event.version = try fields.optional("version", "a number") { $0.decimal() }
    event.generation = try fields.optional("generation", "a number") { $0.decimal() }
    event.closed = try fields.optional("closed", "0 or 1") {
      $0.decimal(UInt8.self).flatMap { [false, true][safe: $0] }
    }
    let vm = try fields.string("vm", 1...Field.longestVMName)
    // Always there and last: without it the line was cut off.
    let pid = try fields.required("pid", "a process id") { $0.decimal(UInt32.self) }
    try fields.finish()
    self.init(boot: head.boot, sequence: head.sequence, event: event, vm: vm, pid: pid, stamp: head.stamp)
  }
}

extension [Bool] {
  fileprivate subscript(safe index: UInt8) -> Bool? {
    index < count ? self[Int(index)] : nil
  }
}
