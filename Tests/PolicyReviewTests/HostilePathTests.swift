// SPDX-License-Identifier: Apache-2.0

import AccessPolicy
import PolicyText
import Testing

@testable import PolicyReview

/// Names that a VM chose to be misread: what is accepted must allow them and nothing else.
@Suite("Hostile names") struct HostilePathTests {
  private static let names: [[UInt8]] = [
    Array("/srv/vm/a\nobject rw \\/etc".utf8), Array("/srv/vm/q\"uote".utf8), Array("/srv/vm/back\\slash".utf8),
    Array("/srv/vm/*".utf8), Array("/srv/vm/**".utf8), Array("/srv/vm/?".utf8), Array("/srv/vm/[a-z]".utf8),
    Array("/srv/vm/{a,b}".utf8), Array("/srv/vm/@{vm}".utf8), Array("/srv/vm/#x".utf8), Array("/srv/vm/ x }".utf8),
    [0x2F, 0x73, 0x2F, 0xFF, 0xFE, 0x80], Array("/srv/vm/\u{202E}gpj.exe".utf8), Array("/srv/vm/\u{1B}[2J".utf8),
    [0x2F] + [UInt8](repeating: 0x61, count: 4094), [0x2F, 0x62] + [UInt8](repeating: 0x2A, count: 4093),
    Array("/srv/vm/Übung".utf8),
  ]

  @Test(arguments: names) func matchItselfAlone(_ path: [UInt8]) throws {
    var seen = SampleAccesses()
    seen.path(bytes: path, "read,write")
    let policy = try SamplePolicy()
    let plan = policy.plan(seen)
    #expect(plan.decisions.count == 1)
    let text = try policy.text(plan, [plan.decisions[0].id: "accept"])
    let after = try SamplePolicy(text)
    let domain = try #require(after.policy.domain("web1"))
    #expect(domain.rules.count == 1)
    #expect(domain.rules.first?.path?.glob.literalPath == path)
    #expect(domain.rules.first?.path?.permissions.contains([.read, .write]) == true)
    // Written, it is not asked again; and all that is shown is safe.
    #expect(after.plan(seen).decisions.isEmpty)
    let shown = plan.decisions[0]
    for line in [shown.id, shown.title] + shown.items.map(\.object) + shown.choices.flatMap(\.statements) {
      #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && $0.value != 0x202E })
    }
  }

  @Test func besideWildcardsAreEscaped() throws {
    var seen = SampleAccesses()
    seen.path(bytes: Array("/srv/v*m {x}/disk.img".utf8), "read,write")
    let policy = try SamplePolicy()
    let plan = policy.plan(seen)
    let wide = try #require(plan.decisions.first?.choice("generalise-1")?.statements.first)
    #expect(wide == #"object rw /srv/v\*m\ \{x\}/*.img"#)
    let found = try #require(RuleBench(loader: policy.loader).grants([wide], vm: "web1"))
    #expect(found.granted(Array("/srv/v*m {x}/other.img".utf8)).contains(.write))
    #expect(found.granted(Array("/srv/vxm {x}/other.img".utf8)).isEmpty)
  }

  @Test(arguments: ["relative", "/a//b", "/a/../b", "/a/./b", "/a/", ""])
  func whatIsNoPathIsShownAndNothingMore(_ path: String) throws {
    var seen = SampleAccesses()
    seen.path(path, "read")
    let plan = try SamplePolicy().plan(seen)
    #expect(plan.decisions.map { $0.choices.map(\.id) } == [["skip"]])
  }

  @Test(arguments: ["", "a b", "../x", "web1\n}", "-x", String(repeating: "v", count: 64)])
  func aVMWhoseNameNoPolicyCanHaveIsLeftOut(_ name: String) throws {
    var seen = SampleAccesses()
    seen.path("/srv/x/y", "read", vm: name)
    let plan = try SamplePolicy().plan(seen)
    #expect(plan.decisions.isEmpty)
    #expect(plan.notes.count == 1)
    #expect(plan.notes.allSatisfy { !$0.contains("\n") })
  }

  @Test func longNamesThatBeginAlikeAreToldApart() throws {
    var seen = SampleAccesses()
    for end in ["a", "b"] {
      let path = Array(("/srv/vm/" + String(repeating: "x", count: 300) + end).utf8)
      for vm in ["web1", "web2"] { seen.path(bytes: path, "write", vm: vm) }
    }
    let plan = try SamplePolicy().plan(seen)
    #expect(plan.decisions.allSatisfy { $0.conflict != nil })
    #expect(Set(plan.decisions.map(\.id)).count == 4)
  }

  @Test func aFolderInConflictIsNotTheFilesInIt() throws {
    var seen = SampleAccesses()
    for vm in ["web1", "web2"] { seen.path("/srv/vm", "create", vm: vm) }
    seen.path("/srv/vm/web1.img", "read,write")
    let plan = try SamplePolicy().plan(seen)
    #expect(plan.decisions.map(\.id) == ["web1:conflict:/srv/vm", "web1:object:/srv/vm", "web2:conflict:/srv/vm"])
  }

  @Test func aHelpersNameComesFromItsProgramsPlainLetters() throws {
    var seen = SampleAccesses()
    seen.path("/opt/bin/ x{y}\n", "exec")
    seen.path("/opt/bin2/xy", "exec")
    seen.path("/opt/bin/vm", "exec")
    let policy = try SamplePolicy()
    let plan = policy.plan(seen)
    #expect(
      Set(plan.decisions.compactMap { $0.choice("accept")?.helper }) == ["xy", "xy-2", "program"])
    let text = try policy.text(plan, plan.suggestions)
    #expect(try SamplePolicy(text).policy.domains.count == 4)
  }
}
