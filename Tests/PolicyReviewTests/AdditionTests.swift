// SPDX-License-Identifier: Apache-2.0

import PolicyText
import Testing

@testable import PolicyReview

@Suite("What a person wrote stays") struct AdditionTests {
  private static let person = """
    # Rack 12, kept by Ann.
    policy "hosts/rack12" version 7   # raise me

    @{images} =   /srv/images

    vm web1 {      # the shop
    \tobject rw @{images}/web1.img # its disk
      # more to come

      helper tpm { file r /etc/swtpm.conf }
    }
    vm web2 { }
    trust {
      exec /usr/bin/qemu-system-x86_64
    }
    # the end, without a line ending
    """

  @Test func byteForByteElsewhere() throws {
    var seen = SampleAccesses()
    seen.path("/srv/images/web1.img", "lock")
    seen.path("/srv/other/web2.img", "read,write", vm: "web2")
    seen.path("/srv/third/web3.img", "read,write", vm: "web3")
    let policy = try SamplePolicy(Self.person)
    let plan = policy.plan(seen)
    let text = try policy.text(plan, plan.suggestions)
    let expected =
      Self.person
      .replacing("swtpm.conf }\n}", with: "swtpm.conf }\n  object k /srv/images/web1.img\n}")
      .replacing("vm web2 { }", with: "vm web2 {\n  object rw /srv/other/web2.img\n}")
      + "\n\nvm web3 {\n  object rw /srv/third/web3.img\n}\n"
    #expect(text == expected)
    // The same again changes nothing.
    let after = try SamplePolicy(text)
    #expect(after.plan(seen).decisions.isEmpty)
    #expect(try after.text(after.plan(seen), [:]) == text)
  }

  @Test func aHelpersRulesGoIntoItsBlock() throws {
    var seen = SampleAccesses()
    seen.add(
      "path", [("permission", "read,write")], Array("/var/lib/swtpm/state".utf8), "web1", "/usr/bin/swtpm", helper: 1)
    let policy = try SamplePolicy(Self.person)
    let plan = policy.plan(seen)
    let text = try policy.text(plan, plan.suggestions)
    #expect(
      text
        == Self.person.replacing(
          "helper tpm { file r /etc/swtpm.conf }",
          with: "helper tpm { file r /etc/swtpm.conf\n    object rw /var/lib/swtpm/state\n  }"))
  }

  @Test func whatABlockSaysIsNotSaidAgain() throws {
    let document = try Document(parsing: Source(name: "p", text: "vm a {\n  include <abstractions/qemu>\n}\n"))
    let addition = DomainAddition(vm: "a", helper: nil, statements: ["include <abstractions/qemu>", "anon io_uring"])
    let text = String(decoding: try document.adding([addition]).bytes, as: UTF8.self)
    #expect(text == "vm a {\n  include <abstractions/qemu>\n  anon io_uring\n}\n")
  }

  @Test func whatWasLearnedWithGapsIsMarkedUntilItIsComplete() throws {
    var seen = SampleAccesses()
    seen.path("/srv/other/web2.img", "read,write", vm: "web2")
    let policy = try SamplePolicy(Self.person)
    let plan = policy.plan(seen)
    let text = try policy.text(plan, plan.suggestions, incomplete: "3 lines of the log are missing, in 1 places")
    #expect(
      text.hasPrefix(
        "# Rack 12, kept by Ann.\npolicy \"hosts/rack12\" version 7   # raise me\n"
          + "# not complete: 3 lines of the log are missing, in 1 places\n\n@{images}"))
    var more = seen
    more.path("/srv/other/web2.log", "append", vm: "web2")
    let marked = try SamplePolicy(text)
    let again = marked.plan(more)
    let complete = try marked.text(again, again.suggestions)
    #expect(!complete.contains("not complete"))
    #expect(
      complete
        == (try policy.text(plan, plan.suggestions)).replacing(
          "web2.img\n", with: "web2.img\n  object a /srv/other/web2.log\n"))
  }

  @Test func aBlockInAnIncludedFileIsLeftToThePerson() throws {
    var seen = SampleAccesses()
    seen.path("/srv/other/web1.img", "read,write")
    let policy = try SamplePolicy(
      SamplePolicy.head + "include \"more.moor\"\n", others: ["more.moor": "vm web1 {\n}\n"])
    let plan = policy.plan(seen)
    let error = #expect(throws: PolicyError.self) { try policy.text(plan, plan.suggestions) }
    #expect(error?.diagnostics.first?.message.contains("stands in an included file") == true)
    #expect(error?.diagnostics.first?.place.file == "more.moor")
  }

  @Test func aPolicyInWhichTwoVMsWouldMeetIsNotWritten() throws {
    // By hand: what is offered never leads there.
    let policy = try SamplePolicy(SamplePolicy.head + "vm web2 {\n  object rw /srv/x\n}\n")
    var seen = SampleAccesses()
    seen.path("/srv/y", "read,write")
    var session = ReviewSession(policy.plan(seen))
    session.answer("web1:object:/srv", "accept")
    let other = try SamplePolicy(SamplePolicy.head + "vm web2 {\n  object rw /srv/*\n}\n")
    let error = #expect(throws: PolicyError.self) {
      try ReviewOutcome(session, policy: other.policy, loader: other.loader, incomplete: nil)
    }
    #expect(error?.diagnostics.map(\.code.rawValue) == ["meeting"])
  }

  @Test func rulesForAllGoIntoTheLocalAddition() throws {
    var seen = SampleAccesses()
    seen.path("/usr/share/ours/rom.bin", "read")
    let policy = try SamplePolicy()
    let plan = policy.plan(seen)
    var session = ReviewSession(plan)
    session.answer(plan.decisions[0].id, "abstraction")
    let outcome = try ReviewOutcome(session, policy: policy.policy, loader: policy.loader, incomplete: nil)
    #expect(outcome.files.map(\.path) == ["/etc/moor/local/abstractions/qemu", "p.moor"])
    #expect(
      String(decoding: outcome.files[0].bytes, as: UTF8.self)
        == "abstraction \"local/abstractions/qemu\" version 1\n\nfile r /usr/share/ours/rom.bin\n")
    #expect(outcome.files[1].added == ["include <abstractions/qemu>"])
    // It is no way to another VM's files.
    var two = SampleAccesses()
    two.path("/srv/vm/web1.img", "read")
    two.path("/srv/vm/web2.img", "read,write", vm: "web2")
    #expect(policy.plan(two).decisions.first { $0.vm == "web1" }?.choice("abstraction") != nil)
    two.path("/srv/vm/web2.img", "read")
    #expect(policy.plan(two).decisions.first { $0.vm == "web1" && $0.conflict != nil }?.choice("abstraction") == nil)
  }
}
