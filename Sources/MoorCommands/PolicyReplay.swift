// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import EventLog
internal import Learning
internal import PolicyReview
internal import PolicyText

/// What a policy would have denied of what logs hold.
struct PolicyReplay: Encodable {
  /// One object that a domain would have been denied.
  struct Denial: Encodable {
    /// The VM, or `VM/HELPER`.
    let domain: String
    let accessClass: String
    let object: String
    let permissions: [String]
    /// Whether it would only have been counted, by `deny quiet`.
    let isQuiet: Bool
    /// Lines that say that it was done.
    var count: UInt64
    /// The `deny` rules that are in the way; without one, no rule allows it.
    let denials: [Place]

    private enum CodingKeys: String, CodingKey {
      case domain, accessClass = "class", object, permissions, isQuiet, count, denials
    }
  }

  /// A VM of which the policy says nothing.
  struct Absent: Encodable {
    let vm: String
    var count: UInt64
  }

  let denied: [Denial]
  let absent: [Absent]
  /// Lines that were asked about.
  let count: UInt64
  /// Of these, lines that do not say enough to tell.
  let untold: UInt64
  /// Why the logs do not hold all.
  let incomplete: [String]

  /// Whether nothing would have been denied but what the policy denies quietly: that nobody wants to hear of.
  var isClean: Bool { loud.isEmpty && absent.isEmpty }
  private var loud: [Denial] { denied.filter { !$0.isQuiet } }

  init(_ policy: AccessPolicy, _ log: AccessLog) {
    var judge = AccessJudge(policy)
    var denied: [[String]: Denial] = [:]
    var absent: [String: Absent] = [:]
    var (count, untold) = (UInt64(0), UInt64(0))
    for entry in log.learned.entries {
      let judgement = judge.judge(entry.access)
      let times = entry.tally.count
      count += times
      switch judgement.verdict {
      case .allowed: continue
      case .untold: untold += times
      case .absent:
        let vm = TreeText.safe(entry.access.subject.vm)
        absent[vm, default: Absent(vm: vm, count: 0)].count += times
      case .denied, .quiet:
        let denial = Self.denial(entry.access, judgement)
        let key = [denial.domain, denial.accessClass, denial.object] + denial.permissions
        denied[key, default: denial].count += times
      }
    }
    self.denied = denied.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
    self.absent = absent.values.sorted { $0.vm < $1.vm }
    self.count = count
    self.untold = untold
    incomplete = Completeness(log).losses.map(\.description)
  }

  private static func denial(_ access: LearnedAccess, _ judgement: AccessJudgement) -> Denial {
    let words = AccessWords(access, missing: judgement.missing.isEmpty ? nil : judgement.missing)
    // A template's rules are told by the VM that they held.
    let helper = judgement.domain.flatMap { domain in
      domain.name.firstIndex(of: "/").map { String(domain.name[$0...]) }
    }
    return Denial(
      domain: TreeText.safe(access.subject.vm) + (helper ?? ""), accessClass: access.object.accessClass,
      object: words.object, permissions: words.asked, isQuiet: judgement.verdict == .quiet, count: 0,
      denials: judgement.rules.filter(\.isDenial).map(\.location.place))
  }

  func lines(_ style: Style) -> [String] {
    var lines: [String] = []
    var before: String?
    let columns = Columns(loud.map(Self.columns))
    for (index, denial) in loud.enumerated() {
      if denial.domain != before { lines.append(style.strong(denial.domain)) }
      before = denial.domain
      lines.append("  " + columns.line(index))
    }
    for vm in absent {
      lines.append(
        "\(style.strong(vm.vm))\n  the policy says nothing of it: enforced, it does not start (\(Self.times(vm.count)))"
      )
    }
    return lines + summary(style)
  }

  private static func columns(_ denial: Denial) -> [String] {
    [
      denial.accessClass, denial.object, denial.permissions.joined(separator: ","), times(denial.count),
      denial.denials.first.map { "denied by \($0)" } ?? "",
    ]
  }

  private static func times(_ count: UInt64) -> String { count == 1 ? "once" : "\(count) times" }

  private func summary(_ style: Style) -> [String] {
    let sum = loud.reduce(0) { $0 + $1.count } + absent.reduce(0) { $0 + $1.count }
    var words = "\(sum) of \(count) \(count == 1 ? "line" : "lines") about access would have been denied"
    if sum == 0 { words = "nothing of \(count) \(count == 1 ? "line" : "lines") about access would have been denied" }
    var lines = [isClean ? style.good(words) : style.bad(words)]
    let quiet = denied.reduce(0) { $0 + ($1.isQuiet ? $1.count : 0) }
    if quiet > 0 { lines.append("\(quiet) would have been denied quietly, as the policy wants it") }
    if untold > 0 { lines.append(style.careful("\(untold) do not say enough to tell")) }
    if !incomplete.isEmpty {
      lines.append(style.careful("the logs are not complete: ") + incomplete.joined(separator: "; "))
    }
    return lines
  }
}
