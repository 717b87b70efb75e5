// SPDX-License-Identifier: Apache-2.0

/// Words of a shell's command language (POSIX, 2.3) as far as they stand for themselves: quotes, backslashes and
/// comments. What the shell would replace is an error where it matters.
struct ShellWords {
  struct Word {
    var bytes: [UInt8] = []
    let line: Int
    /// Why what it stands for is not known.
    var problem: QEMUArguments.Problem?
  }

  private let bytes: [UInt8]
  private var index = 0
  private var line = 1

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { bytes[index...].allSatisfy { QEMUArguments.isBlank($0) || $0 == UInt8(ascii: "\n") } }

  /// The words up to the command's end; nil at the end of the text.
  mutating func nextCommand() throws(QEMUArguments.Problem) -> [Word]? {
    guard index < bytes.count else { return nil }
    var words: [Word] = []
    while index < bytes.count {
      let byte = bytes[index]
      switch byte {
      case _ where QEMUArguments.isBlank(byte): index += 1
      case UInt8(ascii: "\n"):
        index += 1
        line += 1
        return words
      case UInt8(ascii: ";"), UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: "("), UInt8(ascii: ")"):
        index += 1
        return words
      case UInt8(ascii: "#"): while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
      case UInt8(ascii: "<"), UInt8(ascii: ">"): try skipRedirection(&words)
      case UInt8(ascii: "\\") where continues: skipContinuation()
      default:
        words.append(try word())
        guard words.count <= QEMUArguments.most else {
          throw QEMUArguments.Problem(message: "it has more than \(QEMUArguments.most) arguments")
        }
      }
    }
    return words
  }

  /// Where the shell's own descriptors go is nothing of QEMU's arguments; nor is the number before the sign.
  private mutating func skipRedirection(_ words: inout [Word]) throws(QEMUArguments.Problem) {
    if index > 0, !QEMUArguments.isBlank(bytes[index - 1]), let last = words.last, last.bytes.count == 1,
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(last.bytes[0])
    {
      words.removeLast()
    }
    while index < bytes.count, "<>&|".utf8.contains(bytes[index]) { index += 1 }
    while index < bytes.count, QEMUArguments.isBlank(bytes[index]) { index += 1 }
    if index < bytes.count, !"\n;&|()<>".utf8.contains(bytes[index]) { _ = try word() }
  }

  private var continues: Bool {
    bytes[index] == UInt8(ascii: "\\") && index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "\n")
  }

  private mutating func skipContinuation() {
    index += 2
    line += 1
  }

  private mutating func word() throws(QEMUArguments.Problem) -> Word {
    var word = Word(line: line)
    while index < bytes.count {
      let byte = bytes[index]
      if QEMUArguments.isBlank(byte) || "\n;&|()<>".utf8.contains(byte) { break }
      if continues {
        skipContinuation()
        continue
      }
      switch byte {
      case UInt8(ascii: "\\"):
        index += 1
        if index < bytes.count { append(to: &word) }
      case UInt8(ascii: "'"): try takeQuoted(byte, into: &word)
      case UInt8(ascii: "\""): try takeQuoted(byte, into: &word)
      // A bracket is not among them: that of an IPv6 address is no pattern that any file has.
      case UInt8(ascii: "$"), UInt8(ascii: "`"), UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "{"):
        refuse(byte, in: &word)
        append(to: &word)
      case UInt8(ascii: "~") where word.bytes.isEmpty:
        refuse(byte, in: &word)
        append(to: &word)
      default: append(to: &word)
      }
    }
    return word
  }

  private mutating func append(to word: inout Word) {
    if bytes[index] == UInt8(ascii: "\n") { line += 1 }
    word.bytes.append(bytes[index])
    index += 1
  }

  private func refuse(_ byte: UInt8, in word: inout Word) {
    guard word.problem == nil else { return }
    word.problem = QEMUArguments.Problem(
      message: "line \(line): what the shell makes of '\(String(UnicodeScalar(byte)))' is not known; "
        + "give /proc/PID/cmdline of the running VM")
  }

  private mutating func takeQuoted(_ quote: UInt8, into word: inout Word) throws(QEMUArguments.Problem) {
    let start = line
    index += 1
    while index < bytes.count, bytes[index] != quote {
      let byte = bytes[index]
      if quote == UInt8(ascii: "\"") {
        if continues {
          skipContinuation()
          continue
        }
        // Within double quotes a backslash stands for itself, but before these.
        if byte == UInt8(ascii: "\\"), index + 1 < bytes.count, "$`\"\\".utf8.contains(bytes[index + 1]) {
          index += 1
        } else if byte == UInt8(ascii: "$") || byte == UInt8(ascii: "`") {
          refuse(byte, in: &word)
        }
      }
      append(to: &word)
    }
    guard index < bytes.count else {
      throw QEMUArguments.Problem(message: "line \(start): a quote is not closed")
    }
    index += 1
  }
}
