// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import PolicyText

/// The value of an option that holds others: `driver=qcow2,file.filename=/a,,b` or the same as JSON. It keeps account of
/// what was looked at.
final class QEMUOptions {
  /// Why a value is none.
  struct Problem: Error, Hashable {
    /// In words; safe to print.
    let message: String
  }

  private struct Entry {
    /// In the order of the text: the last one counts, where not all do.
    var values: [[UInt8]] = []
    /// JSON's null, which is not the word.
    var isNull = false
    var isRead = false
  }

  private var entries: [String: Entry] = [:]
  private var order: [String] = []
  /// What keys begin with, up to one of their dots.
  private var prefixes: Set<String> = []

  /// Keys of one option; far more than any has.
  private static let mostKeys = 4_096
  /// Bytes of a key with all that it stands in.
  private static let longestKey = 256

  /// Reads `KEY=VALUE,...`, in which a comma of a value is doubled; a first word without `=` is the implied key's value, a
  /// later one is switched on.
  ///
  /// - Parameter implied: The first word's key; nil where there is none.
  init(_ bytes: [UInt8], implied: String?) throws(Problem) {
    if bytes.first == UInt8(ascii: "{") {
      try readJSON(bytes)
      return
    }
    var isFirst = true
    for part in Self.split(bytes) {
      if part.isEmpty { continue }
      if let equals = part.firstIndex(of: UInt8(ascii: "=")) {
        try set(String(decoding: part[..<equals], as: UTF8.self), Array(part[(equals + 1)...]))
      } else if isFirst, let implied {
        try set(implied, part)
      } else {
        let word = String(decoding: part, as: UTF8.self)
        let isOff = word.hasPrefix("no") && word.utf8.count > 2 && Self.switches.contains(String(word.dropFirst(2)))
        try set(isOff ? String(word.dropFirst(2)) : word, Array((isOff ? "off" : "on").utf8))
      }
      isFirst = false
    }
  }

  private static let switches: Set<String> = ["wait", "delay", "readonly"]

  /// Splits at commas; two of them are one of the text.
  static func split(_ bytes: [UInt8]) -> [[UInt8]] {
    let comma = UInt8(ascii: ",")
    var parts: [[UInt8]] = [[]]
    var index = 0
    while index < bytes.count {
      if bytes[index] == comma {
        if index + 1 < bytes.count, bytes[index + 1] == comma {
          parts[parts.count - 1].append(comma)
          index += 1
        } else {
          parts.append([])
        }
      } else {
        parts[parts.count - 1].append(bytes[index])
      }
      index += 1
    }
    return parts
  }

  private func set(_ key: String, _ value: [UInt8], isNull: Bool = false) throws(Problem) {
    if entries[key] == nil {
      guard key.utf8.count <= Self.longestKey else {
        throw Problem(message: "it has a key of more than \(Self.longestKey) bytes")
      }
      guard order.count < Self.mostKeys else { throw Problem(message: "it has more than \(Self.mostKeys) keys") }
      order.append(key)
      var prefix = key[...]
      while let dot = prefix.lastIndex(of: "."), prefixes.insert(String(key[..<dot])).inserted { prefix = key[..<dot] }
    }
    entries[key, default: Entry()].values.append(value)
    entries[key]?.isNull = isNull
  }

  private func readJSON(_ bytes: [UInt8]) throws(Problem) {
    let value: JSONValue
    do {
      value = try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
    } catch {
      throw Problem(message: "it is no JSON that can be read")
    }
    try add(value, "")
  }

  private func add(_ value: JSONValue, _ path: String) throws(Problem) {
    let prefix = path.isEmpty ? "" : path + "."
    switch value {
    case .object(let members):
      for key in members.keys.sorted() { try add(members[key] ?? .null, prefix + key) }
    case .array(let items): for (index, item) in items.enumerated() { try add(item, "\(prefix)\(index)") }
    case .text(let text): try set(path, Array(text.utf8))
    case .other(let text): try set(path, Array(text.utf8))
    case .null: try set(path, [], isNull: true)
    }
  }

  /// A value, which counts as looked at from now on.
  func bytes(_ keys: String...) -> [UInt8]? {
    var found: [UInt8]?
    for key in keys where entries[key] != nil {
      entries[key]?.isRead = true
      if found == nil, entries[key]?.isNull == false { found = entries[key]?.values.last }
    }
    return found
  }

  /// All values of a key that may be given several times; they count as looked at from now on.
  func all(_ key: String) -> [[UInt8]] {
    entries[key]?.isRead = true
    return entries[key]?.values ?? []
  }

  /// A value as text, which goes on counting as not looked at.
  func peek(_ key: String) -> String? {
    guard let entry = entries[key], !entry.isNull else { return nil }
    return entry.values.last.map { String(decoding: $0, as: UTF8.self) }
  }

  /// A value as text.
  func text(_ key: String) -> String? { bytes(key).map { String(decoding: $0, as: UTF8.self) } }

  /// Whether a key is there and has no value.
  func isNull(_ key: String) -> Bool { entries[key]?.isNull == true }

  /// Whether a key is there.
  func has(_ key: String) -> Bool { entries[key] != nil }

  /// Whether some key begins so, with a dot behind it.
  func hasKeys(below prefix: String) -> Bool { prefixes.contains(prefix) }

  /// Whether a key is switched on; nil when it is not there.
  func flag(_ keys: String...) -> Bool? {
    for key in keys {
      guard let text = text(key) else { continue }
      return ["on", "yes", "true", "y"].contains(text)
    }
    return nil
  }

  /// Takes all whose keys begin so for looked at.
  func dismiss(below prefix: String = "") {
    for key in order where key.hasPrefix(prefix) { entries[key]?.isRead = true }
  }

  /// Values that look like paths and that nobody looked at, with their keys.
  var unreadPaths: [(key: String, value: [UInt8])] {
    order.flatMap { key in
      guard let entry = entries[key], !entry.isRead else { return [(key: String, value: [UInt8])]() }
      return entry.values.filter { $0.contains(PathText.slash) }.map { (key, $0) }
    }
  }
}

/// A value of JSON (RFC 8259), numbers and truth as the words that options have for them.
private enum JSONValue: Decodable {
  case object([String: JSONValue])
  case array([JSONValue])
  case text(String)
  case other(String)
  case null

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let truth = try? container.decode(Bool.self) {
      self = .other(truth ? "on" : "off")
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let number = try? container.decode(Int64.self) {
      self = .other(String(number))
    } else if let number = try? container.decode(Double.self) {
      self = .other(String(number))
    } else if let items = try? container.decode([JSONValue].self) {
      self = .array(items)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }
}
