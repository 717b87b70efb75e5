// SPDX-License-Identifier: Apache-2.0

/// The lines of one boot, told apart by the load of the module that wrote them.
///
/// A line names the boot and not the load, but the module numbers its lines from 1 each time it is loaded. So another
/// load begins at a line 1, or, where that one is lost, at the first number that comes again with another record.
struct AuditLoads {
  /// Each load's lines by their number, in the order in which the loads began.
  private(set) var loads: [[UInt64: AuditEntry]] = []
  /// The load to which the line before belongs. It is not always the last: two logs may stand one behind the other.
  private var current = 0

  /// Audit numbers what it writes over the whole boot, so its stamps give the order of lines that come from different
  /// sources; where one has no stamp, the order of the text counts.
  init(_ records: [AuditEntry]) {
    let serials = records.compactMap { $0.stamp?.serial }
    guard serials.count == records.count else {
      for record in records { add(record) }
      return
    }
    for (record, _) in zip(records, serials).sorted(by: { $0.1 < $1.1 }) { add(record) }
  }

  private mutating func add(_ record: AuditEntry) {
    if let known = loads.firstIndex(where: { $0[record.sequence]?.isSameLine(as: record) == true }) {
      current = known
      return
    }
    if loads.isEmpty || record.sequence == 1 || loads[current][record.sequence] != nil {
      loads.append([:])
      current = loads.count - 1
    }
    loads[current][record.sequence] = record
  }
}
