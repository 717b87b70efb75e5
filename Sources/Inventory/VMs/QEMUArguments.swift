// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

/// The arguments of one QEMU, out of a file: as /proc/PID/cmdline has them (each ends with a NUL), one a line, or as they
/// stand in a script or in libvirt's log of a VM.
enum QEMUArguments {
  /// One argument.
  struct Argument: Sendable, Hashable {
    /// Its bytes, quotes undone.
    let bytes: [UInt8]
    /// Where it stands, for messages.
    let place: String
  }

  /// Why a file is no command line.
  struct Problem: Error, Hashable {
    /// In words, with the line where there is one.
    let message: String
  }

  /// Bytes of a file.
  static let longest = 4 << 20
  /// Arguments.
  static let most = 65_536

  /// Reads a file's bytes; the program itself is left out.
  ///
  /// - Parameter name: What messages call the file; safe to print.
  static func read(_ bytes: [UInt8], name: String) throws(Problem) -> (program: Argument?, arguments: [Argument]) {
    guard bytes.count <= longest else { throw Problem(message: "it is longer than \(longest) bytes") }
    let nul: UInt8 = 0
    if bytes.contains(nul) {
      return try split(
        bytes.split(separator: nul, maxSplits: most, omittingEmptySubsequences: false), last: "argument", name)
    }
    let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: most, omittingEmptySubsequences: false)
    guard let first = lines.first(where: { !$0.allSatisfy(isBlank) }) else { throw Problem(message: "it is empty") }
    // A program's path alone in its line begins a list of lines; whoever writes a command puts more there.
    if lines.count(where: { !$0.isEmpty }) > 1, !first.contains(where: { isBlank($0) || isQuote($0) }) {
      return try split(lines, last: "line", name)
    }
    return try command(in: bytes, name: name)
  }

  private static func split(
    _ parts: [ArraySlice<UInt8>], last word: String, _ name: String
  ) throws(Problem) -> (program: Argument?, arguments: [Argument]) {
    var parts = parts
    if parts.last?.isEmpty == true { parts.removeLast() }
    guard parts.count <= most else { throw Problem(message: "it has more than \(most) arguments") }
    var arguments = parts.enumerated().map { Argument(bytes: Array($1), place: "\(name): \(word) \($0 + 1)") }
    var program: Argument?
    if let first = arguments.first, first.bytes.first != UInt8(ascii: "-") { program = arguments.removeFirst() }
    return (program, arguments)
  }

  static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }

  private static func isQuote(_ byte: UInt8) -> Bool { "'\"\\".utf8.contains(byte) }

  /// The one command of a text that runs QEMU.
  private static func command(
    in bytes: [UInt8], name: String
  ) throws(Problem) -> (program: Argument?, arguments: [Argument]) {
    var reader = ShellWords(bytes)
    var found: (program: Argument, arguments: [Argument])?
    while let words = try reader.nextCommand() {
      guard let index = words.firstIndex(where: { isEmulator($0.bytes) }) else {
        if words.first?.bytes.first == UInt8(ascii: "-"), found == nil, reader.isAtEnd {
          if let problem = words.compactMap(\.problem).first { throw problem }
          return (nil, words.map { Argument(bytes: $0.bytes, place: "\(name):\($0.line)") })
        }
        continue
      }
      if let problem = words[index...].compactMap(\.problem).first { throw problem }
      guard found == nil else { throw Problem(message: "line \(words[index].line): a second QEMU is run here") }
      let arguments = words[index...].map { Argument(bytes: $0.bytes, place: "\(name):\($0.line)") }
      found = (arguments[0], Array(arguments.dropFirst()))
    }
    guard let found else { throw Problem(message: "no command in it runs qemu-system-... or qemu-kvm") }
    return (found.program, found.arguments)
  }

  private static func isEmulator(_ word: [UInt8]) -> Bool {
    let name = PathText.name(of: word)
    return name.starts(with: "qemu-system-".utf8) || name.elementsEqual("qemu-kvm".utf8)
      || name.elementsEqual("kvm".utf8)
  }
}

/// Words of a shell's command language (POSIX, 2.3) as far as they stand for themselves: quotes, backslashes and
/// comments. What the shell would replace is an error where it matters.
private struct ShellWords {
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
      case UInt8(ascii: "$"), UInt8(ascii: "`"), UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "["):
        // A bracket of an IPv6 address is no pattern that any file has.
        if byte != UInt8(ascii: "[") { refuse(byte, in: &word) }
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
