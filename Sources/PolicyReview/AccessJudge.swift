// SPDX-License-Identifier: Apache-2.0

public import AccessPolicy
internal import EventLog
public import Learning

/// What a policy says of something that a VM did.
public struct AccessJudgement: Sendable {
  /// What would become of it, were the policy enforced.
  public enum Verdict: String, Sendable, Hashable, Codable {
    /// It would pass.
    case allowed
    /// It would fail, and be recorded.
    case denied
    /// It would fail, and only be counted.
    case quiet
    /// It would fail: the policy says nothing of the VM, or has not this helper of it.
    case absent
    /// The log does not say enough of it.
    case untold
  }

  /// What would become of it.
  public let verdict: Verdict
  /// The domain whose rules count; nil where the policy has none.
  public let domain: AccessDomain?
  /// Of what has a path, what would be missing; empty for all else.
  public let missing: PathPermissions
  let question: AccessQuestion

  /// The rules that say something of it, in the order of the text.
  public var rules: [AccessRule] { domain.map { $0.rules.filter(question.concerns) } ?? [] }
}

/// Asks a policy about what VMs were seen to do: what it would have denied of it.
///
/// The answers are the module's, from the compiled rules; docs/formats.md, "Access policy".
public struct AccessJudge {
  private let policy: AccessPolicy
  private var known: [String: DomainGrants] = [:]

  /// Begins to ask.
  public init(_ policy: AccessPolicy) { self.policy = policy }

  /// What the policy says.
  public mutating func judge(_ access: LearnedAccess) -> AccessJudgement {
    let found = domain(of: access)
    let question = AccessQuestion(
      access.object, access.permissions, helpers: found?.domain.helpers(in: policy) ?? [])
    guard let found else {
      return AccessJudgement(verdict: .absent, domain: nil, missing: access.permissions, question: question)
    }
    let (verdict, missing) = found.verdict(of: question)
    return AccessJudgement(verdict: verdict, domain: found.domain, missing: missing, question: question)
  }

  /// The domain that it would be done in: what was done by a program that the policy sends to a helper is that helper's.
  private mutating func domain(of access: LearnedAccess) -> DomainGrants? {
    let subject = access.subject
    guard let own = ownDomain(of: subject), let grants = self.grants(of: own) else { return nil }
    var number = Int(subject.helper)
    if number == 0, let program = subject.program { number = Int(grants.answer(program.bytes).helper) }
    if number == 0 { return grants }
    let helpers = own.helpers(in: policy)
    guard helpers.indices.contains(number - 1) else { return nil }
    return policy.domain("\(own.name)/\(helpers[number - 1])").flatMap { self.grants(of: $0) }
  }

  private func ownDomain(of subject: AccessSubject) -> AccessDomain? {
    subject.vm.utf8.flatMap { policy.domain($0) } ?? policy.domain("template guest")
  }

  /// Whether the policy says something of this VM, if not of the helper.
  func hasBlock(of subject: AccessSubject) -> Bool { ownDomain(of: subject) != nil }

  private mutating func grants(of domain: AccessDomain) -> DomainGrants? {
    if let known = known[domain.name] { return known }
    let made = DomainGrants(policy, domain)
    known[domain.name] = made
    return made
  }
}

extension DomainGrants {
  func verdict(of question: AccessQuestion) -> (AccessJudgement.Verdict, PathPermissions) {
    switch question {
    case .path(let glob, let path, let wanted):
      let answer = answer(path, root: glob.root)
      let missing = wanted.subtracting(answer.held)
      if missing.isEmpty { return (wanted.isEmpty ? .untold : .allowed, []) }
      let isQuiet =
        missing.isSubset(of: answer.quiet.withImplied) && missing.isDisjoint(with: answer.deny.withImplied)
      return (isQuiet ? .quiet : .denied, missing)
    case .command(let command, _, let path):
      if allows(command, on: path) { return (.allowed, []) }
      let answer = answer(path)
      let device: PathPermissions = [.deviceRead, .deviceWrite]
      let isQuiet = !answer.quiet.isDisjoint(with: device) && answer.deny.isDisjoint(with: device)
      return (isQuiet ? .quiet : .denied, [])
    case .anonymous, .anonymousCommand, .socket, .network, .capability, .signal, .trace, .executableMemory,
      .descriptor:
      let effects = domain.rules.filter(question.concerns).map(\.effect)
      if effects.contains(.deny) { return (.denied, []) }
      if effects.contains(.denyQuietly) { return (.quiet, []) }
      return (effects.isEmpty ? .denied : .allowed, [])
    case .nothingNamesIt: return (.denied, [])
    case .untold: return (.untold, [])
    }
  }
}
