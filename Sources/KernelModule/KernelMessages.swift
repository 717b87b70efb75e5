// SPDX-License-Identifier: Apache-2.0

internal import CKernelModule
internal import Glibc

/// The kernel's own log, where a module says why it refused to be loaded.
package protocol KernelMessageSource: Sendable {
  /// The present end of the log.
  func mark() -> UInt64?
  /// What was said after a mark, at most a few dozen lines.
  func since(_ mark: UInt64?) -> [String]
}

/// /dev/kmsg (Documentation/ABI/testing/dev-kmsg): one record a read, `priority,sequence,time,flags;text`.
struct KernelMessages: KernelMessageSource {
  private static let mostLines = 32

  func mark() -> UInt64? {
    var last: UInt64?
    forEachRecord { sequence, _ in last = sequence }
    return last ?? 0
  }

  func since(_ mark: UInt64?) -> [String] {
    guard let mark else { return [] }
    var lines: [String] = []
    forEachRecord { sequence, text in
      if sequence > mark, lines.count < Self.mostLines { lines.append(text) }
    }
    return lines
  }

  private func forEachRecord(_ body: (UInt64, String) -> Void) {
    let descriptor = moor_open("/dev/kmsg", O_RDONLY | O_NONBLOCK, 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 8192)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EPIPE || errno == EINTR { continue }  // EPIPE: records were overwritten
      guard count > 0 else { return }
      guard let (sequence, text) = Self.parse(buffer[0..<count]) else { continue }
      body(sequence, text)
    }
  }

  static func parse(_ record: ArraySlice<UInt8>) -> (sequence: UInt64, text: String)? {
    guard let semicolon = record.firstIndex(of: UInt8(ascii: ";")) else { return nil }
    let fields = record[..<semicolon].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    guard fields.count >= 3, let sequence = UInt64(String(decoding: fields[1], as: UTF8.self)) else { return nil }
    let line = record[(semicolon + 1)...].prefix { $0 != UInt8(ascii: "\n") }
    return (sequence, String(decoding: line, as: UTF8.self))
  }
}
