// SPDX-License-Identifier: Apache-2.0

internal import CMoor
public import PolicyText

/// The kernel's form of a whole access policy: `struct moor_access_header` and what follows it, docs/formats.md.
///
/// Domains stand in the order in which the kernel looks for them, not in that of the text. What is equal is stored once:
/// automata, names, sets of ioctl commands, and lists of rules. Equal policies have equal bytes.
public struct PackedAccessPolicy: Sendable, Hashable {
  /// All bytes of it.
  public let bytes: [UInt8]
  /// VMs, templates and helpers.
  public let domainCount: Int
  /// Different automata.
  public let automatonCount: Int
  /// Rules about what has no path; lists that are equal count once.
  public let ruleCount: Int

  /// What the kernel takes.
  struct Bounds {
    var domains = Int(MOOR_ACCESS_DOMAINS_MAX)
    var bytes = Int(MOOR_ACCESS_BYTES_MAX)
  }

  /// Compiles and packs every domain of a policy.
  ///
  /// - Parameter learning: The names of VMs, and of templates (`template guest`), that learn while the others are
  ///   enforced; their helpers learn with them.
  /// - Throws: PolicyError with all that cannot be compiled, with the first domain that is too many or makes too many
  ///   bytes, or with a name in `learning` that the policy does not have.
  public init(_ policy: AccessPolicy, learning: Set<String> = []) throws(PolicyError) {
    try self.init(policy, learning: learning, bounds: Bounds())
  }

  init(_ policy: AccessPolicy, learning: Set<String> = [], bounds: Bounds) throws(PolicyError) {
    try Self.check(learning, policy)
    var packer = AccessPacker(policy, learning: learning, bounds: bounds)
    try packer.pack()
    bytes = packer.encoded()
    domainCount = packer.domains.count
    automatonCount = packer.automata.places.count
    ruleCount = packer.rules.count
  }

  private static func check(_ learning: Set<String>, _ policy: AccessPolicy) throws(PolicyError) {
    let names = policy.domains.filter { !$0.isHelper }.map(\.name)
    let unknown = learning.subtracting(names).sorted()
    if unknown.isEmpty { return }
    throw PolicyError(
      unknown.map { name in
        Diagnostic(
          .unknownWord, at: policy.header.location,
          "the policy has no VM '\(SafeText.render(name.utf8))' that could learn; expected one of its VMs or templates",
          nearest: Nearest.match(name.utf8, among: names))
      })
  }
}

/// A policy on its way into its packed form.
struct AccessPacker {
  private let policy: AccessPolicy
  private let learning: Set<String>
  private let bounds: PackedAccessPolicy.Bounds
  private let order: DomainOrder
  private var compiler: PathCompiler
  private var text = PackedText()
  private(set) var domains: [moor_access_domain] = []
  private(set) var automata = PackedAutomata()
  private(set) var rules = PackedRules()

  init(_ policy: AccessPolicy, learning: Set<String>, bounds: PackedAccessPolicy.Bounds) {
    self.policy = policy
    self.learning = learning
    self.bounds = bounds
    order = DomainOrder(policy.domains)
    compiler = PathCompiler(policy)
  }

  mutating func pack() throws(PolicyError) {
    guard policy.domains.count <= bounds.domains else {
      throw Self.tooLarge(policy.domains[bounds.domains], "the policy has more than \(bounds.domains) domains")
    }
    var found: [Diagnostic] = []
    for index in order.indices where found.count < Limits().diagnostics {
      do throws(PolicyError) {
        try pack(index)
      } catch {
        found += error.diagnostics
      }
      try check(automata.bytes.count + rules.bytes.count, policy.domains[index])
    }
    if !found.isEmpty { throw PolicyError(found) }
    if let last = order.indices.last { try check(size, policy.domains[last]) }
  }

  private func check(_ size: Int, _ domain: AccessDomain) throws(PolicyError) {
    guard size > bounds.bytes else { return }
    throw Self.tooLarge(domain, "with this domain the policy has more than \(bounds.bytes) bytes in the kernel's form")
  }

  private static func tooLarge(_ domain: AccessDomain, _ message: String) -> PolicyError {
    PolicyError([Diagnostic(.limit, at: domain.location, message)])
  }

  private mutating func pack(_ index: Int) throws(PolicyError) {
    let domain = policy.domains[index]
    let compiled = try compiler.compile(domain)
    let owner = domain.owner(at: index)
    var packed = moor_access_domain()
    packed.kind = domain.packedKind.rawValue
    packed.owner = order.number(of: owner)
    packed.helpers = order.helpers(of: policy.domains[owner])
    packed.flags = learning.contains(policy.domains[owner].name) ? MOOR_ACCESS_LEARNING : 0
    if domain.kind != .template { packed.name = text.slice(of: domain.shortName) }
    let numbers = automata.numbers(of: compiled)
    packed.automaton_count = UInt32(numbers.count)
    withUnsafeMutableBytes(of: &packed.automata) { bytes in
      numbers.withUnsafeBytes { bytes.copyMemory(from: $0) }
    }
    let list = RulePacker.pack(domain.rules, helpers: domain.helpers(in: policy), &compiler, &text)
    guard list.count <= Int(MOOR_ACCESS_RULES_MAX) else {
      throw Self.tooLarge(domain, "the domain has more than \(MOOR_ACCESS_RULES_MAX) rules about what has no path")
    }
    packed.rules = rules.slice(of: list)
    domains.append(packed)
  }

  // MARK: - bytes

  /// Where the automata begin.
  private var automataOffset: Int {
    let sets = compiler.commandSets.dropFirst()
    let commands = sets.reduce(0) { $0 + $1.listed.count }
    let used =
      MemoryLayout<moor_access_header>.size + domains.count * MemoryLayout<moor_access_domain>.size
      + (automata.places.count + sets.count) * MemoryLayout<moor_access_slice>.size
      + rules.count * MemoryLayout<moor_access_rule>.size + commands * MemoryLayout<UInt32>.size + text.bytes.count
    return (used + 7) & ~7
  }

  private var size: Int { automataOffset + automata.bytes.count }

  func encoded() -> [UInt8] {
    let sets = compiler.commandSets.dropFirst()
    let start = automataOffset
    var header = moor_access_header()
    header.magic = MOOR_ACCESS_MAGIC
    header.version = UInt32(MOOR_ACCESS_VERSION)
    header.size = UInt32(size)
    header.domain_count = UInt32(domains.count)
    header.vm_count = UInt32(order.vmCount)
    header.automaton_count = UInt32(automata.places.count)
    header.rule_count = UInt32(rules.count)
    header.command_set_count = UInt32(sets.count)
    header.command_count = UInt32(sets.reduce(0) { $0 + $1.listed.count })
    header.text_bytes = UInt32(text.bytes.count)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size)
    bytes.append(raw: header)
    for domain in domains { bytes.append(raw: domain) }
    for place in automata.places {
      bytes.append(raw: moor_access_slice(first: UInt32(start + place.lowerBound), count: UInt32(place.count)))
    }
    bytes += rules.bytes
    var first: UInt32 = 0
    for set in sets {
      bytes.append(raw: set.slice(from: first))
      first += UInt32(set.listed.count)
    }
    for set in sets { for command in set.listed { bytes.append(raw: command) } }
    bytes += text.bytes
    bytes += repeatElement(0, count: start - bytes.count)
    bytes += automata.bytes
    return bytes
  }
}

/// The order of a policy's domains in its packed form: VMs by the bytes of their names, the templates guest and probe,
/// and then the helpers of each of them.
private struct DomainOrder {
  /// Indices of the policy's domains.
  let indices: [Int]
  let vmCount: Int
  private let numbers: [Int: UInt32]

  init(_ domains: [AccessDomain]) {
    let vms = domains.indices.filter { domains[$0].kind == .vm }.sorted {
      domains[$0].name.utf8.lexicographicallyPrecedes(domains[$1].name.utf8)
    }
    let templates = domains.indices.filter { domains[$0].kind == .template }.sorted {
      domains[$0].packedKind.rawValue < domains[$1].packedKind.rawValue
    }
    let owners = vms + templates
    indices = owners + owners.flatMap { domains[$0].helpers }
    vmCount = vms.count
    numbers = Dictionary(uniqueKeysWithValues: zip(indices, 0...))
  }

  func number(of index: Int) -> UInt32 { numbers[index] ?? 0 }

  func helpers(of owner: AccessDomain) -> moor_access_slice {
    moor_access_slice(first: owner.helpers.first.map(number) ?? 0, count: UInt32(owner.helpers.count))
  }
}

extension AccessDomain {
  fileprivate var isHelper: Bool { if case .helper = kind { true } else { false } }

  fileprivate var packedKind: moor_access_kind {
    switch kind {
    case .vm: MOOR_ACCESS_VM
    case .template: name == "template probe" ? MOOR_ACCESS_PROBE : MOOR_ACCESS_GUEST
    case .helper: MOOR_ACCESS_HELPER
    }
  }

  /// Its name; of a helper without that of its VM.
  var shortName: String {
    name.lastIndex(of: "/").map { String(name[name.index(after: $0)...]) } ?? name
  }
}

extension CommandSet {
  /// The commands that it names one by one.
  fileprivate var listed: [UInt32] { if case .some(let commands) = self { commands } else { [] } }

  fileprivate func slice(from first: UInt32) -> moor_access_slice {
    self == .any
      ? moor_access_slice(first: 0, count: MOOR_COMMANDS_ANY)
      : moor_access_slice(first: first, count: UInt32(listed.count))
  }
}

extension [UInt8] {
  /// Appends a value's own bytes, in the machine's order; its type has no padding.
  mutating func append<Value: BitwiseCopyable>(raw value: Value) {
    Swift.withUnsafeBytes(of: value) { append(contentsOf: $0) }
  }
}
