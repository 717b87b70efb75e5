// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Where a command writes and whom it asks, so that tests can be both.
protocol Console {
  /// Whether a person reads standard output.
  var isTerminal: Bool { get }
  /// Writes a line to standard output, at once.
  func write(_ line: String)
  /// Writes a line to standard error.
  func note(_ line: String)
  /// Asks a yes-or-no question; nil when there is nobody to ask.
  func ask(_ question: String) -> Bool?
}

/// The standard streams.
struct StandardConsole: Console {
  var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  func write(_ line: String) { Self.put(line + "\n", STDOUT_FILENO) }

  func note(_ line: String) { Self.put(line + "\n", STDERR_FILENO) }

  func ask(_ question: String) -> Bool? {
    guard isatty(STDIN_FILENO) == 1 else { return nil }
    Self.put("\(question) [y/N] ", STDERR_FILENO)
    guard let answer = readLine() else { return false }
    return ["y", "yes"].contains(answer.lowercased())
  }

  /// Unbuffered: what was written before an exec or a kill is out.
  private static func put(_ text: String, _ descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        return
      }
      bytes = bytes.dropFirst(count)
    }
  }
}
