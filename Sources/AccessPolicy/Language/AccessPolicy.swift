// SPDX-License-Identifier: Apache-2.0

public import PolicyText

/// What a running VM, or a helper of it, may do.
public struct AccessDomain: Sendable {
  /// What kind of block it is.
  public enum Kind: Sendable, Hashable {
    /// One VM.
    case vm
    /// The VMs that have no block of their own, or a hypervisor's probing.
    case template
    /// A child domain of one of the others, by the index of its parent.
    case helper(parent: Int)
  }

  /// What kind it is.
  public let kind: Kind
  /// Its name; that of a helper is `VM/HELPER`.
  public let name: String
  /// Its rules, in the order of the text, those of included files where they are included.
  public let rules: [AccessRule]
  /// Indices of its child domains, in the order of the text.
  public internal(set) var helpers: [Int] = []
  /// Where its block begins.
  public let location: Location

  /// Whether several VMs may run under it at the same time.
  public func isForMany(in policy: AccessPolicy) -> Bool {
    switch kind {
    case .vm: false
    case .template: true
    case .helper(let parent): policy.domains[parent].kind == .template
    }
  }

  /// The index of the domain whose VM it belongs to, itself when it is no helper.
  public func owner(at index: Int) -> Int { if case .helper(let parent) = kind { parent } else { index } }
}

/// The rules of access of a policy.
public struct AccessPolicy: Sendable {
  /// Name, version and generation.
  public let header: PolicyHeader
  /// Every domain; a helper stands behind its parent.
  public let domains: [AccessDomain]
  /// The policy's files.
  public let tree: PolicyTree
  /// What is odd and yet can be read.
  public let warnings: [Diagnostic]

  /// The names of templates: VMs without a block of their own, and a hypervisor's probing.
  public static let templates = ["guest", "probe"]

  /// Reads a policy.
  ///
  /// - Throws: PolicyError with all that is wrong in its rules of access; what is wrong with trust is not looked for.
  public static func load(_ path: String, loader: PolicyLoader = PolicyLoader()) throws(PolicyError) -> AccessPolicy {
    try AccessPolicy(try loader.load(path), limits: loader.limits)
  }

  /// Understands a policy whose files are read.
  ///
  /// - Throws: PolicyError with all that is wrong in its rules of access.
  public init(_ tree: PolicyTree, limits: Limits = Limits()) throws(PolicyError) {
    var reader = DomainReader(tree: tree, limits: limits)
    reader.read()
    let found = tree.warnings + reader.diagnostics
    guard !found.contains(where: { $0.severity == .error }) else { throw PolicyError(found) }
    header = tree.header
    domains = reader.domains
    self.tree = tree
    warnings = found
  }

  /// Whether bytes can be a VM's name: 1 to 63 letters, digits, `.`, `_` and `-`, the first a letter or a digit.
  public static func isVMName(_ name: some Collection<UInt8>) -> Bool { DomainReader.isName(name) }

  /// The domain of a name: a VM's, a template's, or `VM/HELPER`.
  public func domain(_ name: String) -> AccessDomain? { domains.first { $0.name == name } }
}
