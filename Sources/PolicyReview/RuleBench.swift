// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import PolicyText

/// Reads statements as a policy would, without one: what a choice would write is understood before it is offered.
struct RuleBench {
  let loader: PolicyLoader

  /// The domain that these statements make; nil when they are no rules, or something they include is not there.
  func domain(_ statements: [String], vm: String) -> (policy: AccessPolicy, domain: AccessDomain)? {
    let text = "policy \"review\" version 1\nvm \(vm) {\n\(statements.map { "  \($0)\n" }.joined())}\n"
    do throws(PolicyError) {
      let policy = try AccessPolicy(try loader.load(Source(name: "review", text: text)))
      guard let domain = policy.domain(vm) else { return nil }
      return (policy, domain)
    } catch {
      return nil
    }
  }

  /// What these statements say of paths.
  func grants(_ statements: [String], vm: String) -> DomainGrants? {
    domain(statements, vm: vm).flatMap { DomainGrants($0.policy, $0.domain) }
  }
}

/// What a domain's rules allow, to be asked of many paths.
struct DomainGrants {
  let domain: AccessDomain
  private let compiled: PathCompiler.Domain
  private let anonymous: Set<AnonymousKind>

  init?(_ policy: AccessPolicy, _ domain: AccessDomain) {
    var compiler = PathCompiler(policy)
    guard let compiled = try? compiler.compile(domain) else { return nil }
    self.domain = domain
    self.compiled = compiled
    anonymous = Set(
      domain.rules.filter { !$0.isDenial }.compactMap {
        if case .anonymous(let kind, _) = $0.object { kind } else { nil }
      })
  }

  func granted(_ path: [UInt8]) -> PathPermissions { compiled.look(up: path).granted.withImplied }

  /// Whether it says no, whatever else allows it.
  func denied(_ path: [UInt8]) -> PathPermissions {
    let answer = compiled.look(up: path)
    return answer.deny.union(answer.quiet).withImplied
  }

  /// Whether a rule is about something below a folder.
  func reaches(below folder: [UInt8]) -> Bool { folder.isEmpty || compiled.look(up: folder).isParent }

  /// What is left of an observation when what these rules settle is taken away; nil when nothing is.
  func rest(of observation: Observation) -> Observation? {
    switch observation.object {
    case .anonymous(let kind):
      let isDenied = domain.rules.contains { rule in
        guard rule.isDenial, case .anonymous(kind, _) = rule.object else { return false }
        return true
      }
      return anonymous.contains(kind) || isDenied ? nil : observation
    case .other: return observation
    case .path:
      // A pattern is settled where each of its paths is.
      var left: PathPermissions = []
      for path in observation.paths {
        left.formUnion(observation.permissions.subtracting(granted(path)).subtracting(denied(path)))
      }
      if left.isEmpty { return nil }
      var rest = observation
      rest.permissions = left
      rest.isOwn = observation.paths.allSatisfy { granted($0).contains(.own) }
      return rest
    }
  }
}
