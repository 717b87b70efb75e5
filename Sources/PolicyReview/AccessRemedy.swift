// SPDX-License-Identifier: Apache-2.0

public import AccessPolicy
internal import EventLog
public import Learning

/// What a policy says of one access, and what could be done about it.
public struct AccessRemedy: Sendable {
  /// What the policy says.
  public let judgement: AccessJudgement
  /// The domain's name where the rules would stand: a VM's, `VM/HELPER`, or a template's.
  public let domain: String
  /// Whether the policy says something of the VM, if not of its helper.
  public let hasBlock: Bool
  /// The rules that allow what is missing, each one line; empty where none can, or a denial is in the way.
  public let statements: [String]
  /// When nothing denies it: the rule that is most alike.
  public let nearest: AccessRule?

  /// Looks at one access.
  public init(_ policy: AccessPolicy, _ access: LearnedAccess) {
    var judge = AccessJudge(policy)
    let judgement = judge.judge(access)
    self.judgement = judgement
    domain = judgement.domain?.name ?? access.subject.vm.description
    hasBlock = judge.hasBlock(of: access.subject)
    let isDenied = judgement.rules.contains(where: \.isDenial)
    // A helper that the policy has not cannot be told from another one of the VM by the log.
    let isOpen = judgement.domain != nil || access.subject.helper == 0
    guard [.denied, .quiet, .absent].contains(judgement.verdict), !isDenied, isOpen else {
      statements = []
      nearest = nil
      return
    }
    let helpers = judgement.domain?.helpers(in: policy) ?? []
    statements = Self.statements(access, judgement.missing, helpers)
    nearest = judgement.domain.flatMap { Self.nearest(judgement.question, in: $0) }
  }

  private static func statements(
    _ access: LearnedAccess, _ missing: PathPermissions, _ helpers: [String]
  ) -> [String] {
    let permissions = missing.isEmpty ? access.permissions : missing
    switch access.object {
    case .path(let path):
      return PathBytes.isNameable(path.bytes) ? RuleText.rules(PathPattern(path.bytes), permissions, "file") : []
    case .anonymous(let kind): return AnonymousKind(rawValue: kind).map { ["anon \($0.rawValue)"] } ?? []
    case .noPath, .mount: return []
    case .other(let name, let fields):
      guard let found = PathlessAccess(class: name, fields: fields, helpers: helpers) else { return [] }
      switch found.object {
      case .statement(let statement, _): return [statement]
      case .anonymous(let kind):
        return ["anon \(kind.rawValue)" + RuleText.ioctl(RuleText.names(of: Set(found.command.map { [$0] } ?? [])))]
      case .path, .other:
        // The very path, not a pattern that it may be one of.
        guard let path = found.path else { return [] }
        return RuleText.rules(
          PathPattern(path), found.permissions, commands: Set(found.command.map { [$0] } ?? []), "file")
      }
    }
  }

  /// Of what has a path, the rule whose path is most alike; of all else, one about the same kind of thing.
  private static func nearest(_ question: AccessQuestion, in domain: AccessDomain) -> AccessRule? {
    switch question {
    case .path(let glob, _, let wanted): AccessExplanation(domain, glob, wanted: wanted).nearest
    case .command(_, let glob, _):
      domain.rules.first { $0.path.map { $0.verb == .device && $0.glob.matches(glob) } ?? false }
    default: domain.rules.first { !$0.isDenial && question.isAkin(to: $0) }
    }
  }
}

extension AccessQuestion {
  /// Whether a rule is about the same kind of thing, if not about this.
  fileprivate func isAkin(to rule: AccessRule) -> Bool {
    switch (self, rule.object) {
    case (.anonymous(let kind), .anonymous(let named, _)), (.anonymousCommand(_, let kind), .anonymous(let named, _)):
      kind == named
    case (.network(let end), .network(let network)): network.transport == end.transport && network.use == end.use
    case (.signal(_, let peer), .signal(_, let other)): peer == other
    default: false
    }
  }
}
