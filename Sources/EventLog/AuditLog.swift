// SPDX-License-Identifier: Apache-2.0

/// Lines that were written in one boot and are not in a log: dropped by audit, by printk's rate limit, or by rotation.
public struct AuditGap: Hashable, Sendable, Codable {
  /// The boot.
  public let boot: BootID
  /// The numbers that are missing.
  public let sequences: ClosedRange<UInt64>

  /// A gap of these parts.
  public init(boot: BootID, sequences: ClosedRange<UInt64>) {
    self.boot = boot
    self.sequences = sequences
  }
}

/// What a system log holds of moor's records: the text of journal, dmesg, syslog or audit.log, mixed as it may be.
public struct AuditLog: Hashable, Sendable {
  /// All that could be read, in the order of the text.
  public let entries: [AuditEntry]
  /// The lines that are moor's and could not be read.
  public let damaged: [AuditLineError]

  /// Reads all lines of a text; what is not moor's is passed over.
  public init(_ text: [UInt8]) {
    var entries: [AuditEntry] = []
    var damaged: [AuditLineError] = []
    var number = 0
    for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      do throws(AuditLineError) {
        if let entry = try AuditEntry(line: line, number: number) { entries.append(entry) }
      } catch {
        damaged.append(error)
      }
    }
    self.entries = entries
    self.damaged = damaged
  }

  /// What the measurement log has too, in the order of the text.
  public var records: [AuditRecord] {
    entries.compactMap { if case .measurement(let record) = $0 { record } else { nil } }
  }

  /// What running VMs did, in the order of the text.
  public var accesses: [AccessRecord] {
    entries.compactMap { if case .access(let record) = $0 { record } else { nil } }
  }

  /// What is missing up to the last line of each load of the module, boots in the order of their first line.
  ///
  /// What comes after a load's last line cannot be known from the text. A load whose line 1 is lost is told from the one
  /// before at the first number that both have: lines before that count as the other's.
  public var gaps: [AuditGap] {
    var boots: [BootID] = []
    var lines: [BootID: [AuditEntry]] = [:]
    for entry in entries {
      if lines[entry.boot] == nil { boots.append(entry.boot) }
      lines[entry.boot, default: []].append(entry)
    }
    return boots.flatMap { boot in
      AuditLoads(lines[boot] ?? []).loads.flatMap { Self.gaps(boot, $0.keys.sorted()) }
    }
  }

  private static func gaps(_ boot: BootID, _ sequences: [UInt64]) -> [AuditGap] {
    var next: UInt64 = 1
    var gaps: [AuditGap] = []
    for sequence in sequences {
      if sequence > next { gaps.append(AuditGap(boot: boot, sequences: next...(sequence - 1))) }
      next = sequence &+ 1
    }
    return gaps
  }
}
