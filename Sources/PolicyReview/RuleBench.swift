// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import PolicyText

/// Reads statements as a policy would, without one: what a choice would write is understood before it is offered.
struct RuleBench {
  let loader: PolicyLoader

  /// The domain that these statements make; nil when they are no rules, or something they include is not there.
  func domain(_ statements: [String], vm: String) -> (policy: AccessPolicy, domain: AccessDomain)? {
    let helpers = Set(statements.compactMap(Self.helper(in:))).sorted().map { "helper \($0) {\n  }" }
    let lines = (statements + helpers).map { "  \($0)\n" }.joined()
    let text = "policy \"review\" version 1\nvm \(vm) {\n\(lines)}\n"
    do throws(PolicyError) {
      let policy = try AccessPolicy(try loader.load(Source(name: "review", text: text)))
      guard let domain = policy.domain(vm) else { return nil }
      return (policy, domain)
    } catch {
      return nil
    }
  }

  /// The child domain that a rule about signals or tracing is about: it is none without that.
  private static func helper(in statement: String) -> String? {
    let words = statement.split(separator: " ").map(String.init)
    guard words.contains("signal") || words.contains("ptrace"), words.dropLast().last == "to", let name = words.last,
      name != "vm", name != "hypervisor"
    else { return nil }
    return name
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
  private let commandSets: [CommandSet]

  init?(_ policy: AccessPolicy, _ domain: AccessDomain) {
    var compiler = PathCompiler(policy)
    guard let compiled = try? compiler.compile(domain) else { return nil }
    self.domain = domain
    self.compiled = compiled
    commandSets = compiler.commandSets
    anonymous = Set(
      domain.rules.filter { !$0.isDenial }.compactMap {
        if case .anonymous(let kind, _) = $0.object { kind } else { nil }
      })
  }

  func granted(_ path: [UInt8]) -> PathPermissions { answer(path).held }

  /// All that is said of a path.
  func answer(_ path: [UInt8], root: Glob.Root = .path) -> PathAnswer { compiled.look(up: path, root: root) }

  /// Whether it says no, whatever else allows it.
  func denied(_ path: [UInt8]) -> PathPermissions {
    let answer = compiled.look(up: path)
    return answer.deny.union(answer.quiet).withImplied
  }

  /// Whether an ioctl command may be sent to what has this path.
  func allows(_ command: UInt32, on path: [UInt8]) -> Bool {
    compiled.look(up: path).commands.contains { commandSets[Int($0)].contains(command) }
  }

  /// Whether the domain has a rule that says just what this statement says.
  private func says(_ statement: String) -> Bool {
    let words = statement.split(separator: " ").map(String.init)
    return domain.rules.contains { $0.text.split(separator: " ").map(String.init).suffix(words.count) == words[...] }
  }

  private func isDenied(_ question: AccessQuestion) -> Bool {
    domain.rules.contains { $0.isDenial && question.concerns($0) }
  }

  /// Whether a rule is about something below a folder.
  func reaches(below folder: [UInt8]) -> Bool { folder.isEmpty || compiled.look(up: folder).isParent }

  /// What is left of an observation when what these rules settle is taken away; nil when nothing is.
  func rest(of observation: Observation) -> Observation? {
    switch observation.object {
    case .statement(let words, _):
      // A denial settles it, too.
      let isSettled = observation.question.map { verdict(of: $0).0 == .allowed || isDenied($0) } ?? false
      return isSettled || says(words) ? nil : observation
    case .anonymous(let kind):
      let isDenied = domain.rules.contains { rule in
        guard rule.isDenial, case .anonymous(kind, _) = rule.object else { return false }
        return true
      }
      if isDenied || (observation.commands.isEmpty && anonymous.contains(kind)) { return nil }
      var rest = observation
      rest.commands = observation.commands.filter { command in
        !domain.rules.contains { rule in
          guard !rule.isDenial, case .anonymous(kind, let set) = rule.object else { return false }
          return set.contains(command)
        }
      }
      return rest.commands.isEmpty && !observation.commands.isEmpty ? nil : rest
    case .other: return observation
    case .path:
      // A pattern is settled where each of its paths is.
      var left: PathPermissions = []
      for path in observation.paths {
        left.formUnion(observation.permissions.subtracting(granted(path)).subtracting(denied(path)))
      }
      let sent = observation.commands.filter { command in
        !observation.paths.allSatisfy { allows(command, on: $0) }
      }
      if left.isEmpty, sent.isEmpty { return nil }
      var rest = observation
      rest.permissions = left
      rest.commands = sent
      rest.isOwn = observation.paths.allSatisfy { granted($0).contains(.own) }
      return rest
    }
  }
}
