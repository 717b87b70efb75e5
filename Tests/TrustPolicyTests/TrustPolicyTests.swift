// SPDX-License-Identifier: Apache-2.0

import Glibc
import PolicyText
import Testing
import TrustPolicy

@Suite struct TrustPolicyTests {
  static let one = String(repeating: "11", count: 32)
  static let two = String(repeating: "22", count: 32)

  @Test func enforcingNeedsAnEmulatorThatCouldStart() throws {
    let policy = try makePolicy("exec /a\nexec /b measured sha256:\(Self.one)\nlibrary /c\n")
    let error = #expect(throws: PolicyError.self) { try policy.requireEnforceable() }
    #expect(
      error?.diagnostics.map(\.summary) == [
        "p:3:1: error: /a has no digest, and no other emulator has one: nothing could start, expected exec PATH DIGEST"
      ])
    #expect(policy.unmeasured.map(\.path.description) == ["/a", "/c"])
  }

  @Test func whatWasNeverMeasuredIsNoError() throws {
    let policy = try makePolicy("exec /a sha256:\(Self.one)\nexec /b\nlibrary /c\nfirmware /d\n")
    #expect(throws: Never.self) { try policy.requireEnforceable() }
    #expect(policy.unmeasured.map(\.path.description) == ["/b", "/c", "/d"])
  }

  @Test func listsAtMostAHundred() throws {
    let policy = try makePolicy((0..<250).map { "exec /e\($0)" }.joined(separator: "\n"))
    let error = #expect(throws: PolicyError.self) { try policy.requireEnforceable() }
    #expect(error?.diagnostics.count == 101)
    #expect(error?.diagnostics.last?.message == "150 more emulators have no digest")
  }

  @Test func refusesToEnforceWithoutAnEmulator() throws {
    let policy = try makePolicy("exec /a measured sha256:\(Self.one)\n")
    let error = #expect(throws: PolicyError.self) { try policy.requireEnforceable() }
    #expect(error?.diagnostics.map(\.code) == [.unmeasured])
    #expect(throws: Never.self) { try makePolicy("exec /a sha256:\(Self.one)").requireEnforceable() }
  }

  @Test func patternsCoverOnlyWhatTheLockLists() throws {
    let policy = try makePolicy(
      "exec /a\nlibrary /usr/lib/x/**", lock: "library /usr/lib/x/y/z.so sha256:\(Self.one)\nexec /a sha256:\(Self.two)"
    )
    #expect(policy.entries.map(\.path.description) == ["/a", "/usr/lib/x/y/z.so"])
    #expect(policy.covers(.library, try TrustPath("/usr/lib/x/other.so")))
    #expect(!policy.covers(.firmware, try TrustPath("/usr/lib/x/other.so")))
    #expect(!policy.covers(.library, try TrustPath("/usr/lib/xy.so")))
    #expect(policy.rule(.exec, try TrustPath("/a"))?.digests == [try digest(0x22)])
    #expect(policy.rule(.exec, try TrustPath("/b")) == nil)
  }

  @Test func leavesOutWhatThePolicyDoesNotCover() throws {
    let lock = "exec /evil sha256:\(Self.one)\nlibrary /a sha256:\(Self.one)"
    let policy = try makePolicy("exec /a", lock: lock)
    #expect(policy.entries.map(\.path.description) == ["/a"])
    #expect(policy.entries.map(\.digest) == [nil])
    #expect(policy.warnings.map(\.code) == [.uncovered, .uncovered])
  }

  @Test func warnsOfALockOfAnotherVersion() throws {
    let source = Source(name: "p", text: "policy \"n\" version 2\ntrust {\nexec /a\n}\n")
    let lock = Source(name: "l", text: "lock \"n\" version 1\ntrust {\nexec /a sha256:\(Self.one)\n}\n")
    let policy = try TrustPolicy(try PolicyLoader().load(source), lock: lock)
    #expect(policy.warnings.map(\.code) == [.stale])
    #expect(policy.unmeasured.isEmpty)
  }

  /// 50,000 entries, each with a digest (fewer when the code is not optimised), in processor time of this thread: other
  /// work on the machine does not count.
  @Test func readsFiftyThousandEntriesQuickly() throws {
    #if DEBUG
      let (count, limit) = (2_000, 10.0)
    #else
      let (count, limit) = (50_000, 1.0)
    #endif
    let lines = (0..<count).map {
      "library /usr/lib/x86_64-linux-gnu/folder\($0 % 100)/lib\($0).so.1 sha256:\(Self.one)"
    }
    let text = "exec /usr/bin/qemu\n" + lines.joined(separator: "\n")
    let start = nanoseconds(CLOCK_THREAD_CPUTIME_ID)
    #expect(try makePolicy(text).rules.count == count + 1)
    let seconds = Double(nanoseconds(CLOCK_THREAD_CPUTIME_ID) - start) / 1e9
    #expect(seconds < limit)
  }

  @Test func survivesAnyBytes() {
    let seed = Array(
      "policy \"n\" version 1\ntrust {\n exec /a memory-exec sha256:\(Self.one)\n library /usr/lib/x/* \n}\n".utf8)
    for index in seed.indices {
      for value: UInt8 in [0, 0x0A, 0x20, 0x22, 0x23, 0x2A, 0x2F, 0x5C, 0x7B, 0x7D, 0x80, 0xFF] {
        var bytes = seed
        bytes[index] = value
        do {
          let policy = try TrustPolicy(try PolicyLoader().load(Source(name: "p", bytes: bytes)))
          #expect(policy.rules.count <= 2)
        } catch {
          #expect(!error.diagnostics.isEmpty)
        }
      }
    }
  }
}

/// A clock of the C library, in nanoseconds.
private func nanoseconds(_ clock: clockid_t) -> UInt64 {
  var time = timespec()
  clock_gettime(clock, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
