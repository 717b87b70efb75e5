// SPDX-License-Identifier: Apache-2.0

import EventLog
import Testing

/// Cuts a log at every length: one that ends where a record ends is read as a shorter log, every other is an error
/// that lies inside.
///
/// - Parameters:
///   - borders: Where a record begins or the log ends; only a log cut there may be read.
///   - shorter: Checks a shorter log.
///   - refused: Checks an error more closely, with the length of what was read.
func checkTruncations<Log>(
  of bytes: [UInt8], borders: [Int], read: ([UInt8]) throws(EventLogError) -> Log, shorter: (Log) throws -> Void,
  refused: (EventLogError, Int) -> Void = { _, _ in }
) throws {
  for length in 0..<bytes.count {
    let log: Log
    do throws(EventLogError) {
      log = try read(Array(bytes[..<length]))
    } catch {
      #expect(!borders.contains(length), "what ends with a record was refused at \(length)")
      #expect(error.offset <= length, "\(error)")
      refused(error, length)
      continue
    }
    #expect(borders.contains(length), "cut at \(length) and not noticed")
    try shorter(log)
  }
}
