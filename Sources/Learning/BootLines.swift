// SPDX-License-Identifier: Apache-2.0

internal import EventLog

/// The lines of one boot that were seen.
struct BootLines {
  let boot: BootID
  /// As the module writes it.
  let text: [UInt8]
  private var stamped = SequenceLedger()
  private var unstamped = UnstampedLedger()
  private var hasStamped = false

  init(_ boot: BootID) {
    self.boot = boot
    text = Array(boot.description.utf8)
  }

  /// Notes a line; false when it was noted before.
  @inline(__always)
  mutating func add(_ sequence: UInt64, serial: UInt64) -> Bool {
    hasStamped = true
    return stamped.add(sequence, serial: serial)
  }

  mutating func add(_ sequence: UInt64, hash: UInt64) -> Bool { unstamped.add(sequence, hash: hash) }

  /// Whether some lines could not be kept, so that gaps, and lines that come again, are not all known.
  var isFull: Bool { stamped.isFull || unstamped.isFull }

  /// Whether some of its lines have audit's stamp and others not: then one line may stand for both.
  var isMixed: Bool { hasStamped && !unstamped.isEmpty }

  /// What is missing.
  var gaps: [AuditGap] {
    let ranges = hasStamped ? stamped.gaps.flatMap(withoutUnstamped) : unstamped.gaps
    return ranges.map { AuditGap(boot: boot, sequences: $0) }
  }

  /// What of a gap no line without a stamp fills.
  private func withoutUnstamped(_ gap: ClosedRange<UInt64>) -> [ClosedRange<UInt64>] {
    guard !unstamped.isEmpty, gap.upperBound - gap.lowerBound < UInt64(UnstampedLedger.mostLines) else { return [gap] }
    var left: [ClosedRange<UInt64>] = []
    for sequence in gap where !unstamped.contains(sequence) {
      if let last = left.last, last.upperBound + 1 == sequence {
        left[left.count - 1] = last.lowerBound...sequence
      } else {
        left.append(sequence...sequence)
      }
    }
    return left
  }
}
