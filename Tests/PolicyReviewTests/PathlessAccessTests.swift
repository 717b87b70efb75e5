// SPDX-License-Identifier: Apache-2.0

import AccessPolicy
import EventLog
import PolicyText
import Testing

@testable import PolicyReview

@Suite("What has no path") struct PathlessAccessTests {
  private static let qemu = SampleAccesses.qemu

  /// What a VM on KVM does that is about no file.
  private var seen: SampleAccesses {
    var seen = SampleAccesses()
    seen.path("/dev/kvm", "device-read,device-write")
    seen.add("ioctl", [("command", "0xae01"), ("path", "/dev/kvm")], nil, "web1", Self.qemu)
    seen.add("ioctl", [("command", "0xae00"), ("path", "/dev/kvm")], nil, "web1", Self.qemu)
    seen.add("ioctl", [("kind", "kvm-vcpu"), ("command", "0xae80")], nil, "web1", Self.qemu)
    seen.add("ioctl", [("kind", "kvm-vcpu"), ("command", "0xdeadbeef")], nil, "web1", Self.qemu)
    seen.add("tcp", [("permission", "listen"), ("address", "127.0.0.1"), ("port", "5901")], nil, "web1", Self.qemu)
    seen.add("udp", [("permission", "connect"), ("address", "fd00::7"), ("port", "53")], nil, "web1", Self.qemu)
    seen.add("capability", [("kind", "sys_nice")], nil, "web1", Self.qemu)
    seen.add("memory", [("kind", "exec")], nil, "web1", Self.qemu)
    seen.add("unix", [("permission", "connect"), ("path", "/run/vm/web1.sock")], nil, "web1", Self.qemu)
    seen.add("unix", [("permission", "listen"), ("path", "@web1-agent")], nil, "web1", Self.qemu)
    seen.add("descriptor", [("kind", "pipe"), ("permission", "inherit")], nil, "web1", Self.qemu)
    seen.add("descriptor", [("kind", "memfd"), ("permission", "receive")], nil, "web1", Self.qemu)
    return seen
  }

  private static let rules = [
    "device rw /dev/kvm ioctl KVM_CREATE_VM KVM_GET_API_VERSION", "anon kvm-vcpu ioctl 0xdeadbeef KVM_RUN",
    "tcp listen 127.0.0.1:5901", "udp connect [fd00::7]:53", "capability sys_nice", "memory exec",
    "unix connect /run/vm/web1.sock",
    "unix listen @web1-agent", "inherit pipe", "receive memfd",
  ]

  @Test func isWrittenAsRulesAndNotAskedAgain() throws {
    let sample = try SamplePolicy()
    let plan = sample.plan(seen)
    let answers = Dictionary(plan.decisions.map { ($0.id, "accept") }, uniquingKeysWith: { first, _ in first })
    let text = try sample.text(plan, answers)
    for rule in Self.rules { #expect(text.contains("  \(rule)\n"), "\(rule) in\n\(text)") }
    #expect(try SamplePolicy(text).plan(seen).decisions.map(\.id) == [])
  }

  @Test func onlyWhatIsNewIsAsked() throws {
    let policy =
      SamplePolicy.head + "vm web1 {\n  device rw /dev/kvm ioctl KVM_GET_API_VERSION\n  anon kvm-vcpu ioctl any\n}\n"
    let plan = try SamplePolicy(policy).plan(seen)
    let items = plan.decisions.flatMap(\.items)
    #expect(items.first { $0.object == "/dev/kvm" }?.permissions == ["KVM_CREATE_VM"])
    #expect(!items.contains { $0.object == "kvm-vcpu" })
  }

  @Test func signalsAreAskedByWhomTheyAreFor() throws {
    var seen = SampleAccesses()
    seen.add("signal", [("kind", "term"), ("peer", "hypervisor"), ("target", "7")], nil, "web1", Self.qemu)
    seen.add("signal", [("kind", "exists"), ("peer", "helper:1"), ("target", "8")], nil, "web1", Self.qemu)
    seen.add("signal", [("kind", "kill"), ("peer", "other"), ("target", "9")], nil, "web1", Self.qemu)
    seen.add("signal", [("kind", "kill"), ("target", "9")], nil, "web1", Self.qemu)
    seen.add("identity", [("kind", "user")], nil, "web1", Self.qemu)
    seen.add("ptrace", [("kind", "to"), ("permission", "attach"), ("peer", "helper:1")], nil, "web1", Self.qemu)
    let sample = try SamplePolicy(SamplePolicy.head + "vm web1 {\n  helper tpm {\n  }\n}\n")
    let plan = sample.plan(seen)
    let text = try sample.text(plan, plan.suggestions)
    for rule in ["signal term to hypervisor", "signal exists to tpm", "capability setuid", "ptrace attach to tpm"] {
      #expect(text.contains("  \(rule)\n"), "\(rule) in\n\(text)")
    }
    // Whom no rule names, and what an older module has not said.
    #expect(try SamplePolicy(text).plan(seen).decisions.map(\.reviewClass) == [.other])
  }

  @Test func whatAWiderRuleAllowsIsNotAsked() throws {
    var seen = SampleAccesses()
    seen.add("tcp", [("permission", "connect"), ("address", "10.0.0.7"), ("port", "80")], nil, "web1", Self.qemu)
    seen.add("signal", [("kind", "term"), ("peer", "hypervisor"), ("target", "7")], nil, "web1", Self.qemu)
    seen.add("capability", [("kind", "sys_nice")], nil, "web1", Self.qemu)
    let rules = "  tcp connect 10.0.0.0/8:*\n  signal hup term to hypervisor\n  deny capability sys_nice\n"
    #expect(try SamplePolicy(SamplePolicy.head + "vm web1 {\n\(rules)}\n").plan(seen).decisions.map(\.id) == [])
  }

  /// What is another VM's is nothing that a rule could allow, whatever was done with it.
  @Test func whatIsAnotherVMsIsNeverOffered() throws {
    var seen = SampleAccesses()
    seen.add("path", [("permission", "read"), ("path", "/srv/x"), ("owner_vm", "web2")], nil, "web1", Self.qemu)
    seen.add(
      "descriptor", [("kind", "file"), ("permission", "inherit"), ("path", "/srv/x"), ("owner_vm", "web2")], nil,
      "web1", Self.qemu)
    seen.add("descriptor", [("kind", "other"), ("permission", "inherit")], nil, "web1", Self.qemu)
    let plan = try SamplePolicy().plan(seen)
    #expect(plan.decisions.allSatisfy { $0.reviewClass == .other })
    #expect(plan.decisions.flatMap(\.choices).flatMap(\.statements).allSatisfy { $0.hasPrefix("deny") })
  }

  @Test func aDenialNamesNoCommands() throws {
    let sample = try SamplePolicy()
    let plan = sample.plan(seen)
    let answers = Dictionary(plan.decisions.map { ($0.id, "deny") }, uniquingKeysWith: { first, _ in first })
    let text = try sample.text(plan, answers)
    for rule in [
      "deny device rw /dev/kvm", "deny anon kvm-vcpu", "deny capability sys_nice", "deny memory exec",
      "deny tcp listen 127.0.0.1:5901",
    ] {
      #expect(text.contains("  \(rule)\n"), "\(rule) in\n\(text)")
    }
  }

  @Test func whatTheLanguageHasNoWordsForCanOnlyBeSkipped() throws {
    var seen = SampleAccesses()
    seen.add("kernel", [("kind", "bpf")], nil, "web1", Self.qemu)
    seen.add("socket", [("kind", "netlink"), ("permission", "create")], nil, "web1", Self.qemu)
    seen.add("tcp", [("kind", "inet"), ("permission", "create")], nil, "web1", Self.qemu)
    seen.add("tcp", [("permission", "connect"), ("address", "10.0.0.1}\nvm x"), ("port", "1")], nil, "web1", Self.qemu)
    seen.add("tcp", [("permission", "connect"), ("address", "10.0.0.1"), ("port", "70000")], nil, "web1", Self.qemu)
    seen.add("memory", [("kind", "write")], nil, "web1", Self.qemu)
    seen.add("ptrace", [("kind", "to"), ("permission", "read")], nil, "web1", Self.qemu)
    seen.add("capability", [("kind", "no_such")], nil, "web1", Self.qemu)
    seen.add("ioctl", [("kind", "socket"), ("command", "0x8927")], nil, "web1", Self.qemu)
    seen.add("ioctl", [("kind", "kvm-vm"), ("command", "0xffffffffff")], nil, "web1", Self.qemu)
    seen.add("unix", [("permission", "connect"), ("path", "@a b")], nil, "web1", Self.qemu)
    let plan = try SamplePolicy().plan(seen)
    #expect(plan.decisions.map { $0.choices.map(\.id) } == [["skip"]])
    #expect(plan.decisions.first?.items.count == 11)
  }
}
