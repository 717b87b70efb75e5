// SPDX-License-Identifier: Apache-2.0

import AccessPolicy
import EventLog
import PolicyText
import Testing
import TrustPolicy

@testable import PolicyReview

@Suite("What is suggested") struct SuggestionTests {
  private func choices(_ plan: ReviewPlan, _ id: String) throws -> [String: ReviewChoice] {
    let decision = try #require(plan.decision(id), "\(plan.summary)")
    return Dictionary(decision.choices.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  @Test func aDiskIsTheVMsOwn() throws {
    var seen = SampleAccesses()
    seen.path("/srv/vm/web1.qcow2", "read,write,lock")
    seen.path("/srv/vm/web1.qcow2", "truncate")
    let plan = try SamplePolicy().plan(seen)
    let found = try choices(plan, "web1:object:/srv/vm")
    #expect(found["accept"]?.statements == ["object rwk /srv/vm/web1.qcow2"])
    #expect(found["deny"]?.statements == ["deny file rwk /srv/vm/web1.qcow2"])
    #expect(found["deny-quiet"]?.statements == ["deny quiet file rwk /srv/vm/web1.qcow2"])
    #expect(plan.decisions[0].suggested == "accept")
  }

  @Test func generalisationsSayHowManyFilesTheyWouldAdmit() throws {
    let folder = try TemporaryFolder([
      "/srv/vm/web1.qcow2", "/srv/vm/web1.raw", "/srv/vm/web10.qcow2", "/srv/vm/notes", "/srv/vm/deep/a.qcow2",
    ])
    var seen = SampleAccesses()
    seen.path("/srv/vm/web1.qcow2", "read,write")
    let found = try choices(try SamplePolicy().plan(seen, root: FileRoot(folder.path)), "web1:object:/srv/vm")
    #expect(
      (1...4).map { found["generalise-\($0)"]?.statements ?? [] } == [
        ["object rw /srv/vm/web1.*"], ["object rw /srv/vm/*.qcow2"], ["object rw /srv/vm/*"], ["object rw /srv/vm/**"],
      ])
    #expect((1...4).map { found["generalise-\($0)"]?.admits?.count } == [1, 1, 3, 4])
  }

  @Test func theCountIsBounded() throws {
    let folder = try TemporaryFolder((0..<50).map { "/srv/vm/disk\($0)" })
    let sample = try SamplePolicy()
    let bench = RuleBench(loader: sample.loader)
    let rules = try #require(bench.grants(["object rw /srv/vm/*"], vm: "web1"))
    var census = FileCensus(root: FileRoot(folder.path))
    #expect(census.newlyAdmitted(by: rules, besides: nil, seen: []) == FileCount(count: 50, isComplete: true))
    census.mostNames = 20
    #expect(census.newlyAdmitted(by: rules, besides: nil, seen: []) == FileCount(count: 20, isComplete: false))
  }

  @Test func whatMeetsAnotherVMIsNotOffered() throws {
    var seen = SampleAccesses()
    seen.path("/srv/vm/web1.qcow2", "read,write")
    seen.path("/srv/vm/web2.qcow2", "read,write", vm: "web2")
    let plan = try SamplePolicy().plan(seen)
    let found = try choices(plan, "web1:object:/srv/vm")
    #expect(found["generalise-1"]?.statements == ["object rw /srv/vm/web1.*"])
    #expect(found["generalise-2"] == nil)
    // The same where the other VM has its object by the policy, and was not seen.
    var alone = SampleAccesses()
    alone.path("/srv/vm/web1.qcow2", "read,write")
    let policy = try SamplePolicy(SamplePolicy.head + "vm web2 {\n  object rw /srv/vm/web2.qcow2\n}\n")
    #expect(try choices(policy.plan(alone), "web1:object:/srv/vm")["generalise-2"] == nil)
  }

  @Test func aWriteOnWhatOthersReadIsAConflict() throws {
    var seen = SampleAccesses()
    seen.path("/srv/vm/base.qcow2", "read,write")
    for vm in ["web2", "web3"] { seen.path("/srv/vm/base.qcow2", "read", vm: vm) }
    let plan = try SamplePolicy().plan(seen)
    let writer = try #require(plan.decisions.first { $0.vm == "web1" })
    #expect(writer.conflict?.contains("web2 was seen to use it") == true)
    #expect(writer.choices.map(\.id) == ["deny", "deny-quiet", "skip"])
    #expect(writer.suggested == "skip")
    let reader = try #require(plan.decisions.first { $0.vm == "web2" })
    #expect(reader.conflict == nil)
    #expect(reader.choice("accept")?.statements == ["shared r /srv/vm/base.qcow2"])
    #expect(reader.choice("private") == nil)
  }

  @Test func whereOneReadsWhatOneWritesAPersonHasToSayWhoseItIs() throws {
    var seen = SampleAccesses()
    seen.path("/srv/vm/web2.qcow2", "read")
    seen.path("/srv/vm/web2.qcow2", "read,write", vm: "web2")
    let plan = try SamplePolicy().plan(seen)
    #expect(plan.decisions.map { $0.conflict != nil } == [true, true])
    #expect(plan.decisions.map(\.suggested) == ["skip", "skip"])
    // Once a rule says so, it is the other's conflict alone.
    let said = try SamplePolicy(SamplePolicy.head + "vm web2 {\n  object rw /srv/vm/web2.qcow2\n}\n").plan(seen)
    #expect(said.decisions.map(\.vm) == ["web1"] && said.decisions[0].conflict != nil)
    // And its own further uses are its own.
    seen.path("/srv/vm/web2.qcow2", "lock", vm: "web2")
    let more = try SamplePolicy(SamplePolicy.head + "vm web2 {\n  object rw /srv/vm/web2.qcow2\n}\n").plan(seen)
    #expect(more.decisions.map { $0.conflict != nil } == [true, false])
    #expect(more.decision("web2:object:/srv/vm")?.choice("accept")?.statements == ["object k /srv/vm/web2.qcow2"])
    let shared = try SamplePolicy(SamplePolicy.head + "vm web1 {\n  shared r /srv/vm/web2.qcow2\n}\n").plan(seen)
    #expect(shared.decisions.map(\.vm) == ["web2"] && shared.decisions[0].conflict != nil)
  }

  @Test func aWriteOnAnothersObjectIsAConflict() throws {
    var seen = SampleAccesses()
    seen.path("/srv/vm/web2.qcow2", "write")
    let policy = try SamplePolicy(SamplePolicy.head + "vm web2 {\n  object rw /srv/vm/web2.qcow2\n}\n")
    let decision = try #require(policy.plan(seen).decisions.first)
    #expect(decision.conflict?.contains("web2 has object rw /srv/vm/web2.qcow2") == true)
    #expect(decision.choice("accept") == nil)
  }

  @Test func twoVMsThatReadOneBaseShareIt() throws {
    var seen = SampleAccesses()
    for vm in ["web1", "web2"] { seen.path("/srv/vm/base.qcow2", "read", vm: vm) }
    let policy = try SamplePolicy()
    let plan = policy.plan(seen)
    #expect(plan.summary == ["web1:image:/srv/vm -> accept", "web2:image:/srv/vm -> accept"])
    let text = try policy.text(plan, plan.suggestions)
    #expect(
      text == SamplePolicy.head
        + "\nvm web1 {\n  shared r /srv/vm/base.qcow2\n}\n\nvm web2 {\n  shared r /srv/vm/base.qcow2\n}\n")
  }

  @Test func anImageThatNobodyElseReadsIsMadePrivate() throws {
    var seen = SampleAccesses()
    seen.path("/srv/iso/debian.iso", "read")
    let plan = try SamplePolicy().plan(seen)
    #expect(plan.summary == ["web1:image:/srv/iso -> private"])
    #expect(plan.decisions[0].choice("private")?.statements == ["object r /srv/iso/debian.iso"])
    #expect(plan.decisions[0].choice("accept")?.statements == ["shared r /srv/iso/debian.iso"])
  }

  @Test func secretsAreWarnedOfAndNeverSuggested() throws {
    var seen = SampleAccesses()
    seen.path("/etc/shadow", "read")
    let plan = try SamplePolicy().plan(seen)
    let decision = try #require(plan.decisions.first)
    #expect(decision.choice("accept")?.warnings.first?.contains("/etc/shadow") == true)
    #expect(decision.suggested == "skip")
  }

  @Test func whatIsAllowedOrDeniedAlreadyIsNotAsked() throws {
    var seen = SampleAccesses()
    seen.path("/srv/vm/web1.qcow2", "read,write")
    seen.path("/srv/vm/web1.qcow2", "truncate")
    seen.path("/etc/passwd", "read")
    seen.anonymous("io_uring")
    let policy = try SamplePolicy(
      SamplePolicy.head
        + "vm web1 {\n  object rw /srv/vm/web1.qcow2\n  deny quiet file r /etc/passwd\n  anon io_uring\n}\n")
    #expect(policy.plan(seen).decisions.isEmpty)
    seen.path("/srv/vm/web1.qcow2", "lock")
    let plan = policy.plan(seen)
    #expect(plan.decisions.map { $0.choice("accept")?.statements } == [["object k /srv/vm/web1.qcow2"]])
  }

  @Test func namesOfOneRunAreNeverOfferedAsTheyAre() throws {
    var seen = SampleAccesses()
    seen.path("/var/tmp/vl.Ab12Cd", "read,write,create,delete")
    seen.path("/dev/shm/qemu_back_mem.mem.x9Yz01", "read,write,create,delete")
    seen.path("/run/libvirt/domain-1-web1/monitor.sock", "create,unix-listen")
    seen.path("/proc/4711/cmdline", "read")
    let plan = try SamplePolicy().plan(seen)
    let written = plan.decisions.flatMap(\.choices).flatMap { $0.statements + $0.shared }
    for once in ["Ab12Cd", "x9Yz01", "domain-1-", "4711"] {
      #expect(!written.contains { $0.contains(once) }, "\(once) in \(written)")
    }
    let temporary = try choices(plan, "web1:temporary:one-off")
    #expect(
      temporary["accept"]?.statements == [
        "temp /dev/shm/qemu_back_mem.mem.??????", "temp /run/libvirt/domain-[0-9]+-web1/monitor.sock",
        "unix listen /run/libvirt/domain-[0-9]+-web1/monitor.sock", "temp /var/tmp/vl.??????",
      ])
  }

  @Test func namesThatSeveralRunsTellApartAreOne() throws {
    var seen = SampleAccesses()
    for name in ["qrstuv", "lmnopq", "aabbcc"] { seen.path("/tmp/work\(name).sock", "read,write,create") }
    let plan = try SamplePolicy().plan(seen)
    #expect(plan.decisions.map { $0.choice("accept")?.statements } == [["temp /tmp/work??????.sock"]])
  }

  @Test func aProgramThatIsStartedGetsADomainOfItsOwn() throws {
    var seen = SampleAccesses()
    seen.path("/usr/bin/swtpm", "exec,read")
    seen.path("/var/lib/swtpm/web1/state", "read,write,create", by: "/usr/bin/swtpm")
    seen.path("/srv/vm/web1.img", "read,write")
    let policy = try SamplePolicy()
    let plan = policy.plan(seen)
    #expect(
      plan.summary == [
        "web1:program:/usr/bin/swtpm -> accept", "web1:object:/srv/vm -> accept",
        "web1/swtpm:object:/var/lib/swtpm/web1 -> accept",
      ])
    let text = try policy.text(plan, plan.suggestions)
    #expect(
      text == SamplePolicy.head + """

        vm web1 {
          exec /usr/bin/swtpm -> swtpm
          file r /usr/bin/swtpm
          object rw /srv/vm/web1.img
          helper swtpm {
            object rwc /var/lib/swtpm/web1/state
          }
        }

        """)
    // Not started, it needs nothing.
    var answers = plan.suggestions
    answers["web1:program:/usr/bin/swtpm"] = "deny"
    let without = try policy.text(plan, answers)
    #expect(!without.contains("helper") && without.contains("deny exec /usr/bin/swtpm"))
  }

  @Test func whatNoRuleCanAllowIsShownAndSkipped() throws {
    var seen = SampleAccesses()
    seen.add("mount", [], nil, "web1", SampleAccesses.qemu)
    seen.add("capability", [("capability", "sys_admin")], nil, "web1", SampleAccesses.qemu)
    let plan = try SamplePolicy().plan(seen)
    #expect(plan.summary == ["web1:other:seen -> skip"])
    #expect(plan.decisions[0].choices.map(\.id) == ["skip"])
    #expect(
      plan.decisions[0].items.map(\.object).sorted() == ["capability capability=sys_admin", "mounts, or another root"])
  }

  @Test func equalInputGivesEqualDecisions() throws {
    var seen = SampleAccesses()
    for index in 0..<40 { seen.path("/srv/vm\(index % 7)/d\(index)", index % 2 == 0 ? "read" : "read,write") }
    let policy = try SamplePolicy()
    #expect(policy.plan(seen).decisions == policy.plan(seen).decisions)
    var other = SampleAccesses()
    for record in seen.records.reversed() {
      other.path(bytes: record.path?.bytes ?? [], record.permissions.joined(separator: ","))
    }
    #expect(policy.plan(other).decisions.map(\.digest) == policy.plan(seen).decisions.map(\.digest))
  }
}
