// SPDX-License-Identifier: Apache-2.0

/// The rules of one VM, each said once: what several say of one path is one rule.
struct VMRuleTable {
  private(set) var rules: [VMRule] = []
  private var places: [Key: Int] = [:]

  private struct Key: Hashable {
    let kind: String
    let pieces: [VMRule.Piece]
    let helper: String?
  }

  private static let letters = Array("rwamcdlk")
  /// What is said of files, the one that says most of it first.
  private static let verbs = ["object", "file", "shared"]

  mutating func add(_ rule: VMRule) {
    let kind = Self.verbs.contains(rule.verb) ? "files" : rule.verb
    let key = Key(kind: kind, pieces: rule.pieces, helper: rule.helper)
    guard let index = places[key] else {
      places[key] = rules.count
      rules.append(rule)
      return
    }
    rules[index].letters = Self.union(rules[index].letters, rule.letters)
    rules[index].verb = Self.verbs.first { $0 == rules[index].verb || $0 == rule.verb } ?? rule.verb
    if rules[index].commands != rule.commands {
      let all = Set(rules[index].commands + rule.commands)
      rules[index].commands = all.contains("any") ? ["any"] : all.sorted()
    }
  }

  private static func union(_ one: String, _ other: String) -> String {
    if one == other { return one }
    let words = (one + " " + other).split(separator: " ").map(String.init)
    let plain = words.filter { ["rename", "truncate", "chmod"].contains($0) }
    let set = Set(words.filter { !plain.contains($0) }.joined())
    let all = [String(letters.filter(set.contains))] + ["rename", "truncate", "chmod"].filter(plain.contains)
    return all.filter { !$0.isEmpty }.joined(separator: " ")
  }
}
