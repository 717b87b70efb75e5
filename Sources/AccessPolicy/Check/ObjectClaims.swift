// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

/// What all VMs claim of objects, by a policy or because they were seen to use them: asked before a rule is written.
///
/// ``AccessCheck`` says whether two VMs of a finished policy meet; this says it of a rule that stands nowhere yet.
public struct ObjectClaims: Sendable {
  /// How a VM was seen to use an object.
  public enum Use: Sendable, Hashable {
    /// It changes what does not seem to be shared.
    case own
    /// It makes files there under names of one use.
    case temporary
    /// It changes what others share.
    case change
    /// It reads.
    case read
  }

  /// Another VM that a rule meets.
  public struct Meeting: Sendable, Hashable {
    /// The other VM, or the template.
    public let vm: String
    /// A path that both are about.
    public let example: [UInt8]
    /// The other one's rule; nil when it was only seen to use the object.
    public let rule: String?
  }

  private struct Holder {
    let vm: String
    let glob: Glob
    let claim: VMMeetings.Claim
    let rule: AccessRule?
    let denied: [Glob]
  }

  private var holders: [Holder] = []

  /// Takes the claims of a policy's rules; helpers count as their VM.
  public init(_ policy: AccessPolicy) {
    for (index, domain) in policy.domains.enumerated() {
      let vm = policy.domains[domain.owner(at: index)].name
      for rule in domain.rules where !rule.isDenial {
        guard let path = rule.path, path.glob.root == .path, let claim = VMMeetings.Claim(path) else { continue }
        holders.append(
          Holder(vm: vm, glob: path.glob, claim: claim, rule: rule, denied: rule.denials(among: domain.rules)))
      }
    }
  }

  /// Adds what a VM was seen to use, but for what a rule says is another one's: that is its, whoever else was seen at it.
  public mutating func add(_ glob: Glob, of vm: String, _ use: Use) {
    guard !isOwn(glob, ofOtherThan: vm) else { return }
    let claim: VMMeetings.Claim =
      switch use {
      case .own: .own
      case .temporary: .temporary
      case .change: .change
      case .read: .read
      }
    holders.append(Holder(vm: vm, glob: glob, claim: claim, rule: nil, denied: []))
  }

  private func isOwn(_ glob: Glob, ofOtherThan vm: String) -> Bool {
    glob.isLiteral
      && holders.contains { $0.rule != nil && $0.claim == .own && $0.vm != vm && $0.glob.matches(glob) }
  }

  /// The first other VM that may not have its claim beside this rule.
  public func meeting(_ rule: AccessRule, of vm: String) -> Meeting? {
    guard let path = rule.path, !rule.isDenial, path.glob.root == .path, let claim = VMMeetings.Claim(path) else {
      return nil
    }
    for holder in holders where holder.vm != vm && VMMeetings.Claim.exclude(claim, holder.claim) {
      guard let example = GlobIntersection.example(path.glob, holder.glob, excluding: holder.denied) else { continue }
      return Meeting(vm: holder.vm, example: example, rule: holder.rule?.text)
    }
    return nil
  }
}

extension AccessRule {
  /// What the host keeps secret and this rule reaches, in words; nil when there is no such thing.
  public var secretReached: String? { HostSecrets.find(self, [self])?.message }
}

extension Glob {
  /// The path, when it matches one only; nil otherwise.
  public var literalPath: [UInt8]? { isLiteral ? prefix : nil }

  /// Whether it matches a path, as the kernel has it without its root; what is put in at binding is any name.
  public func matches(_ path: Glob) -> Bool { GlobIntersection.example(self, path) != nil }

  /// The folder before the first wildcard; empty for the root.
  public var folder: [UInt8] { Array(prefix[..<(prefix.lastIndex(of: ByteSet.slash) ?? 0)]) }
}

extension PathPermissions {
  /// With what the module takes for granted besides: who may write may also append and cut, who may execute a program
  /// may map it, and a temporary file is taken for one that the VM made.
  public var withImplied: Self {
    var all = self
    if contains(.write) { all.formUnion([.append, .truncate]) }
    if contains(.execute) { all.insert(.map) }
    if contains(.temporary) { all.formUnion(.ofTemporary) }
    return all
  }

  /// Reading, writing, and what a file rule says besides: all but devices, sockets, programs and attaching.
  public static let ofFiles: Self = Self([.read, .map, .lock]).union(.changes)

  /// The letters and words of a `file`, `object` or `shared` rule that grants these; nil when no such rule does.
  public var ruleWords: String? {
    var wanted = self
    if wanted.contains(.write) {
      wanted.insert(.append)
      wanted.remove(.truncate)
    }
    return wanted.isEmpty ? nil : wanted.fileWords
  }
}
