// SPDX-License-Identifier: Apache-2.0

internal import CMoor
internal import PolicyText

/// Reads the blocks of a policy that hold rules of access.
struct DomainReader {
  let tree: PolicyTree
  let limits: Limits
  var domains: [AccessDomain] = []
  var diagnostics: [Diagnostic] = []
  private var places: [String: Location] = [:]
  /// Rules of included files, by file and offset: ten thousand VMs include the same ones.
  private var shared: [SharedKey: [AccessRule]] = [:]

  private struct SharedKey: Hashable {
    let file: ObjectIdentifier
    let offset: Int
  }

  /// The statements that begin outside blocks.
  static let keywords = ["trust", "vm", "template", "include"]

  init(tree: PolicyTree, limits: Limits) {
    self.tree = tree
    self.limits = limits
  }

  private var isFull: Bool { diagnostics.count >= limits.diagnostics }

  mutating func read() {
    for item in tree.items where !isFull {
      let keyword = item.keyword
      if keyword.isWord("trust") { continue }
      if keyword.isWord("vm") || keyword.isWord("template") {
        readBlock(item, isTemplate: keyword.isWord("template"))
        continue
      }
      report(
        RuleProblem(
          .unknownWord, keyword.location,
          "'\(keyword.shown)' begins no statement here; expected trust, vm, template, include or @{NAME} =",
          nearest: Nearest.match(keyword.bytes, among: Self.keywords + [tree.keyword.rawValue])))
    }
  }

  private mutating func readBlock(_ item: PolicyItem, isTemplate: Bool) {
    let word = isTemplate ? "template" : "vm"
    guard item.statement.block != nil, item.wordCount == 2 else {
      report(RuleProblem(.form, item.location, "the block is malformed; expected \(word) NAME { ... }"))
      return
    }
    let argument = item.argument(1)
    guard let name = Self.name(argument) else {
      report(
        RuleProblem(
          .form, argument.location,
          "'\(argument.shown)' is no name of a VM; expected 1 to \(MOOR_VM_NAME_MAX) letters, digits, '.', '_' or '-', "
            + "beginning with a letter or a digit"))
      return
    }
    if isTemplate, !AccessPolicy.templates.contains(name) {
      report(
        RuleProblem(
          .unknownWord, argument.location,
          "there is no template '\(name)'; expected guest (VMs without a block) or probe (a hypervisor's probing)",
          nearest: Nearest.match(name.utf8, among: AccessPolicy.templates)))
      return
    }
    let shown = isTemplate ? "template \(name)" : name
    if isDoubled("\(word) \(name)", "\(word) \(name)", argument.location) { return }
    let parent = domains.count
    var helpers: [PolicyItem] = []
    let vm = isTemplate ? nil : Array(name.utf8)
    let rules = readRules(of: item, vm: vm, helpers: &helpers)
    domains.append(
      AccessDomain(kind: isTemplate ? .template : .vm, name: shown, rules: rules, location: item.location))
    for helper in helpers where !isFull { readHelper(helper, parent: parent, vm: vm) }
    checkHelpers(parent)
  }

  private mutating func readHelper(_ item: PolicyItem, parent: Int, vm: [UInt8]?) {
    guard item.statement.block != nil, item.wordCount == 2 else {
      report(RuleProblem(.form, item.location, "the block is malformed; expected helper NAME { ... }"))
      return
    }
    let argument = item.argument(1)
    guard let name = Self.name(argument), !["vm", "hypervisor"].contains(name) else {
      report(RuleProblem(.form, argument.location, "'\(argument.shown)' is no name of a helper; expected another"))
      return
    }
    let full = domains[parent].name + "/" + name
    if isDoubled("helper \(full)", "helper \(name)", argument.location) { return }
    var inner: [PolicyItem] = []
    let rules = readRules(of: item, vm: vm, helpers: &inner)
    for helper in inner {
      report(RuleProblem(.form, helper.location, "a helper has no helpers; expected this block beside it, in the VM's"))
    }
    domains[parent].helpers.append(domains.count)
    domains.append(
      AccessDomain(kind: .helper(parent: parent), name: full, rules: rules, location: item.location))
  }

  private mutating func isDoubled(_ key: String, _ shown: String, _ location: Location) -> Bool {
    if let first = places[key] {
      diagnostics.append(
        Diagnostic(
          .doubled, at: location, "\(shown) stands twice", notes: [Diagnostic.Note("the first block", at: first.place)])
      )
      return true
    }
    places[key] = location
    return false
  }

  private mutating func readRules(of block: PolicyItem, vm: [UInt8]?, helpers: inout [PolicyItem]) -> [AccessRule] {
    var rules: [AccessRule] = []
    for item in tree.items(in: block) where !isFull {
      if item.keyword.isWord("helper") {
        helpers.append(item)
        continue
      }
      let isIncluded = item.file !== tree.main
      let key = SharedKey(file: ObjectIdentifier(item.file), offset: item.statement.range.lowerBound)
      if isIncluded, let known = shared[key] {
        rules += known
        continue
      }
      var reader = RuleReader(tree: tree, item: item, vm: vm, isIncluded: isIncluded)
      do throws(RuleProblem) {
        let read = try reader.read()
        if isIncluded, read.allSatisfy(\.isShared) { shared[key] = read }
        rules += read
      } catch {
        report(error)
        // What is wrong with it is said once, however many VMs include it.
        if isIncluded { shared[key] = [] }
      }
    }
    return rules
  }

  /// A rule may only name helpers that are there.
  private mutating func checkHelpers(_ parent: Int) {
    let names = domains[parent].helpers.map { domains[$0].name.split(separator: "/").last.map(String.init) ?? "" }
    for index in [parent] + domains[parent].helpers {
      for rule in domains[index].rules where !isFull {
        let wanted: String? =
          switch rule.object {
          case .path(let path): path.helper
          case .signal(_, .helper(let name)), .ptrace(_, .helper(let name)): name
          default: nil
          }
        guard let wanted, !names.contains(wanted) else { continue }
        report(
          RuleProblem(
            .unknownWord, rule.location,
            "\(domains[parent].name) has no helper '\(wanted)'; expected a block helper \(wanted) { ... } in it",
            nearest: Nearest.match(wanted.utf8, among: names)))
      }
    }
  }

  private mutating func report(_ problem: RuleProblem) {
    if isFull { return }
    if !problem.diagnostics.isEmpty {
      diagnostics += problem.diagnostics
      return
    }
    diagnostics.append(
      Diagnostic(problem.code, at: problem.location, problem.message, nearest: problem.nearest, notes: problem.notes))
  }

  private static func name(_ argument: Argument) -> String? {
    isName(argument.bytes) ? String(decoding: argument.bytes, as: UTF8.self) : nil
  }

  /// A name as the kernel binds it.
  static func isName(_ bytes: some Collection<UInt8>) -> Bool {
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"):
        true
      default: false
      }
    }
    guard let first = bytes.first, isAlphanumeric(first) else { return false }
    return bytes.count <= Int(MOOR_VM_NAME_MAX)
      && bytes.allSatisfy { isAlphanumeric($0) || [0x2D, 0x2E, 0x5F].contains($0) }
  }
}

/// Why a statement is no rule.
struct RuleProblem: Error {
  let code: Diagnostic.Code
  let location: Location
  let message: String
  var nearest: String?
  var notes: [Diagnostic.Note] = []
  /// What was found wrong elsewhere, in place of all this.
  var diagnostics: [Diagnostic] = []

  init(_ code: Diagnostic.Code, _ location: Location, _ message: String, nearest: String? = nil) {
    self.code = code
    self.location = location
    self.message = message
    self.nearest = nearest
  }

  init(_ error: PolicyError, at location: Location) {
    self.init(.form, location, "")
    diagnostics = error.diagnostics
  }
}
