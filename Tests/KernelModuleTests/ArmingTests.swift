// SPDX-License-Identifier: Apache-2.0

import CKernelModule
import Glibc
import Testing

@testable import KernelModule

@Suite struct ArmingTests {
  /// Plays libbpf and the proof: hands over `links`, counts what is asked of it.
  private final class Steps: ArmingSteps {
    let links: [String]
    let stopped: [String]
    var proofs = 0
    var cookie: UInt64?
    init(links: [String] = ["file_open", "mmap_file"], stopped: [String] = []) {
      self.links = links
      self.stopped = stopped
    }
    func attach(
      programs: String, withAccess: Bool, cookie: UInt64, handOver: (String, Int32) throws(KernelModuleError) -> Void
    ) throws(KernelModuleError) -> Int {
      self.cookie = cookie
      for (index, name) in links.enumerated() { try handOver(name, Int32(20 + index)) }
      return links.count
    }
    func prove(withAccess: Bool) -> [String] {
      proofs += 1
      return stopped
    }
    func pause(milliseconds: Int) {}
  }

  private static let begin: ReplayedDevice.Answer = { argument in
    argument.storeBytes(of: 99, toByteOffset: 8, as: UInt64.self)
    argument.storeBytes(of: 2, toByteOffset: 16, as: UInt32.self)
    return 0
  }

  private static func arm(_ error: Int32, bits: UInt64 = 0) -> ReplayedDevice.Answer {
    { argument in
      argument.storeBytes(of: bits, toByteOffset: 8, as: UInt64.self)
      argument.storeBytes(of: bits, toByteOffset: 24, as: UInt64.self)
      return -error
    }
  }

  @Test func armsOnceAllIsProven() throws {
    let calls = ReplayedDevice([
      moor_ioc_attach_begin: [Self.begin],
      moor_ioc_arm: [Self.arm(EPROTO, bits: 1 << 9), Self.arm(EPROTO, bits: 1 << 9), Self.arm(0)],
    ])
    let steps = Steps()
    try Device(path: "/dev/moor", calls: calls).attachAndArm(programs: "moor.bpf.o", withAccess: true, steps: steps)
    #expect(steps.proofs == 3)
    #expect(steps.cookie == 99)
    #expect(
      calls.requests.map(\.number) == [
        moor_ioc_attach_begin, moor_ioc_attach, moor_ioc_attach, moor_ioc_arm, moor_ioc_arm, moor_ioc_arm,
      ])
    #expect(calls.closed == [7])
  }

  @Test func namesTheHooksThatStaySilentAndWhyTheProofStopped() throws {
    let calls = ReplayedDevice([
      moor_ioc_attach_begin: [Self.begin], moor_ioc_arm: [Self.arm(EPROTO, bits: 1 << 6)],
    ])
    let steps = Steps(stopped: ["loading a module from a file stopped with EPERM"])
    let found = refusal {
      try Device(path: "/dev/moor", calls: calls).attachAndArm(programs: "moor.bpf.o", withAccess: true, steps: steps)
    }
    #expect(found?.operation == .arm)
    #expect(found?.error.name == "EPROTO")
    #expect(found?.detail == "never called: kernel_read_file\nloading a module from a file stopped with EPERM")
    #expect(calls.closed == [7])
  }

  @Test func doesNotTryAgainWhenALinkIsMissing() throws {
    let calls = ReplayedDevice([
      moor_ioc_attach_begin: [Self.begin], moor_ioc_arm: [Self.arm(ENOLINK, bits: 1 << 4)],
    ])
    let steps = Steps()
    let found = refusal {
      try Device(path: "/dev/moor", calls: calls).attachAndArm(programs: "moor.bpf.o", withAccess: true, steps: steps)
    }
    #expect(found?.error.name == "ENOLINK")
    #expect(found?.detail == "without a link: file_open")
    #expect(steps.proofs == 1)
  }

  @Test(arguments: [1, 3])
  func rejectsProgramsThatDoNotFitTheTable(count: Int) throws {
    let calls = ReplayedDevice([moor_ioc_attach_begin: [Self.begin]])
    let steps = Steps(links: Array(repeating: "file_open", count: count))
    #expect(
      rejection {
        try Device(path: "/dev/moor", calls: calls).attachAndArm(programs: "moor.bpf.o", withAccess: true, steps: steps)
      } == .programs)
    #expect(!calls.requests.contains { $0.number == moor_ioc_arm })
  }

  @Test(arguments: [
    (moor_ioc_attach_begin, EBUSY, KernelOperation.attachBegin, "another loader is attaching"),
    (moor_ioc_attach_begin, EALREADY, .attachBegin, "the module is armed already"),
    (moor_ioc_attach, EPROTOTYPE, .attach, "the link's program is not the LSM program of that hook"),
    (
      moor_ioc_arm, EIO, .arm,
      "the outcome of a TPM command is unknown: the module is broken until the host is rebooted"
    ),
  ])
  func endsAtTheFirstRefusal(request: UInt, error: Int32, operation: KernelOperation, meaning: String) throws {
    var answers: [UInt: [ReplayedDevice.Answer]] = [moor_ioc_attach_begin: [Self.begin]]
    answers[request] = [{ _ in -error }]
    let calls = ReplayedDevice(answers)
    let found = refusal {
      try Device(path: "/dev/moor", calls: calls).attachAndArm(programs: "moor.bpf.o", withAccess: true, steps: Steps())
    }
    #expect(found?.operation == operation)
    #expect(found?.meaning == meaning)
    #expect(calls.requests.last?.number == request)
    #expect(calls.closed == [7])
  }
}

/// What of the proof can be seen without a module: the steps reach their hooks, and leave nothing behind.
@Suite struct HookProofTests {
  @Test func stepsThatNeedNoPrivilegeSucceed() {
    let modules: Set = ["loading a module from a file", "loading a module from memory"]
    let failed = HookProof.run(withAccess: true).filter { !modules.contains($0.step) }
    #expect(failed == [])
  }

  @Test func leavesNoDescriptorAndNoChildBehind() {
    func openDescriptors() -> Int {
      (0..<1024).count { fcntl(Int32($0), F_GETFD) >= 0 }
    }
    let before = openDescriptors()
    for _ in 0..<20 { _ = HookProof.run(withAccess: true) }
    // Other tests of this process may open one or two meanwhile; twenty leaks would be twenty more.
    #expect(openDescriptors() < before + 15)
  }
}
