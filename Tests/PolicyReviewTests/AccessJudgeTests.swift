// SPDX-License-Identifier: Apache-2.0

import AccessPolicy
import EventLog
import Foundation
import Learning
import PolicyText
import Testing
import TrustPolicy

@testable import PolicyReview

@Suite("What a policy would have denied") struct AccessJudgeTests {
  /// What was done, and what becomes of it under these rules of web1.
  struct Row: CustomTestStringConvertible {
    let rules: String
    let accessClass: String
    let words: [(String, String)]
    var path: String?
    let verdict: AccessJudgement.Verdict
    var testDescription: String { "\(accessClass) \(words) \(path ?? "") by \(rules)" }

    init(
      _ rules: String, _ accessClass: String, _ words: [(String, String)], path: String? = nil,
      _ verdict: AccessJudgement.Verdict
    ) {
      self.rules = rules
      self.accessClass = accessClass
      self.words = words
      self.path = path
      self.verdict = verdict
    }
  }

  private static func path(_ permission: String) -> [(String, String)] { [("permission", permission)] }
  private static func trace(_ use: String, _ peer: String) -> [(String, String)] {
    [("kind", "to"), ("permission", use), ("peer", peer)]
  }
  private static func end(_ use: String, _ address: String, _ port: String) -> [(String, String)] {
    [("permission", use), ("address", address), ("port", port)]
  }

  private static let rows: [Row] = [
    Row("", "path", path("read"), path: "/a", .denied),
    Row("file r /a", "path", path("read"), path: "/a", .allowed),
    Row("file r /a", "path", path("read,write"), path: "/a", .denied),
    // What goes with a permission is allowed with it, and denied with it.
    Row("file w /a", "path", path("append,truncate"), path: "/a", .allowed),
    Row("exec /a", "path", path("exec,map"), path: "/a", .allowed),
    Row("file w /a; deny file truncate /a", "path", path("truncate"), path: "/a", .denied),
    Row("file truncate /a; deny file w /a", "path", path("truncate"), path: "/a", .denied),
    Row("file r /a; deny file r /*", "path", path("read"), path: "/a", .denied),
    Row("deny quiet file r /*", "path", path("read"), path: "/a", .quiet),
    Row("deny quiet file r /*", "path", path("read,write"), path: "/a", .denied),
    Row("deny quiet file r /*; deny file r /a", "path", path("read"), path: "/a", .denied),
    Row("audit file r /a", "path", path("read"), path: "/a", .allowed),
    Row("file r /**", "path", path("read"), .denied),
    Row("file r /**", "mount", [], .denied),
    Row("device rw /dev/kvm ioctl KVM_RUN", "ioctl", [("command", "0xae80"), ("path", "/dev/kvm")], .allowed),
    Row("device rw /dev/kvm ioctl KVM_RUN", "ioctl", [("command", "0xae01"), ("path", "/dev/kvm")], .denied),
    Row("deny quiet device rw /dev/kvm", "ioctl", [("command", "0xae01"), ("path", "/dev/kvm")], .quiet),
    Row("anon kvm-vcpu ioctl KVM_RUN", "ioctl", [("kind", "kvm-vcpu"), ("command", "0xae80")], .allowed),
    Row("anon kvm-vcpu ioctl KVM_RUN", "ioctl", [("kind", "kvm-vcpu"), ("command", "0xae81")], .denied),
    Row("anon kvm-vcpu ioctl any; deny anon kvm-vcpu", "ioctl", [("kind", "kvm-vcpu"), ("command", "0x1")], .denied),
    Row("anon kvm-vcpu ioctl any", "ioctl", [("kind", "socket"), ("command", "0x8927")], .denied),
    Row("anon io_uring", "anonymous", [("kind", "io_uring")], .allowed),
    Row("anon memfd", "anonymous", [("kind", "io_uring")], .denied),
    Row("tcp connect 10.0.0.0/8:*", "tcp", end("connect", "10.0.0.7", "4444"), .allowed),
    Row("tcp connect 10.0.0.0/9:*", "tcp", end("connect", "10.128.0.7", "4444"), .denied),
    Row("tcp connect 10.0.0.0/8:80-90", "tcp", end("connect", "10.0.0.7", "91"), .denied),
    Row("tcp listen 10.0.0.0/8:*", "tcp", end("connect", "10.0.0.7", "4444"), .denied),
    Row("udp connect 10.0.0.0/8:*", "tcp", end("connect", "10.0.0.7", "4444"), .denied),
    Row("udp bind *:53", "udp", end("bind", "fd00::7", "53"), .allowed),
    Row("udp bind [fd00::/16]:53", "udp", end("bind", "fd00::7", "53"), .allowed),
    Row("udp bind 0.0.0.0/0:53", "udp", end("bind", "fd00::7", "53"), .denied),
    // Every address of the host, so each that is denied may be meant.
    Row("tcp listen *:80; deny tcp listen 10.0.0.1:80", "tcp", end("listen", "0.0.0.0", "80"), .denied),
    Row("tcp listen *:80; deny tcp listen 10.0.0.1:80", "tcp", end("listen", "10.0.0.2", "80"), .allowed),
    Row("tcp listen *:80", "tcp", [("kind", "inet"), ("permission", "create")], .allowed),
    Row("udp bind *:80", "tcp", [("kind", "inet"), ("permission", "create")], .denied),
    Row("unix connect /run/a", "unix", path("connect") + [("path", "/run/a")], .allowed),
    Row("unix connect /run/a", "unix", path("listen") + [("path", "/run/a")], .denied),
    Row("unix listen @a*", "unix", path("listen") + [("path", "@abc")], .allowed),
    Row("unix listen @a*", "unix", path("listen"), .denied),
    Row("capability sys_nice", "capability", [("kind", "sys_nice")], .allowed),
    Row("capability sys_nice", "capability", [("kind", "sys_admin")], .denied),
    Row("capability setuid", "identity", [("kind", "user")], .allowed),
    Row("capability setuid", "identity", [("kind", "group")], .denied),
    Row("signal term to hypervisor", "signal", [("kind", "term"), ("peer", "hypervisor")], .allowed),
    Row("signal term to hypervisor", "signal", [("kind", "kill"), ("peer", "hypervisor")], .denied),
    Row("signal term to hypervisor", "signal", [("kind", "term"), ("peer", "other")], .denied),
    Row("signal term to tpm; helper tpm {}", "signal", [("kind", "term"), ("peer", "helper:1")], .allowed),
    Row("signal term to hypervisor", "signal", [("kind", "owner")], .denied),
    // Lines of a module that did not say to whom.
    Row("signal term to hypervisor", "signal", [("kind", "term"), ("target", "1")], .untold),
    Row("ptrace attach to tpm; helper tpm {}", "ptrace", trace("read", "helper:1"), .allowed),
    Row("ptrace read to hypervisor", "ptrace", trace("attach", "hypervisor"), .denied),
    Row(
      "ptrace attach to hypervisor; deny ptrace read to hypervisor", "ptrace", trace("attach", "hypervisor"), .denied),
    Row(
      "ptrace attach to hypervisor; deny ptrace attach to hypervisor", "ptrace", trace("read", "hypervisor"), .allowed),
    Row("ptrace attach to hypervisor", "ptrace", trace("read", "other"), .denied),
    Row("ptrace attach to hypervisor", "ptrace", [("kind", "by"), ("permission", "read")], .untold),
    Row("memory exec", "memory", [("kind", "exec")], .allowed),
    Row("", "memory", [("kind", "exec")], .denied),
    Row("", "socket", [("kind", "netlink"), ("permission", "create")], .denied),
    Row("", "kernel", [("kind", "bpf")], .denied),
    Row("", "of-a-newer-module", [("kind", "x")], .untold),
  ]

  @Test(arguments: rows) func judgesAsTheModule(row: Row) throws {
    let rules = row.rules.split(separator: ";").map { "  \($0)\n" }.joined().replacing(
      "helper tpm {}", with: "helper tpm {\n}")
    let policy = try SamplePolicy(SamplePolicy.head + "vm web1 {\n\(rules)}\n").policy
    var seen = SampleAccesses()
    seen.add(row.accessClass, row.words, row.path.map { Array($0.utf8) }, "web1", SampleAccesses.qemu)
    var judge = AccessJudge(policy)
    let access = try #require(seen.accesses.entries.first).access
    #expect(judge.judge(access).verdict == row.verdict)
  }

  @Test func thoseWithoutABlockAreTheTemplates() throws {
    var seen = SampleAccesses()
    seen.path("/a", "read", vm: "web9")
    let access = try #require(seen.accesses.entries.first).access
    let head = SamplePolicy.head
    for (text, verdict) in [
      ("", AccessJudgement.Verdict.absent), ("vm web1 {\n  file r /a\n}\n", .absent),
      ("template guest {\n  file r /a\n}\n", .allowed), ("template guest {\n}\n", .denied),
    ] {
      var judge = AccessJudge(try SamplePolicy(head + text).policy)
      #expect(judge.judge(access).verdict == verdict, "\(text)")
    }
  }

  /// What a program did within the VM is asked of the helper that the policy sends it to.
  @Test func aProgramThatGetsAHelperIsAskedThere() throws {
    var seen = SampleAccesses()
    seen.path("/var/lib/tpm", "read", by: "/usr/bin/swtpm")
    seen.add("path", [("permission", "read")], Array("/var/lib/tpm".utf8), "web1", "/usr/bin/swtpm", helper: 1)
    seen.add("path", [("permission", "read")], Array("/var/lib/tpm".utf8), "web1", "/usr/bin/swtpm", helper: 2)
    let text =
      "vm web1 {\n  exec /usr/bin/swtpm -> tpm\n  helper tpm {\n    file r /var/lib/tpm\n  }\n}\n"
    var judge = AccessJudge(try SamplePolicy(SamplePolicy.head + text).policy)
    let found = seen.accesses.entries.map { judge.judge($0.access) }
    #expect(found.map(\.verdict) == [.allowed, .allowed, .absent])
    #expect(found.map(\.domain?.name) == ["web1/tpm", "web1/tpm", nil])
    #expect(found[0].rules.map(\.text) == ["file r /var/lib/tpm"])
  }

  /// What a real QEMU did, asked of the policy that review makes of it, and of one without rules.
  @Test func aReviewedPolicyDeniesNothingOfWhatItWasMadeOf() throws {
    let url = try #require(
      Bundle.module.url(forResource: "qemu-7.2-learned", withExtension: "log", subdirectory: "Fixtures"))
    let accesses = LearnedAccesses(AuditLog(Array(try Data(contentsOf: url))).accesses)
    let sample = try SamplePolicy()
    let plan = ReviewPlan(accesses, policy: sample.policy, loader: sample.loader, root: .init("/nonexistent"))
    let reviewed = try SamplePolicy(try sample.text(plan, plan.suggestions))
    var judge = AccessJudge(reviewed.policy)
    // The abstraction denies one thing, quietly.
    let denied = accesses.entries.map(\.access).filter { judge.judge($0).verdict != .allowed }
    #expect(denied.map { judge.judge($0).verdict } == [.quiet])
    #expect(denied.compactMap(\.object.path?.utf8).allSatisfy { $0.hasSuffix("/cmdline") })
    var other = AccessJudge(try SamplePolicy(SamplePolicy.head + "vm web1 {\n}\n").policy)
    #expect(accesses.entries.allSatisfy { other.judge($0.access).verdict == .denied })
    // The rules that decide are found one by one as the automata decide.
    #expect(accesses.entries.allSatisfy { !judge.judge($0.access).rules.isEmpty })
  }
}
