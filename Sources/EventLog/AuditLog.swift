// SPDX-License-Identifier: Apache-2.0

/// Lines that were written in one boot and are not in a log: dropped by audit, by printk's rate limit, or by rotation.
public struct AuditGap: Hashable, Sendable, Codable {
  /// The boot.
  public let boot: BootID
  /// The numbers that are missing.
  public let sequences: ClosedRange<UInt64>
}

/// What a system log holds of moor's records: the text of journal, dmesg, syslog or audit.log, mixed as it may be.
public struct AuditLog: Hashable, Sendable {
  /// The records, in the order of the text.
  public let records: [AuditRecord]
  /// The lines that are moor's and could not be read.
  public let damaged: [AuditLineError]

  /// Reads all lines of a text; what is not moor's is passed over.
  public init(_ text: [UInt8]) {
    var records: [AuditRecord] = []
    var damaged: [AuditLineError] = []
    var number = 0
    for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      do throws(AuditLineError) {
        if let record = try AuditRecord(line: line, number: number) { records.append(record) }
      } catch {
        damaged.append(error)
      }
    }
    self.records = records
    self.damaged = damaged
  }

  /// What is missing up to the last line of each boot, boots in the order of their first line. What comes after the last
  /// line cannot be known from the text.
  public var gaps: [AuditGap] {
    var boots: [BootID] = []
    var seen: [BootID: Set<UInt64>] = [:]
    for record in records {
      if seen[record.boot] == nil { boots.append(record.boot) }
      seen[record.boot, default: []].insert(record.sequence)
    }
    return boots.flatMap { boot in
      var next: UInt64 = 1
      var gaps: [AuditGap] = []
      for sequence in (seen[boot] ?? []).sorted() {
        if sequence > next { gaps.append(AuditGap(boot: boot, sequences: next...(sequence - 1))) }
        next = sequence &+ 1
      }
      return gaps
    }
  }
}
