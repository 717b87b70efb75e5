// SPDX-License-Identifier: Apache-2.0

import CKernelModule
import CMoor
import Glibc
import Testing

@testable import KernelModule

@Suite struct DeviceTests {
  @Test(arguments: [
    (ENOENT, "the module is not loaded"),
    (EPERM, "the caller lacks CAP_MAC_ADMIN in the first user namespace, or is inside a domain"),
    (ENXIO, "the module is being unloaded"),
  ])
  func saysWhyTheDeviceCannotBeOpened(error: Int32, meaning: String) {
    let found = refusal { _ = try Device(path: "/dev/moor", calls: ReplayedDevice(opened: -error)) }
    #expect(found?.operation == .openDevice)
    #expect(found?.error.rawValue == error)
    #expect(found?.meaning == meaning)
    #expect(found?.advice.isEmpty == false)
  }

  @Test func closesTheDeviceWhenItsOwnerIsGone() throws {
    let calls = ReplayedDevice()
    do {
      let device = try Device(path: "/dev/moor", calls: calls)
      try device.cap()
      #expect(calls.closed == [])
    }
    #expect(calls.closed == [7])
  }

  @Test func everyRequestBeginsWithItsSizeAndTheVersion() throws {
    let calls = ReplayedDevice()
    let device = try Device(path: "/dev/moor", calls: calls)
    _ = try device.beginAttaching(withAccess: false)
    try device.attach(link: 3, named: "file_open")
    _ = try device.arm()
    try device.bind(to: VMName("web1"))
    try device.gate(GatedDevices(major: 10, minors: 122...122, name: "iommu"))
    try device.lock()
    try device.release()
    #expect(calls.requests.count == 7)
    for request in calls.requests {
      let size = UInt32(request.number >> 16 & 0x3FFF)
      let header = request.argument.withUnsafeBytes { $0.loadUnaligned(as: moor_header.self) }
      #expect(header.size == size)
      #expect(header.version == 1)
    }
  }

  @Test func cookieAndHookCountAreTheModulesAnswer() throws {
    let device = try Device(
      path: "/dev/moor",
      calls: ReplayedDevice([
        moor_ioc_attach_begin: [
          { argument in
            argument.storeBytes(of: 0x1122_3344_5566_7788, toByteOffset: 8, as: UInt64.self)
            argument.storeBytes(of: 14, toByteOffset: 16, as: UInt32.self)
            return 0
          }
        ]
      ]))
    #expect(
      try device.beginAttaching(withAccess: false) == Device.Attachment(cookie: 0x1122_3344_5566_7788, hookCount: 14))
  }

  @Test(
    arguments: [
      (ENOLINK, .missing(HookSet(words: [0b101, 0]))),
      (EPROTO, .unproven(HookSet(words: [0b110, 0]))),
      (0, .armed),
    ] as [(Int32, Device.Arming)])
  func armingNamesTheHooksThatAreNotThere(error: Int32, expected: Device.Arming) throws {
    let device = try Device(
      path: "/dev/moor",
      calls: ReplayedDevice([
        moor_ioc_arm: [
          { argument in
            argument.storeBytes(of: 0b101, toByteOffset: 8, as: UInt64.self)
            argument.storeBytes(of: 0b110, toByteOffset: 24, as: UInt64.self)
            return -error
          }
        ]
      ]))
    #expect(try device.arm() == expected)
  }

  /// Every errno that the module documents, for one operation that can answer it.
  @Test(arguments: [
    (EPERM, "the caller lacks CAP_MAC_ADMIN, or the host is locked until it is rebooted"),
    (EACCES, "the caller is inside a guarded domain, or is not who opened /dev/moor"),
    (EBUSY, "another tool is at work, or a guarded VM runs"),
    (ENOTSUP, "tool and module speak different versions of the interface"),
    (EINVAL, "the module cannot read a field of the request"),
    (ENODEV, "the module has no TPM"),
    (EIO, "the outcome of a TPM command is unknown: the module is broken until the host is rebooted"),
    (ENOTTY, "the module does not know the request"),
    (EALREADY, "the PCR is capped already"),
  ])
  func explainsWhyThePCRCannotBeCapped(error: Int32, meaning: String) throws {
    let device = try Device(path: "/dev/moor", calls: ReplayedDevice(refusing: moor_ioc_cap, with: error))
    let found = refusal { try device.cap() }
    #expect(found?.operation == .cap)
    #expect(found?.error.rawValue == error)
    #expect(found?.meaning == meaning)
  }

  @Test(arguments: [
    (EPERM, "the caller lacks CAP_MAC_ADMIN, or the host is locked until it is rebooted"),
    (EBUSY, "a guarded VM is running"),
    (
      ENOTRECOVERABLE,
      "the outcome of a TPM command is unknown: the module stays, and is broken, until the host is rebooted"
    ),
  ])
  func explainsWhyTheHooksAreNotGivenBack(error: Int32, meaning: String) throws {
    let device = try Device(path: "/dev/moor", calls: ReplayedDevice(refusing: moor_ioc_release, with: error))
    let found = refusal { try device.release() }
    #expect(found?.meaning == meaning)
    #expect(found?.error.rawValue == error)
  }

  @Test(arguments: [
    (EBADF, "the descriptor is not a BPF link"),
    (EPROTOTYPE, "the link's program is not the LSM program of that hook"),
    (ENOENT, "the program's hook is not in the module's table"),
    (EEXIST, "the hook has a link already"),
  ])
  func explainsWhyALinkIsNotTaken(error: Int32, meaning: String) throws {
    let device = try Device(path: "/dev/moor", calls: ReplayedDevice(refusing: moor_ioc_attach, with: error))
    let found = refusal { try device.attach(link: 5, named: "file_open") }
    #expect(found?.meaning == meaning)
    #expect(found?.detail == "file_open")
  }
}

@Suite struct DeviceExplanationTests {
  @Test(arguments: [
    (EUSERS, "loaded closed, and somebody has a device open already that only guarded VMs may open"),
    (EPERM, "this is not the process that began to attach"),
    (EALREADY, "the module is armed already"),
  ])
  func explainsWhyTheModuleIsNotArmed(error: Int32, meaning: String) throws {
    let device = try Device(path: "/dev/moor", calls: ReplayedDevice(refusing: moor_ioc_arm, with: error))
    let found = refusal { _ = try device.arm() }
    #expect(found?.operation == .arm)
    #expect(found?.meaning == meaning)
    #expect(found?.advice != "")
  }
}

@Suite struct DeviceTrustTests {
  private func policy(paths: [String]) throws -> TrustCommit {
    try TrustCommit(
      name: "hosts/rack12", version: 7, generation: 3, isEnforcing: true,
      image: TrustImage(packed: paths.flatMap { packedEntry(path: $0) }))
  }

  @Test func announcesAddsAndCommitsInThisOrder() throws {
    let calls = ReplayedDevice()
    let device = try Device(path: "/dev/moor", calls: calls)
    let policy = try policy(paths: ["/usr/lib/a.so", "/usr/lib/b.so"])
    try device.commit(policy)
    #expect(calls.requests.map(\.number) == [moor_ioc_trust_begin, moor_ioc_trust_add, moor_ioc_trust_commit])
    let begin = calls.requests[0].argument.withUnsafeBytes { $0.loadUnaligned(as: moor_trust_begin.self) }
    #expect(begin.entry_count == 2)
    #expect(begin.byte_count == 48)
    let commit = calls.requests[2].argument
    #expect(commit[8] == 1)
    #expect(commit[16] == 7)
    #expect(commit[24] == 3)
    #expect(Array(commit[32..<64]) == policy.image.digest)
    #expect(Array(commit[64..<76]) == Array("hosts/rack12".utf8))
    #expect(commit[76...].allSatisfy { $0 == 0 })
  }

  @Test(arguments: [
    (moor_ioc_trust_begin, EBUSY, KernelOperation.trustBegin, "another tool is staging a trust policy"),
    (moor_ioc_trust_add, EEXIST, .trustAdd, "an entry stands twice"),
    (moor_ioc_trust_commit, EAGAIN, .trustCommit, "the PCR is not capped yet"),
    (moor_ioc_trust_commit, ESTALE, .trustCommit, "the policy is older than the one in force, and the host is locked"),
    (moor_ioc_trust_commit, EBADMSG, .trustCommit, "the module got other bytes than were sent"),
  ])
  func explainsWhyAPolicyIsNotTaken(
    request: UInt, error: Int32, operation: KernelOperation, meaning: String
  ) throws {
    let device = try Device(path: "/dev/moor", calls: ReplayedDevice(refusing: request, with: error))
    let policy = try policy(paths: ["/usr/lib/a.so"])
    let found = refusal { try device.commit(policy) }
    #expect(found?.operation == operation)
    #expect(found?.error.rawValue == error)
    #expect(found?.meaning == meaning)
  }

  @Test func namesTheEntryThatTheModuleCannotRead() throws {
    let device = try Device(
      path: "/dev/moor",
      calls: ReplayedDevice([
        moor_ioc_trust_add: [
          { argument in
            argument.storeBytes(of: 24, toByteOffset: 20, as: UInt32.self)
            return -EINVAL
          }
        ]
      ]))
    let policy = try policy(paths: ["/usr/lib/a.so", "/usr/lib/b.so"])
    #expect(refusal { try device.commit(policy) }?.detail == "entry 2, /usr/lib/b.so")
  }

  @Test func dropsWhatItStagedWhenTheCommitFails() throws {
    let calls = ReplayedDevice(refusing: moor_ioc_trust_commit, with: EAGAIN)
    let device = try Device(path: "/dev/moor", calls: calls)
    let policy = try policy(paths: ["/usr/lib/a.so"])
    #expect(throws: KernelModuleError.self) { try device.commit(policy) }
    #expect(calls.requests.last?.number == moor_ioc_trust_abort)
  }

  @Test func doesNotDropWhatAnotherToolStaged() throws {
    let calls = ReplayedDevice(refusing: moor_ioc_trust_begin, with: EBUSY)
    let device = try Device(path: "/dev/moor", calls: calls)
    let policy = try policy(paths: ["/usr/lib/a.so"])
    #expect(throws: KernelModuleError.self) { try device.commit(policy) }
    #expect(calls.requests.map(\.number) == [moor_ioc_trust_begin])
  }
}
