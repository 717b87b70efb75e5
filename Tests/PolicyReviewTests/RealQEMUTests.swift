// SPDX-License-Identifier: Apache-2.0

import AccessPolicy
import EventLog
import Foundation
import Learning
import PolicyText
import Testing
import TrustPolicy

@testable import PolicyReview

/// What a real QEMU 7.2 did in three runs (Fixtures/README.md) becomes a policy in a few decisions.
@Suite("A real QEMU") struct RealQEMUTests {
  private let accesses: LearnedAccesses
  private let log: AuditLog

  init() throws {
    let url = try #require(
      Bundle.module.url(forResource: "qemu-7.2-learned", withExtension: "log", subdirectory: "Fixtures"))
    log = AuditLog(Array(try Data(contentsOf: url)))
    accesses = LearnedAccesses(log.accesses)
  }

  private func plan(_ policy: SamplePolicy) -> ReviewPlan {
    ReviewPlan(accesses, policy: policy.policy, loader: policy.loader, root: .init("/nonexistent"))
  }

  @Test func isWhollyRead() {
    #expect(log.accesses.count == 137)
    #expect(log.damaged.isEmpty && log.gaps.isEmpty)
  }

  @Test func takesAtMostTenDecisions() throws {
    let plan = plan(try SamplePolicy())
    #expect(plan.notes.isEmpty)
    #expect(plan.decisions.count <= 10)
    #expect(
      plan.summary == [
        "web1:abstraction:abstractions/qemu -> abstraction", "web1:object:/run -> accept",
        "web1:object:/srv/vm -> accept", "web1:image:/opt/moor/launch -> private",
        "web1:temporary:one-off -> accept", "web1:device:/dev/kvm -> accept", "web1:anonymous:kinds -> accept",
      ])
  }

  @Test func makesAPolicyThatHoldsAndIsNotAskedAgain() throws {
    let sample = try SamplePolicy()
    let text = try sample.text(plan(sample), plan(sample).suggestions)
    #expect(
      text == SamplePolicy.head + """

        vm web1 {
          include <abstractions/qemu>
          object wcdk /run/web1.pid
          object c /run/web1.qmp
          object rwk /srv/vm/web1.img
          object rk /opt/moor/launch/nested.img
          temp /dev/shm/qemu_back_mem.mem.??????
          temp /var/tmp/vl.??????
          device rw /dev/kvm
          anon io_uring
        }

        """)
    let after = try SamplePolicy(text)
    #expect(AccessCheck(after.policy).diagnostics.map(\.description) == [])
    #expect(plan(after).decisions.isEmpty)
    // Each line of the log is now allowed, or denied without a word; and nothing of another VM's is.
    let domain = try #require(after.policy.domain("web1"))
    let grants = try #require(DomainGrants(after.policy, domain))
    for access in accesses.entries.map(\.access) {
      guard let path = access.object.path?.bytes else { continue }
      let left = access.permissions.subtracting(grants.granted(path))
      #expect(left.isEmpty || left.isSubset(of: grants.denied(path)), "\(access)")
    }
    for other in [
      "/srv/vm/web2.img", "/etc/shadow", "/dev/sda", "/run/web2.qmp", "/var/tmp/vl.long-name", "/root/.ssh/id_rsa",
    ] {
      #expect(grants.granted(Array(other.utf8)).subtracting(.own).isEmpty, "\(other)")
    }
  }

  @Test func withoutTheAbstractionIsAskedInGroups() throws {
    let loader = PolicyLoader(searchPath: [], files: MemoryFiles(files: ["p.moor": SamplePolicy.head]))
    let policy = try AccessPolicy(try loader.load("p.moor"))
    let plan = ReviewPlan(accesses, policy: policy, loader: loader, root: .init("/nonexistent"))
    #expect(plan.notes.count == 1)
    #expect(plan.decisions.count <= 12)
  }

  @Test(arguments: ["base", "qemu"]) func abstractionsPassTheirCheck(_ name: String) throws {
    let policy = try SamplePolicy(
      SamplePolicy.head + "vm a {\n  include <abstractions/\(name)>\n}\nvm b {\n  include <abstractions/\(name)>\n}\n")
    #expect(AccessCheck(policy.policy).diagnostics.map(\.description) == [])
    #expect(policy.policy.tree.files.compactMap(\.header?.name).contains(name))
  }
}
