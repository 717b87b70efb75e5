// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import EventLog
internal import KernelModule
internal import Learning
internal import PolicyReview
internal import PolicyText

/// What `moor why` shows: what happened in one line, then rows of a word and what it means.
struct WhyReport: Report {
  /// A row.
  struct Row: Encodable {
    let key: String
    let text: String
    var isBad = false

    private enum CodingKeys: CodingKey {
      case key, text
    }
  }

  /// Who denied it: moor, AppArmor, SELinux, seccomp, or nobody that left a line.
  let deniedBy: String
  let what: String
  private(set) var rows: [Row] = []
  /// The rules that would allow it.
  private(set) var remedy: [String] = []
  /// What `moor check` would find with them.
  private(set) var risks: [Diagnostic] = []

  /// Whether there is no denial.
  var isNone: Bool { deniedBy == "none" }

  private mutating func add(_ key: String, _ text: String, isBad: Bool = false) {
    rows.append(Row(key: key, text: text, isBad: isBad))
  }

  private mutating func add(_ foreign: [ForeignDenial]) {
    for denial in foreign.prefix(3) { add("also", ForeignWords.sentence(denial)) }
    if foreign.count > 3 { add("also", "\(foreign.count - 3) more of others, near in time") }
  }

  /// A file that was refused.
  init(refusal record: AuditRecord, _ foreign: [ForeignDenial]) {
    deniedBy = "moor"
    let path = record.event.path.map { TreeText.safe($0) } ?? "something without a path"
    let subject = record.vm.map { "VM \(TreeText.safe($0))" } ?? "a process outside of every VM"
    what = "\(subject) was refused \(path), by what is trusted"
    addOrigin(record.pid, program: nil, record.stamp, record.sequence)
    add("why", RefusalWords.explain(record.event))
    add(foreign)
  }

  /// Something that a running VM did.
  init(_ record: AccessRecord, _ policy: AccessPolicy, loader: PolicyLoader, _ foreign: [ForeignDenial]) {
    deniedBy = "moor"
    let access = LearnedAccess(record)
    let words = AccessWords(access)
    let asked = words.asked.isEmpty ? record.accessClass : words.asked.joined(separator: ",")
    let helper = record.helper > 0 ? ", helper \(record.helper)," : ""
    let outcome = record.verdict == .deny ? "was denied" : "did, and would be denied when enforced:"
    what = "VM \(TreeText.safe(record.vm))\(helper) \(outcome) \(asked) on \(words.object)"
    addOrigin(record.pid, program: record.program, record.stamp, record.sequence)
    if let owner = access.object.owner {
      add("owner", "it is \(TreeText.safe(owner))'s alone, and no rule about its path gives it to another", isBad: true)
    }
    addAnswer(AccessRemedy(policy, access), policy, loader)
    add(foreign)
  }

  private mutating func addOrigin(_ pid: UInt32, program: UntrustedText?, _ stamp: AuditStamp?, _ sequence: UInt64) {
    add("by", (program.map { TreeText.safe($0) + ", " } ?? "") + "process \(pid)")
    add("at", (stamp.map { "\(UTCTime($0.milliseconds)), " } ?? "") + "line seq=\(sequence)")
  }

  private mutating func addAnswer(_ answer: AccessRemedy, _ policy: AccessPolicy, _ loader: PolicyLoader) {
    let judgement = answer.judgement
    let file = policy.tree.main.path
    switch judgement.verdict {
    case .allowed:
      for rule in judgement.rules.prefix(3) { add("rule", Self.words(rule)) }
      add("now", "\(file) allows it: it is not the policy that denied it. `moor status` shows which one is in force.")
      return
    case .untold:
      add("rule", "the line does not say enough to tell")
      return
    case .absent:
      let name = answer.domain
      add(
        "rule",
        answer.hasBlock
          ? "\(file) has not this helper of \(name)"
          : "\(file) says nothing of \(name): it has no block, and there is no template guest")
    case .denied, .quiet:
      let rules = judgement.rules.filter(\.isDenial)
      for rule in rules.prefix(3) { add("rule", Self.words(rule), isBad: true) }
      if !rules.isEmpty {
        add("so", "a denial stands above every rule that allows: take it out, or make it narrower")
        return
      }
      add("rule", "none allows it")
      if !judgement.missing.isEmpty, judgement.missing.words.count > 1 || !judgement.rules.isEmpty {
        add("lacks", judgement.missing.words.joined(separator: ","))
      }
      for rule in judgement.rules.prefix(3) { add("part", Self.words(rule)) }
    }
    if let nearest = answer.nearest { add("nearest", Self.words(nearest)) }
    addRemedy(answer, policy, loader)
  }

  private static func words(_ rule: AccessRule) -> String { "\(rule.location.place): \(rule.text)" }

  private mutating func addRemedy(_ answer: AccessRemedy, _ policy: AccessPolicy, _ loader: PolicyLoader) {
    remedy = answer.statements
    guard !remedy.isEmpty else {
      add("allow", "no rule can")
      return
    }
    for statement in remedy { add("allow", "\(statement)   in the block of \(answer.domain)") }
    do throws(PolicyError) {
      risks = try PolicyTrial(policy, adding: remedy, to: answer.domain, loader: loader).findings
    } catch {
      risks = error.diagnostics
    }
    for risk in risks.prefix(3) { add("risk", "\(risk.severity.rawValue): \(risk.message)", isBad: true) }
    if risks.count > 3 { add("risk", "\(risks.count - 3) more; `moor check` tells all", isBad: true) }
    if risks.isEmpty { add("risk", "`moor check` would find nothing against it") }
  }

  /// What another part of the kernel denied.
  init(foreign denial: ForeignDenial) {
    deniedBy = denial.isEnforced ? denial.origin.rawValue : "nobody"
    what = ForeignWords.sentence(denial)
    addOrigin(of: denial)
    if !denial.isEnforced { add("but", "it was only recorded, and passed") }
    add("moor", "has nothing to do with it: none of its rules can allow this")
    add("allow", ForeignWords.advice(denial))
  }

  private mutating func addOrigin(of denial: ForeignDenial) {
    let name = (denial.program ?? denial.command).map { TreeText.safe($0) + ", " } ?? ""
    add("by", name + (denial.pid.map { "process \($0)" } ?? "an unknown process"))
    if let stamp = denial.stamp { add("at", UTCTime(stamp.milliseconds).description) }
  }

  /// There is no line of a denial.
  ///
  /// - Parameters:
  ///   - statistics: The module's counters; nil when it is not loaded.
  ///   - last: The last thing that another part of the kernel denied to anybody.
  init(noneIn log: DenialLog, pid: UInt32?, statistics: [ModuleState.Statistic]?, last: ForeignDenial?) {
    deniedBy = "none"
    let whose = pid.map { " of process \($0)" } ?? ""
    what = "no denial\(whose) is in \(log.sources.map { TreeText.safe(UntrustedText($0)) }.joined(separator: ", "))"
    for problem in log.problems.prefix(3) { add("log", "\(problem.source): \(problem.problem)", isBad: true) }
    if let last { add("other", ForeignWords.sentence(last)) }
    addSilent(statistics)
  }

  /// What denies without a line, moor's own ways first.
  private mutating func addSilent(_ statistics: [ModuleState.Statistic]?) {
    let names = ["access_quiet", "access_unrecorded", "audit_lost"]
    if let statistics {
      let counts = names.compactMap { name in statistics.first { $0.name == name }.map { "\(name) \($0.value)" } }
      add(
        "moor",
        "leaves no line of these: \(counts.joined(separator: ", ")). Try again: whether one grows, or access_denied, `moor status` shows."
      )
    } else {
      add("moor", "is not loaded, and denies nothing")
    }
    add(
      "files",
      "modes, owners and ACLs fail with EACCES, other mounts with EROFS or EACCES: namei -l PATH; findmnt -T PATH")
    add(
      "devices",
      "a device cgroup fails with EPERM: bpftool cgroup tree; systemctl show -p DeviceAllow UNIT; libvirt's cgroup_device_acl"
    )
    add("calls", "a seccomp filter may fail with EPERM: grep Seccomp /proc/PID/status; strace -f shows the call")
    add("limits", "ENOMEM, EMFILE, EAGAIN are no denial: prlimit -p PID")
  }

  func text(_ style: Style) -> String {
    let title = isNone ? style.careful(what) : style.strong(what)
    let width = rows.map(\.key.count).max() ?? 0
    let lines = rows.map { row in
      let key = row.key + String(repeating: " ", count: width - row.key.count)
      return "  \(key)  \(row.isBad ? style.bad(row.text) : row.text)"
    }
    return ([title] + lines).joined(separator: "\n")
  }
}

/// A denial of another part of the kernel in words.
enum ForeignWords {
  static func sentence(_ denial: ForeignDenial) -> String {
    func text(_ key: String) -> String? { denial[key].map { TreeText.safe($0) } }
    let verb = denial.isEnforced ? "denied" : "recorded, and let pass,"
    switch denial.origin {
    case .appArmor:
      let mask = text("denied_mask").map { " (\($0))" } ?? ""
      let object = text("name") ?? text("capname") ?? text("peer") ?? text("family") ?? "something without a name"
      return
        "AppArmor \(verb) \(text("operation") ?? "something")\(mask) on \(object), by its profile \(text("profile") ?? "?")"
    case .seLinux:
      let object = text("path") ?? text("name") ?? "a \(text("tclass") ?? "thing")"
      return
        "SELinux \(verb) \(text("denied") ?? "something") on \(object): \(text("scontext") ?? "?") to \(text("tcontext") ?? "?"), \(text("tclass") ?? "?")"
    case .seccomp:
      let call = text("syscall").map { "system call \($0)" } ?? "a system call"
      return "the process's own seccomp filter \(verb) \(call)\(ending(denial))"
    }
  }

  /// What became of the process (uapi/linux/seccomp.h; 31 is SIGSYS).
  private static func ending(_ denial: ForeignDenial) -> String {
    denial["sig"]?.utf8 == "31" ? ", and it was ended or signalled by SIGSYS" : ""
  }

  static func advice(_ denial: ForeignDenial) -> String {
    switch denial.origin {
    case .appArmor:
      "aa-status shows the profile; libvirt makes one for each VM and reads /etc/apparmor.d/local/abstractions/libvirt-qemu"
    case .seLinux: "audit2why takes the line; restorecon puts a wrong label right"
    case .seccomp:
      "ausyscall NUMBER names the call; QEMU has its filter from -sandbox, libvirt from seccomp_sandbox in qemu.conf"
    }
  }
}
