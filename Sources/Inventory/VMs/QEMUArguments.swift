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
    let place: VMPlace
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
      let parts = bytes.split(separator: nul, maxSplits: most, omittingEmptySubsequences: false)
      return try list(parts) { VMPlace(name, argument: $0 + 1) }
    }
    let bytes = withoutCarriageReturns(bytes)
    let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: most, omittingEmptySubsequences: false)
    guard lines.contains(where: { !$0.allSatisfy(isBlank) }) else { throw Problem(message: "it is empty") }
    return isList(lines)
      ? try list(lines) { VMPlace(name, line: $0 + 1) }
      : try command(in: bytes, name: name)
  }

  /// Line endings of another system are no part of an argument.
  private static func withoutCarriageReturns(_ bytes: [UInt8]) -> [UInt8] {
    let isEnding = { (index: Int) in
      bytes[index] == UInt8(ascii: "\r") && (index + 1 == bytes.count || bytes[index + 1] == UInt8(ascii: "\n"))
    }
    return bytes.indices.compactMap { isEnding($0) ? nil : bytes[$0] }
  }

  /// Whether each line is one argument: the first is a program's path alone, or an option. Whoever writes a command puts
  /// more into its line.
  private static func isList(_ lines: [ArraySlice<UInt8>]) -> Bool {
    let filled = lines.lazy.filter { !$0.allSatisfy(isBlank) }.prefix(2).map { $0 }
    guard filled.count == 2, let first = filled.first, let second = filled.last, first.first != UInt8(ascii: "#"),
      !first.contains(where: { isBlank($0) || isQuote($0) })
    else { return false }
    let dash = UInt8(ascii: "-")
    return first.first == dash || second.first == dash || isEmulator(Array(first))
  }

  private static func list(
    _ parts: [ArraySlice<UInt8>], _ place: (Int) -> VMPlace
  ) throws(Problem) -> (program: Argument?, arguments: [Argument]) {
    var parts = parts
    if parts.last?.isEmpty == true { parts.removeLast() }
    guard parts.count <= most else { throw Problem(message: "it has more than \(most) arguments") }
    // Nothing before the program is an argument.
    var arguments = Array(
      parts.enumerated().map { Argument(bytes: Array($1), place: place($0)) }.drop { $0.bytes.isEmpty })
    var program: Argument?
    if let first = arguments.first, first.bytes.first != UInt8(ascii: "-") { program = arguments.removeFirst() }
    return (program, arguments)
  }

  static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

  private static func isQuote(_ byte: UInt8) -> Bool { "'\"\\".utf8.contains(byte) }

  /// The one command of a text that runs QEMU.
  private static func command(
    in bytes: [UInt8], name: String
  ) throws(Problem) -> (program: Argument?, arguments: [Argument]) {
    var reader = ShellWords(bytes)
    var found: (program: Argument, arguments: [Argument])?
    while let words = try reader.nextCommand() {
      guard let index = emulator(in: words) else {
        if words.first?.bytes.first == UInt8(ascii: "-"), found == nil, reader.isAtEnd {
          if let problem = words.compactMap(\.problem).first { throw problem }
          return (nil, words.map { Argument(bytes: $0.bytes, place: VMPlace(name, line: $0.line)) })
        }
        continue
      }
      if let problem = words[index...].compactMap(\.problem).first { throw problem }
      guard found == nil else { throw Problem(message: "line \(words[index].line): a second QEMU is run here") }
      let arguments = words[index...].map { Argument(bytes: $0.bytes, place: VMPlace(name, line: $0.line)) }
      found = (arguments[0], Array(arguments.dropFirst()))
    }
    guard let found else { throw Problem(message: "no command in it runs qemu-system-... or qemu-kvm") }
    return (found.program, found.arguments)
  }

  /// The word that is the emulator which a command runs, not one that it only speaks of (`modprobe kvm`): nothing but
  /// assignments stands before it, or an option behind it.
  private static func emulator(in words: [ShellWords.Word]) -> Int? {
    words.indices.first { index in
      guard isEmulator(words[index].bytes) else { return false }
      if index + 1 < words.count, words[index + 1].bytes.first == UInt8(ascii: "-") { return true }
      return words[..<index].allSatisfy { $0.bytes.contains(UInt8(ascii: "=")) }
    }
  }

  private static func isEmulator(_ word: [UInt8]) -> Bool {
    // An assignment of such a path runs nothing.
    if word.contains(UInt8(ascii: "=")) { return false }
    let name = PathText.name(of: word)
    return name.starts(with: "qemu-system-".utf8) || name.elementsEqual("qemu-kvm".utf8)
      || name.elementsEqual("kvm".utf8)
  }
}
