// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
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
  /// The VMs that have something anew at each start, by its pattern.
  private var starts: [[VMRule.Piece]: [String]] = [:]

  /// Writes the blocks in the order of the VMs' names.
  ///
  /// - Parameters:
  ///   - vms: Each with another, valid name.
  ///   - root: Where paths are resolved, and what lies behind disks is looked for.
  public init(_ vms: [VMDescription], root: FileRoot) {
    self.root = root
    let vms = vms.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    for vm in vms {
      for pieces in Set(vm.rules.filter(\.isOfOneStart).map(\.pieces)) { starts[pieces, default: []].append(vm.name) }
    }
    for vm in vms { add(vm) }
  }

  private mutating func line(_ text: String, for origin: VMPlace? = nil) {
    self.text += text + "\n"
    origins.append(origin?.description)
  }

  private mutating func add(_ vm: VMDescription) {
    var notes = vm.notes
    var chain = ImageChain(root)
    for image in vm.images { chain.follow(image) }
    notes += chain.notes
    rawImages.formUnion(chain.raw)
    var table = VMRuleTable()
    for rule in chain.rules + vm.rules.compactMap({ resolve($0, &notes) }) where isAlone(rule, vm, &notes) {
      table.add(rule)
    }
    let rules = readable(table.rules, &notes)
    var told: Set<VMNote> = []
    // In the order in which a reader of the description comes upon them.
    self.notes += notes.enumerated().filter { told.insert($0.element).inserted }.sorted {
      ($0.element.place.position, $0.offset) < ($1.element.place.position, $1.offset)
    }.map(\.element.description)
    write(rules, of: vm)
  }

  /// libvirt cuts names, so that what it makes for two VMs at each start may have one pattern: no VM's own then.
  private func isAlone(_ rule: VMRule, _ vm: VMDescription, _ notes: inout [VMNote]) -> Bool {
    guard rule.isOfOneStart, let other = starts[rule.pieces]?.first(where: { $0 != vm.name }) else { return true }
    notes.append(
      VMNote(
        place: rule.place,
        text: "\(PathText.word(rule.pieces)) is in no rule: it would be that of \(other), too, whose name begins alike")
    )
    return false
  }

  /// The rules that can be read as such. Of what stands in them descriptions say more than rules may hold.
  private func readable(_ rules: [VMRule], _ notes: inout [VMNote]) -> [VMRule] {
    var rules = rules
    while true {
      let problems = AccessPolicy.problems(inRules: rules.map(\.text))
      if problems.isEmpty { return rules }
      for index in problems.keys.sorted() {
        let text = "\(SafeText.show(rules[index].text)) is no rule and is left out: \(problems[index] ?? "")"
        notes.append(VMNote(place: rules[index].place, text: text))
      }
      rules = rules.enumerated().filter { problems[$0.offset] == nil }.map(\.element)
    }
  }

  private mutating func write(_ rules: [VMRule], of vm: VMDescription) {
    if !text.isEmpty { line("") }
    line(Self.comment(vm.source))
    line("vm \(vm.name) {")
    line("  include <abstractions/qemu>")
    for topic in VMRule.Topic.allCases { add(rules.filter { $0.topic == topic && $0.helper == nil }, topic) }
    let helpers = Set(rules.compactMap(\.helper)).sorted()
    for helper in helpers {
      line("")
      line("  # Started beside QEMU, and not in this domain yet; named so that no other VM may have what is its own.")
      line("  helper \(helper) {")
      for rule in rules where rule.helper == helper { line("    " + Self.statement(rule), for: rule.place) }
      line("  }")
    }
    line("}")
  }

  private mutating func add(_ rules: [VMRule], _ topic: VMRule.Topic) {
    if rules.isEmpty { return }
    line("")
    line("  # \(topic.comment)")
    for rule in rules { line("  " + Self.statement(rule), for: rule.place) }
  }

  private static func statement(_ rule: VMRule) -> String {
    rule.text + (rule.comment.map { "  " + comment($0) } ?? "")
  }

  /// A comment as formatting leaves it: without blanks at its end.
  private static func comment(_ text: String) -> String {
    String(decoding: "# \(text)".utf8.reversed().drop { $0 == UInt8(ascii: " ") }.reversed(), as: UTF8.self)
  }

  /// The rule about the path that the kernel sees; nil, with a note, where there is none.
  private func resolve(_ rule: VMRule, _ notes: inout [VMNote]) -> VMRule? {
    guard case .literal(let path) = rule.pieces.first else { return rule }
    var rule = rule
    func leaveOut(_ text: String) -> VMRule? {
      notes.append(VMNote(place: rule.place, text: text))
      return nil
    }
    // Of a name that goes on with a wildcard only the folder can be looked up.
    let isWhole = rule.pieces.count == 1 || rule.pieces[1] == .below
    let folder = isWhole ? path : Array(PathText.folder(of: path))
    guard let place = root.place(of: folder) else {
      return leaveOut("\(SafeText.render(path)) is in no rule: it leads nowhere")
    }
    if isWhole, rule.pieces.count > 1, place == [PathText.slash] {
      return leaveOut("all of the file system would be in a rule, which is not written")
    }
    let end = isWhole ? [] : (place == [PathText.slash] ? [] : [PathText.slash]) + PathText.name(of: path)
    guard place.count + end.count <= 4095 else {
      return leaveOut("\(SafeText.render(path)) is in no rule: resolved, it is longer than 4,095 bytes")
    }
    rule.pieces[0] = .literal(place + end)
    return rule
  }
}
