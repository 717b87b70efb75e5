// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import ArgumentParser
internal import PolicyText
internal import TrustPolicy

/// `moor explain`: what the rules of access say of one path, and which of them.
struct ExplainCommand: MoorSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say which rules decide over one path.",
    discussion: """
      Looks in the policy's text, not in the kernel. Exits with 0 when all that is asked for is allowed, and 1 when \
      something is not; then the rule that would allow it is shown, and the rule whose path is most alike, or that a \
      denial is in the way.
      """)

  @OptionGroup var output: OutputOptions

  @Option(help: "The policy.")
  var policy = TrustPolicy.defaultPath

  @ArgumentParser.Argument(help: "The domain: a VM's name, VM/HELPER, or \"template guest\".")
  var subject: String

  @ArgumentParser.Argument(help: "The path; it may begin with @{vmdir}, or be @ and the name of an abstract socket.")
  var object: String

  @ArgumentParser.Argument(
    help: "Letters of a file rule such as rw, or words such as exec, rename or device-read, with commas.")
  var permissions: String

  func validate() throws {
    guard PathPermissions(asked: permissions) != nil else {
      throw ValidationError("\"\(permissions)\" is no permission; expected letters of rwamcdlk, or words such as exec")
    }
    guard object.hasPrefix("/") || object.hasPrefix("@") else {
      throw ValidationError("The path \"\(object)\" is relative; expected one that begins with '/' or '@'.")
    }
  }

  func run(_ context: CommandContext) throws {
    let access = try AccessPolicy(try PolicyFiles(policy: policy).tree())
    guard let domain = access.domain(subject) ?? access.domain("template " + subject) else {
      throw CommandFailure(.data, Self.unknown(subject, in: policy, access.domains.map(\.name)))
    }
    let wanted = PathPermissions(asked: permissions) ?? []
    let report = ExplainReport(AccessExplanation(domain, object: object, wanted: wanted), domain.name, object)
    try context.show(report)
    if !report.isAllowed { throw ExitCode(ExitStatus.difference.rawValue) }
  }

  private static func unknown(_ subject: String, in policy: String, _ domains: [String]) -> String {
    if domains.isEmpty { return "\(policy) has no rules of access: it has no vm block, and no template" }
    let name = SafeText.render(subject.utf8)
    if let nearest = Nearest.match(subject.utf8, among: domains) {
      return "\(policy) has no domain '\(name)'; nearest: \(nearest)"
    }
    let more = domains.count > 5 ? ", and \(domains.count - 5) more" : ""
    return "\(policy) has no domain '\(name)'; it has \(domains.prefix(5).joined(separator: ", "))\(more)"
  }
}

/// What `moor explain` shows.
struct ExplainReport: Report {
  struct Rule: Encodable {
    let place: Place
    let text: String
  }

  let domain: String
  let object: String
  let isAllowed: Bool
  let isDenied: Bool
  let granted: [String]
  let missing: [String]
  let rules: [Rule]
  let nearest: Rule?
  let remedy: String?

  init(_ explanation: AccessExplanation, _ domain: String, _ object: String) {
    self.domain = domain
    self.object = SafeText.render(object.utf8)
    isAllowed = explanation.missing.isEmpty
    isDenied = explanation.isDenied
    granted = explanation.granted.words
    missing = explanation.missing.words
    rules = explanation.rules.map { Rule(place: $0.location.place, text: $0.text) }
    nearest = explanation.nearest.map { Rule(place: $0.location.place, text: $0.text) }
    remedy = explanation.remedy
  }

  func text(_ style: Style) -> String {
    let verdict = isAllowed ? style.good("allowed") : style.bad("denied: \(missing.joined(separator: ", "))")
    var lines = ["\(domain) on \(object): \(verdict)"]
    lines += rules.map { "  \($0.place): \($0.text)" }
    if rules.isEmpty { lines.append("  no rule is about it") }
    if let nearest { lines.append("nearest: \(nearest.place): \(nearest.text)") }
    if isDenied { lines.append("a denial stands above every rule that allows: take it out, or make it narrower") }
    if let remedy { lines.append("a rule that would allow it: \(remedy)") }
    return lines.joined(separator: "\n")
  }
}
