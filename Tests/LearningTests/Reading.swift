// SPDX-License-Identifier: Apache-2.0

import EventLog
import Foundation

@testable import Learning

/// Reads texts as logs, one after the other.
func read(_ texts: String...) -> AccessLog { read(bytes: texts.map { Array($0.utf8) }) }

func read(bytes texts: [[UInt8]]) -> AccessLog {
  var reader = LogReader()
  for (number, text) in texts.enumerated() { text.withUnsafeBytes { reader.read($0, name: "log \(number)") } }
  return reader.finish()
}

extension Lines {
  /// Lines of audit.log, numbered from 1, each with its end.
  static func text(_ rests: [String]) -> String {
    rests.enumerated().map { audit($0.offset + 1, $0.element) + "\n" }.joined()
  }
}

extension AccessLog {
  /// Whether it says that something is not as it should be.
  var isBlemished: Bool { damagedCount > 0 || foreign > 0 || repeated > 0 || !gaps.isEmpty || !problems.isEmpty }

  /// The lines that were counted, however they are spread over what was learned.
  var counted: UInt64 { learned.entries.reduce(0) { $0 + $1.tally.count } }
}

/// A folder that goes with this.
final class TemporaryFolder {
  let path = FileManager.default.temporaryDirectory.appending(path: "moor-\(UUID().uuidString)").path

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ text: String) throws -> String {
    try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)"))
    return "\(path)/\(name)"
  }

  /// Packs a file in its place, by the gzip that packs rotated logs.
  func pack(_ path: String) throws {
    var reader = LogReader()
    try reader.read(.program(path: "/usr/bin/gzip", arguments: [path]))
  }
}
