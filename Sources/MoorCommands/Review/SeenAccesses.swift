// SPDX-License-Identifier: Apache-2.0

internal import EventLog
internal import Learning
internal import PolicyReview
internal import PolicyText

/// What the system log says VMs did, and whether it says all.
struct SeenAccesses {
  let accesses: LearnedAccesses
  /// Why it is not all, in one line that is safe to print; nil when nothing is known to be missing.
  let incomplete: String?

  /// Bytes of a log that are read, at most.
  private static let limit = 1 << 30

  /// Reads these files of the log.
  static func read(_ paths: [String]) throws -> SeenAccesses {
    guard !paths.isEmpty else {
      throw CommandFailure(.usage, "no log is named; expected --log FILE, such as the output of journalctl -k")
    }
    var text: [UInt8] = []
    for path in paths {
      do throws(FileReadError) {
        text += try SystemFileReader().read(path, limit: limit)
      } catch {
        throw CommandFailure(error == .missing ? .noInput : .io, "\(path): \(error)")
      }
      if text.last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
    }
    let log = AuditLog(text)
    return SeenAccesses(accesses: LearnedAccesses(log.accesses), incomplete: reason(log))
  }

  private static func reason(_ log: AuditLog) -> String? {
    var words: [String] = []
    let gaps = log.gaps
    let lost = gaps.reduce(UInt64(0)) { sum, gap in
      let count = gap.sequences.upperBound - gap.sequences.lowerBound
      return sum.addingReportingOverflow(count).overflow ? .max - 1 : sum + count
    }
    if !gaps.isEmpty {
      words.append("\(lost + UInt64(gaps.count)) lines of the log are missing, in \(gaps.count) places")
    }
    if !log.damaged.isEmpty { words.append("\(log.damaged.count) lines cannot be read") }
    return words.isEmpty ? nil : words.joined(separator: "; ")
  }
}
