// SPDX-License-Identifier: Apache-2.0

/// One of the lines that the module numbers: a record of the measurement log as text, or what a running VM did.
public enum AuditEntry: Hashable, Sendable {
  /// What also stands in the measurement log, or the repetition of such a record.
  case measurement(AuditRecord)
  /// A line of the access log.
  case access(AccessRecord)

  /// The boot in which it was written.
  public var boot: BootID {
    switch self {
    case .measurement(let record): record.boot
    case .access(let record): record.boot
    }
  }

  /// The line's number since the module was loaded; both kinds of line share one sequence.
  public var sequence: UInt64 {
    switch self {
    case .measurement(let record): record.sequence
    case .access(let record): record.sequence
    }
  }

  /// What audit put before the line; nil where the log does not show it.
  public var stamp: AuditStamp? {
    switch self {
    case .measurement(let record): record.stamp
    case .access(let record): record.stamp
    }
  }

  /// Reads a line of a system log of any form that docs/formats.md lists; nil when the line is not moor's.
  ///
  /// - Parameters:
  ///   - line: the line's bytes, without its end.
  ///   - number: the line's number, for errors.
  /// - Throws: the place of what cannot be read in a line that is moor's.
  public init?(line: some Sequence<UInt8>, number: Int = 1) throws(AuditLineError) {
    let line = Array(line)
    guard let found = AuditLine(line[...]) else { return nil }
    var fields = AuditFields(found.body.dropFirst(AuditLine.marker.count), line: number)
    let stamp = try found.stamp.map { stamp throws(AuditLineError) in try fields.stamp(stamp) }
    let head = try AuditHead(&fields, stamp: stamp)
    if let name = fields.isNext("record", among: AccessVerdict.allCases.map(\.rawValue)),
      let verdict = AccessVerdict(rawValue: name)
    {
      self = .access(try AccessRecord(&fields, head, verdict))
    } else {
      self = .measurement(try AuditRecord(&fields, head))
    }
  }

  /// Whether both are one line, which two sources of a text may show, one of them without audit's stamp.
  func isSameLine(as other: Self) -> Bool {
    if let stamp, let otherStamp = other.stamp, stamp != otherStamp { return false }
    return switch (self, other) {
    case (.measurement(let record), .measurement(let otherRecord)): record.text == otherRecord.text
    case (.access(let record), .access(let otherRecord)): record.unstamped == otherRecord.unstamped
    default: false
    }
  }
}

/// What every line of the module's begins with.
struct AuditHead {
  let boot: BootID
  let sequence: UInt64
  let stamp: AuditStamp?

  init(_ fields: inout AuditFields, stamp: AuditStamp?) throws(AuditLineError) {
    boot = try fields.required("boot", "the boot id") { BootID(text: String(decoding: $0, as: UTF8.self)) }
    sequence = try fields.required("seq", "a number from 1") {
      $0.decimal(UInt64.self).flatMap { $0 > 0 ? $0 : nil }
    }
    self.stamp = stamp
  }
}
