// SPDX-License-Identifier: Apache-2.0

public import PolicyText

/// What is wrong with rules of access, or probably not meant, though each of them can be read.
public struct AccessCheck: Sendable {
  /// All that was found, by place.
  public let diagnostics: [Diagnostic]

  /// Looks at a whole policy: it is compiled, its VMs are compared, and the rules of each domain with each other.
  public init(_ policy: AccessPolicy, limits: Limits = Limits()) {
    var found = policy.warnings
    var compiler = PathCompiler(policy)
    for domain in policy.domains where found.count < limits.diagnostics {
      do throws(PolicyError) {
        _ = try compiler.compile(domain)
      } catch {
        found += error.diagnostics
      }
    }
    found += VMMeetings(policy, most: limits.diagnostics).diagnostics
    var review = RuleReview()
    for domain in policy.domains where found.count < limits.diagnostics { found += review.review(domain) }
    var seen: Set<Diagnostic> = []
    diagnostics = found.filter { seen.insert($0).inserted }.enumerated().sorted { left, right in
      let (one, other) = (left.element.place, right.element.place)
      return (one.file, one.line, one.column, left.offset) < (other.file, other.line, other.column, right.offset)
    }.map(\.element)
  }
}

extension AccessCheck {
  /// Refuses a policy in which two VMs meet in one object.
  ///
  /// - Throws: PolicyError that names each such pair of rules.
  public static func refuseMeetings(in policy: AccessPolicy, limits: Limits = Limits()) throws(PolicyError) {
    let found = VMMeetings(policy, most: limits.diagnostics).diagnostics
    if !found.isEmpty { throw PolicyError(found) }
  }
}

extension Diagnostic.Code {
  /// Two VMs reach one object.
  public static let meeting = Self(rawValue: "meeting")
  /// A rule that changes nothing, because of another.
  public static let unreachable = Self(rawValue: "unreachable")
  /// A rule that gives more than one within it.
  public static let wider = Self(rawValue: "wider")
  /// A rule that gives away what the host keeps secret.
  public static let secret = Self(rawValue: "secret")
  /// Something that may be executed and changed.
  public static let writableCode = Self(rawValue: "writable-code")
}

extension AccessRule {
  /// Where it allows nothing: what rules that deny all of it are about.
  public func denials(among rules: [AccessRule]) -> [Glob] {
    guard let path else { return [] }
    let wanted = path.permissions.subtracting(.own)
    return rules.compactMap { rule in
      guard rule.isDenial, let denied = rule.path, wanted.isSubset(of: denied.permissions) else { return nil }
      return denied.glob
    }
  }
}
