// SPDX-License-Identifier: Apache-2.0

/// The first statement of a policy: `policy "name" version 7`, optionally with `generation 3`. Lock files and
/// abstractions begin alike, with another word.
public struct PolicyHeader: Sendable {
  /// The name: 1 to 127 bytes of UTF-8, without controls.
  public let name: String
  /// The person's number, counted up with every change; at least 1.
  public let version: UInt64
  /// The number under which the policy was sealed; 0 while it is not.
  public let generation: UInt64
  /// Where the statement stands.
  public let location: Location

  /// Bytes of a name at most: MOOR_POLICY_NAME_MAX of the kernel's interface.
  public static let nameLimit = 127

  /// Makes a header for a policy that is written by a program.
  public init(name: String, version: UInt64, generation: UInt64 = 0) {
    self.init(
      name: name, version: version, generation: generation,
      location: Location(source: Source(name: name, bytes: []), range: 0..<0))
  }

  init(name: String, version: UInt64, generation: UInt64, location: Location) {
    self.name = name
    self.version = version
    self.generation = generation
    self.location = location
  }

  /// Reads the header that a document begins with.
  ///
  /// - Parameter keyword: The word it begins with.
  /// - Throws: ``PolicyError`` when the first statement is no such header, or another statement is one too.
  public init(of document: Document, keyword: Keyword = .policy) throws(PolicyError) {
    var reader = HeaderReader(document: document, keyword: keyword)
    guard let first = document.statements.first, reader.isHeader(first) else {
      reader.report(
        .header, document.statements.first?.headRange ?? 0..<0, "the file has no header; expected \(reader.form)",
        nearest: document.statements.first.flatMap {
          Nearest.match(document.argument($0.words[0]).bytes, among: [keyword.rawValue])
        })
      throw PolicyError(reader.diagnostics)
    }
    for statement in document.statements.dropFirst() where reader.isHeader(statement) {
      let note = Diagnostic.Note("the first header", at: document.location(first.headRange).place)
      reader.diagnostics.append(
        Diagnostic(.header, at: document.location(statement.headRange), "the file has a second header", notes: [note]))
    }
    let header = reader.read(first)
    guard let header, reader.diagnostics.isEmpty else { throw PolicyError(reader.diagnostics) }
    self = header
  }

  /// The word that a header begins with.
  public enum Keyword: String, Sendable, CaseIterable {
    /// The file that is loaded.
    case policy
    /// The digests that tools keep beside it.
    case lock
    /// A file that policies include.
    case abstraction
  }

  /// Reads a name as headers have it: 1 to 127 bytes of UTF-8, without controls.
  ///
  /// - Returns: nil and a reason when it is no name.
  public static func readName(_ argument: Argument) -> (name: String?, problem: String?) {
    let name = String(decoding: argument.bytes, as: UTF8.self)
    if let problem = problem(of: argument.bytes, name) { return (nil, problem) }
    return (name, nil)
  }

  /// Why a text is no name of a policy; nil when it is one.
  public static func problem(ofName name: String) -> String? { problem(of: Array(name.utf8), name) }

  private static func problem(of bytes: [UInt8], _ name: String) -> String? {
    if bytes.isEmpty || bytes.count > nameLimit {
      return "a name has 1 to \(nameLimit) bytes, this one has \(bytes.count)"
    }
    return name.utf8.elementsEqual(bytes) && SafeText.render(bytes) == name
      ? nil : "a name is UTF-8 without control characters"
  }
}

/// Reads the words of a header.
private struct HeaderReader {
  let document: Document
  let keyword: PolicyHeader.Keyword
  var diagnostics: [Diagnostic] = []

  var form: String { "\(keyword.rawValue) \"NAME\" version NUMBER" }

  func isHeader(_ statement: Statement) -> Bool {
    document.argument(statement.words[0]).isWord(keyword.rawValue)
  }

  mutating func read(_ statement: Statement) -> PolicyHeader? {
    guard statement.block == nil, statement.words.count >= 2 else {
      report(.header, statement.headRange, "the header is incomplete; expected \(form)")
      return nil
    }
    let argument = document.argument(statement.words[1])
    let (name, problem) = PolicyHeader.readName(argument)
    if let problem { report(.header, statement.words[1].range, problem) }
    var numbers: [String: UInt64] = [:]
    var index = 2
    while index < statement.words.count {
      readNumber(statement, at: index, into: &numbers)
      index += 2
    }
    guard let version = numbers["version"] else {
      if diagnostics.isEmpty { report(.header, statement.headRange, "the version is missing; expected \(form)") }
      return nil
    }
    guard let name, diagnostics.isEmpty else { return nil }
    return PolicyHeader(
      name: name, version: version, generation: numbers["generation"] ?? 0,
      location: document.location(statement.headRange))
  }

  private mutating func readNumber(_ statement: Statement, at index: Int, into numbers: inout [String: UInt64]) {
    let word = statement.words[index]
    let argument = document.argument(word)
    guard let key = ["version", "generation"].first(where: { argument.isWord($0) }) else {
      report(
        .unknownWord, word.range, "'\(argument.shown)' is no part of a header; expected version or generation",
        nearest: Nearest.match(argument.bytes, among: ["version", "generation"]))
      return
    }
    if numbers[key] != nil { report(.header, word.range, "'\(key)' stands twice") }
    guard index + 1 < statement.words.count else {
      report(.header, word.range, "a number is missing after '\(key)'")
      return
    }
    let value = document.argument(statement.words[index + 1])
    guard !value.isQuoted, let number = UInt64(decimal: value.bytes), number >= 1 else {
      report(
        .header, statement.words[index + 1].range,
        "'\(value.shown)' is no \(key); expected a number from 1 to \(UInt64.max)")
      return
    }
    numbers[key] = number
  }

  mutating func report(_ code: Diagnostic.Code, _ range: Range<Int>, _ message: String, nearest: String? = nil) {
    diagnostics.append(Diagnostic(code, at: document.location(range), message, nearest: nearest))
  }
}

extension UInt64 {
  /// A number of decimal digits alone, without a leading zero; nil when it is none or too large.
  public init?(decimal bytes: some Collection<UInt8>) {
    guard let first = bytes.first, bytes.count <= 20, bytes.count == 1 || first != UInt8(ascii: "0") else { return nil }
    var value: UInt64 = 0
    for byte in bytes {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
      if overflow || carry { return nil }
      value = sum
    }
    self = value
  }
}
