// SPDX-License-Identifier: Apache-2.0

import PolicyText

/// Files in memory.
struct MemoryFiles: FileReader {
  var contents: [String: String] = [:]
  var unreadable: Set<String> = []

  func read(_ path: String, limit: Int) throws(FileReadError) -> [UInt8] {
    if unreadable.contains(path) { throw .unreadable("permission denied") }
    guard let text = contents[path] else { throw .missing }
    guard text.utf8.count <= limit else { throw .unreadable("it is longer than \(limit) bytes") }
    return Array(text.utf8)
  }
}

/// Parses a text; the first line of each diagnostic when it is refused.
func problems(_ text: String, limits: Limits = Limits()) -> [String] {
  problems(Array(text.utf8), limits: limits)
}

func problems(_ bytes: [UInt8], limits: Limits = Limits()) -> [String] {
  do {
    let document = try Document(parsing: Source(name: "p", bytes: bytes), limits: limits)
    return document.warnings.map(\.summary)
  } catch {
    return error.diagnostics.map(\.summary)
  }
}
