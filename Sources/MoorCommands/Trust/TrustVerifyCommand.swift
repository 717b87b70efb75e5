// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import KernelModule
internal import TrustPolicy

/// `moor trust verify`: whether the files on disk are those that the policy trusts.
struct TrustVerifyCommand: MoorSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check the files on disk against the trust policy.",
    discussion: """
      Says what an enforcing module would say of each file now; it cannot vouch for the files itself, as they may change \
      afterwards. Exits with 0 when every path has a digest and every file fits, and 1 when not.
      """)

  @OptionGroup var output: OutputOptions

  @Option(help: "The trust policy.")
  var policy = TrustPolicy.defaultPath

  @Option(help: "The policy's lock (default: the file beside it that ends in .lock).")
  var lock: String?

  @Flag(help: "Show the files that fit as well.")
  var all = false

  func run(_ context: CommandContext) throws {
    let trust = try PolicyFiles(policy: policy, lock: lock).read()
    let report = TrustVerifyReport(findings: trust.rules.map(TrustVerifyReport.Finding.init), showsAll: all)
    try context.show(report)
    if !report.isGood { throw ExitCode(ExitStatus.difference.rawValue) }
  }
}

/// What `moor trust verify` found.
struct TrustVerifyReport: Report {
  /// What was found of one path.
  enum Outcome: String, Encodable {
    /// One of its digests is the file's.
    case fits
    /// None of its digests is the file's.
    case differs
    /// The policy has no digest of it.
    case unmeasured
    /// It cannot be read, or is no regular file.
    case unreadable
  }

  struct Finding: Encodable {
    let kind: TrustKind
    let path: TrustPath
    let outcome: Outcome
    let expected: [TrustDigest]
    let found: [TrustDigest]
    let problem: String?

    init(_ rule: TrustPolicy.Rule) {
      kind = rule.kind
      path = rule.path
      expected = rule.digests
      let file = String(decoding: rule.path.bytes, as: UTF8.self)
      do throws(KernelModuleError) {
        found = try Self.digests(of: file, like: rule.digests)
        problem = nil
        outcome = rule.digests.isEmpty ? .unmeasured : rule.digests.contains(where: found.contains) ? .fits : .differs
      } catch {
        found = []
        problem = error.systemError?.words ?? error.description
        outcome = .unreadable
      }
    }

    private static func digests(
      of file: String, like expected: [TrustDigest]
    ) throws(KernelModuleError) -> [TrustDigest] {
      let algorithms = Set(expected.map(\.algorithm))
      var found: [TrustDigest] = []
      if algorithms.isEmpty || algorithms.contains(.sha256) {
        found += [TrustDigest(.sha256, try FileDigest.sha256(ofFile: file))].compactMap(\.self)
      }
      if !algorithms.subtracting([.sha256]).isEmpty, let bytes = try FileDigest.verity(ofFile: file) {
        found += [TrustDigest(bytes.count == 64 ? .fsveritySHA512 : .fsveritySHA256, bytes)].compactMap(\.self)
      }
      return found
    }
  }

  let findings: [Finding]
  private let showsAll: Bool

  private enum CodingKeys: CodingKey {
    case findings
  }

  init(findings: [Finding], showsAll: Bool) {
    self.findings = findings
    self.showsAll = showsAll
  }

  var isGood: Bool { !findings.isEmpty && findings.allSatisfy { $0.outcome == .fits } }

  func text(_ style: Style) -> String {
    var lines: [String] = []
    for finding in findings where showsAll || finding.outcome != .fits {
      let name = "\(finding.kind.word) \(finding.path)"
      switch finding.outcome {
      case .fits: lines.append("\(style.good("fits      ")) \(name)")
      case .differs:
        lines.append("\(style.bad("differs   ")) \(name)")
        lines +=
          finding.expected.map { "             policy \($0)" } + finding.found.map { "             file   \($0)" }
      case .unmeasured: lines.append("\(style.careful("unmeasured")) \(name)")
      case .unreadable: lines.append("\(style.bad("unreadable")) \(name): \(finding.problem ?? "")")
      }
    }
    let fitting = findings.count { $0.outcome == .fits }
    lines.append("\(fitting) of \(findings.count) files fit")
    if findings.contains(where: { $0.outcome == .unmeasured }) {
      lines.append("unmeasured: no digest is listed; `moor trust update` takes it from the log, or --from-disk")
    }
    return lines.joined(separator: "\n")
  }
}
