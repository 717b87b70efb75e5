// SPDX-License-Identifier: Apache-2.0

internal import PolicyText
public import TrustPolicy

/// Rules of access for VMs as they are described, as a text for a person to read and change: a block a VM.
public struct VMPolicy: Sendable {
  /// The blocks, which stand behind a policy's trust. The same descriptions on the same host give the same text.
  public private(set) var text = ""
  /// What is in no rule, and why: each begins with its place. Safe to print.
  public private(set) var notes: [String] = []
  /// What each line of the text, from 0, was written for; nil for those that were written for nothing.
  public private(set) var origins: [String?] = []
  /// Images that the descriptions say to be raw, resolved.
  public private(set) var rawImages: Set<[UInt8]> = []

  private let root: FileRoot

  /// Writes the blocks in the order of the VMs' names.
  ///
  /// - Parameters:
  ///   - vms: Each with another, valid name.
  ///   - root: Where paths are resolved, and what lies behind disks is looked for.
  public init(_ vms: [VMDescription], root: FileRoot) {
    self.root = root
    for vm in vms.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) { add(vm) }
  }

  private mutating func line(_ text: String, for origin: String? = nil) {
    self.text += text + "\n"
    origins.append(origin)
  }

  private mutating func add(_ vm: VMDescription) {
    notes += vm.notes
    var chain = ImageChain(root)
    for image in vm.images { chain.follow(image) }
    notes += chain.notes
    rawImages.formUnion(chain.raw)
    var table = VMRuleTable()
    for rule in chain.rules { table.add(rule) }
    for rule in vm.rules {
      if let resolved = resolve(rule) { table.add(resolved) }
    }
    if !text.isEmpty { line("") }
    line("# \(vm.source)")
    line("vm \(vm.name) {")
    line("  include <abstractions/qemu>")
    for topic in VMRule.Topic.allCases { add(table.rules.filter { $0.topic == topic && $0.helper == nil }, topic) }
    let helpers = Set(table.rules.compactMap(\.helper)).sorted()
    for helper in helpers {
      line("")
      line("  # Started beside QEMU, and not in this domain yet; named so that no other VM may have what is its own.")
      line("  helper \(helper) {")
      for rule in table.rules where rule.helper == helper {
        line("    \(rule.text)\(Self.comment(rule))", for: rule.place)
      }
      line("  }")
    }
    line("}")
  }

  private mutating func add(_ rules: [VMRule], _ topic: VMRule.Topic) {
    if rules.isEmpty { return }
    line("")
    line("  # \(topic.comment)")
    for rule in rules { line("  \(rule.text)\(Self.comment(rule))", for: rule.place) }
  }

  private static func comment(_ rule: VMRule) -> String { rule.comment.map { "  # \($0)" } ?? "" }

  /// The rule about the path that the kernel sees; nil, with a note, where there is none.
  private mutating func resolve(_ rule: VMRule) -> VMRule? {
    guard case .literal(let path) = rule.pieces.first else { return rule }
    var rule = rule
    // Of a name that goes on with a wildcard only the folder can be looked up.
    let isWhole = rule.pieces.count == 1 || rule.pieces[1] == .below
    let folder = isWhole ? path : Array(PathText.folder(of: path))
    guard let place = root.place(of: folder) else {
      notes.append("\(rule.place): \(SafeText.render(path)) is in no rule: it leads nowhere")
      return nil
    }
    if isWhole, rule.pieces.count > 1, place == [PathText.slash] {
      notes.append("\(rule.place): all of the file system would be in a rule, which is not written")
      return nil
    }
    let end = isWhole ? [] : (place == [PathText.slash] ? [] : [PathText.slash]) + PathText.name(of: path)
    guard place.count + end.count <= 4095 else {
      notes.append("\(rule.place): \(SafeText.render(path)) is in no rule: resolved, it is longer than 4,095 bytes")
      return nil
    }
    rule.pieces[0] = .literal(place + end)
    return rule
  }
}

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
