// SPDX-License-Identifier: Apache-2.0

import PolicyText

@testable import AccessPolicy

/// One line of a `.paths` file: `DOMAIN PATH = ANSWER`.
///
/// A path may begin with `@{vmdir}`, or with `@` for an abstract socket, and hold the variables of binding. The answer is
/// what is granted, then perhaps `audit`, `deny` and `quiet` with what they name, `helper`, `ioctl` and `parent`.
struct PathQuestion {
  let domain: String
  let root: Glob.Root
  let path: [UInt8]

  struct Malformed: Error { let line: Int }

  /// The document's text with each answer replaced by what is found; comments and layout stay.
  static func answers(in document: Document, find: (PathQuestion) throws -> String) throws -> String {
    let bytes = document.bytes
    var text: [UInt8] = []
    var copied = 0
    for statement in document.statements {
      let words = statement.words.map { document.argument($0) }
      guard words.count >= 3, words[2].isWord("=") else {
        throw Malformed(line: document.location(statement.range).place.line)
      }
      let answer = try find(PathQuestion(words))
      text += bytes[copied..<statement.words[2].range.upperBound]
      text += (answer.isEmpty ? "" : " " + answer).utf8
      copied = statement.range.upperBound
    }
    return String(decoding: text + bytes[copied...], as: UTF8.self)
  }

  init(_ words: [Argument]) {
    domain = String(decoding: words[0].bytes, as: UTF8.self)
    var path = words[1].bytes
    var root = Glob.Root.path
    if !words[1].isQuoted {
      let directory = Array("@{vmdir}".utf8)
      for value in Glob.Value.allCases {
        path = Self.replacing(Array("@{\(value.name)}".utf8), by: [0, value.rawValue], in: path)
      }
      if path.starts(with: directory) {
        root = .vmDirectory
        path.removeFirst(directory.count)
      } else if path.first == UInt8(ascii: "@") {
        root = .abstract
        path.removeFirst()
      }
    }
    self.root = root
    self.path = path
  }

  private static func replacing(_ old: [UInt8], by new: [UInt8], in bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index...].starts(with: old) {
        result += new
        index += old.count
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return result
  }

  static func show(_ answer: PathAnswer, _ commands: CommandSet, _ helpers: [String]) -> String {
    var parts: [String] = []
    if !answer.granted.isEmpty { parts.append(answer.granted.description) }
    for (word, permissions) in [("audit", answer.audit), ("deny", answer.deny), ("quiet", answer.quiet)]
    where !permissions.isEmpty { parts.append("\(word) \(permissions)") }
    if answer.helper != 0 { parts.append("helper \(helpers[Int(answer.helper) - 1])") }
    switch commands {
    case .any: parts.append("ioctl any")
    case .some(let numbers) where !numbers.isEmpty:
      let names = numbers.map { number in
        CommandNames.all.first { $0.number == number }?.name ?? "0x" + String(number, radix: 16)
      }
      parts.append("ioctl \(names.joined(separator: ","))")
    case .some: break
    }
    if answer.isParent { parts.append("parent") }
    return parts.isEmpty ? "none" : parts.joined(separator: " ")
  }
}
