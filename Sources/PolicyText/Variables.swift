// SPDX-License-Identifier: Apache-2.0

/// The variables of a policy: `@{name} = value value`, and `@{name} += value` to add to it.
public struct Variables: Sendable {
  private struct Definition: Sendable {
    var values: [Argument]
    let location: Location
    /// The values without variables in them, once they are known.
    var expanded: [Argument]?
  }

  private var definitions: [String: Definition] = [:]
  private let late: Set<String>
  private let limits: Limits

  private init(late: Set<String>, limits: Limits) {
    self.late = late
    self.limits = limits
  }

  /// Takes the definitions out of a policy's statements outside blocks.
  static func collect(
    _ items: [PolicyItem], late: Set<String>, limits: Limits
  ) -> (variables: Variables, problems: [Diagnostic]) {
    var variables = Variables(late: late, limits: limits)
    var problems: [Diagnostic] = []
    for item in items {
      let word = item.keyword
      guard word.isUnescaped(Byte.at, at: 0), word.isUnescaped(Byte.open, at: 1) else { continue }
      if let problem = variables.define(item, word) { problems.append(problem) }
    }
    var count = 0
    for (name, definition) in variables.definitions.sorted(by: { $0.value.location.isBefore($1.value.location) }) {
      do throws(PolicyError) {
        try variables.resolve(name, within: [], at: definition.location)
        count += variables.definitions[name]?.expanded?.count ?? 0
        if count > 16 * limits.expansions { throw variables.tooMany(16 * limits.expansions, at: definition.location) }
      } catch {
        problems += error.diagnostics
        if count > 16 * limits.expansions { break }
      }
    }
    return (variables, problems)
  }

  private mutating func define(_ item: PolicyItem, _ word: Argument) -> Diagnostic? {
    guard let use = Use.first(in: word), use.range == word.bytes.indices, let name = use.name else {
      return Diagnostic(
        .variable, at: word.location, "'\(word.shown)' is no variable; expected @{NAME} of letters, digits, '_' and '-'"
      )
    }
    guard item.statement.block == nil, item.wordCount >= 3,
      item.argument(1).isWord("=") || item.argument(1).isWord("+=")
    else {
      return Diagnostic(.form, at: item.location, "the definition is malformed; expected @{\(name)} = VALUE ...")
    }
    if late.contains(name) {
      return Diagnostic(
        .variable, at: word.location, "@{\(name)} gets its value when a VM is bound and cannot be defined")
    }
    let values = (2..<item.wordCount).map { item.argument($0) }
    if item.argument(1).isWord("+=") {
      guard definitions[name] != nil else { return unknown(name, at: word.location) }
      definitions[name]?.values += values
      return nil
    }
    if let first = definitions[name] {
      let note = Diagnostic.Note("the first definition", at: first.location.place)
      return Diagnostic(
        .variable, at: word.location, "@{\(name)} is defined twice; expected += to add to it", notes: [note])
    }
    definitions[name] = Definition(values: values, location: word.location, expanded: nil)
    return nil
  }

  /// The values of a word: itself when no variable stands in it, else one for each combination of their values.
  ///
  /// - Throws: ``PolicyError`` for an unknown variable, one that is defined by itself, or too many values.
  public func expand(_ argument: Argument) throws(PolicyError) -> [Argument] {
    var results = [Pieces()]
    var position = 0
    while let use = Use.first(in: argument, from: position) {
      guard let name = use.name else {
        throw PolicyError([
          Diagnostic(.variable, at: argument.location, "'\(argument.shown)' holds no variable's name between @{ and }")
        ])
      }
      for index in results.indices { results[index].append(argument.part(position..<use.range.lowerBound)) }
      position = use.range.upperBound
      if late.contains(name) {
        for index in results.indices { results[index].append(argument.part(use.range)) }
        continue
      }
      guard let values = definitions[name]?.expanded else {
        throw PolicyError([unknown(name, at: argument.location)])
      }
      guard results.count * values.count <= limits.expansions else {
        throw tooMany(limits.expansions, at: argument.location)
      }
      results = results.flatMap { head in values.map { head.appending($0.part($0.bytes.indices)) } }
    }
    if position == 0 { return [argument] }
    for index in results.indices { results[index].append(argument.part(position..<argument.bytes.count)) }
    if let longest = results.map(\.bytes.count).max(), longest > limits.wordBytes {
      throw PolicyError([
        Diagnostic(
          .limit, at: argument.location, "the word has \(longest) bytes, more than the \(limits.wordBytes) allowed")
      ])
    }
    return results.map {
      Argument(bytes: $0.bytes, isQuoted: false, location: argument.location, mask: $0.mask)
    }
  }

  /// Expands the values of a variable, those that it uses first, each once.
  private mutating func resolve(_ name: String, within names: [String], at location: Location) throws(PolicyError) {
    guard let definition = definitions[name], definition.expanded == nil else { return }
    let chain = names + [name]
    if names.contains(name) {
      let shown = chain.map { "@{\($0)}" }.joined(separator: " -> ")
      throw PolicyError([Diagnostic(.variable, at: location, "the variable is defined by itself: \(shown)")])
    }
    guard chain.count <= Self.deepest else {
      throw PolicyError([
        Diagnostic(.limit, at: location, "variables use each other over more than \(Self.deepest) steps")
      ])
    }
    var expanded: [Argument] = []
    for value in definition.values {
      var position = 0
      while let use = Use.first(in: value, from: position) {
        if let used = use.name { try resolve(used, within: chain, at: value.location) }
        position = use.range.upperBound
      }
      expanded += try expand(value)
    }
    guard expanded.count <= limits.expansions else { throw tooMany(limits.expansions, at: location) }
    definitions[name]?.expanded = expanded
  }

  private static let deepest = 64

  private func tooMany(_ limit: Int, at location: Location) -> PolicyError {
    PolicyError([Diagnostic(.limit, at: location, "variables give more than \(limit) values")])
  }

  private func unknown(_ name: String, at location: Location) -> Diagnostic {
    let known = definitions.keys.sorted() + late.sorted()
    return Diagnostic(
      .variable, at: location,
      "there is no variable @{\(name)}; expected one that a statement @{\(name)} = ... defines",
      nearest: Nearest.match(Array(name.utf8), among: known).map { "@{\($0)}" })
  }

  private struct Pieces {
    var bytes: [UInt8] = []
    var mask: [Bool] = []

    mutating func append(_ part: (bytes: ArraySlice<UInt8>, mask: [Bool])) {
      bytes += part.bytes
      mask += part.mask
    }

    func appending(_ part: (bytes: ArraySlice<UInt8>, mask: [Bool])) -> Pieces {
      var copy = self
      copy.append(part)
      return copy
    }
  }

  /// One `@{name}` in a word.
  private struct Use {
    let range: Range<Int>
    /// nil when what stands between the braces is no name.
    let name: String?

    static func first(in argument: Argument, from start: Int = 0) -> Use? {
      guard !argument.isQuoted, argument.bytes.count >= 2 else { return nil }
      for index in start..<max(start, argument.bytes.count - 1)
      where argument.isUnescaped(Byte.at, at: index) && argument.isUnescaped(Byte.open, at: index + 1) {
        let inside = argument.bytes[(index + 2)...].prefix { $0 != Byte.close }
        let end = min(inside.endIndex + 1, argument.bytes.count)
        let isName =
          !inside.isEmpty && inside.count <= 64 && inside.allSatisfy(isNameByte)
          && inside.endIndex < argument.bytes.count
        return Use(range: index..<end, name: isName ? String(decoding: inside, as: UTF8.self) : nil)
      }
      return nil
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
  }
}

extension Location {
  /// Orders the locations of one file; those of different files by the file's name.
  func isBefore(_ other: Location) -> Bool {
    source.name == other.source.name
      ? range.lowerBound < other.range.lowerBound : source.name < other.source.name
  }
}
