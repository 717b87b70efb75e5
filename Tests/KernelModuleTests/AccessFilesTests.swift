// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Testing

@testable import KernelModule

@Suite struct AccessFilesTests {
  private func files(_ calls: ReplayedAccess, folder: String = "/nonexistent/access") -> AccessFiles {
    AccessFiles(folder: folder, calls: calls)
  }

  private func number<Value: FixedWidthInteger>(_ bytes: [UInt8], _ offset: Int, _ type: Value.Type) -> Value {
    bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
  }

  @Test func opensAllBeforeAnythingIsStaged() throws {
    let calls = ReplayedAccess()
    try files(calls).commit(accessCommit())
    #expect(
      calls.calls.prefix(3) == [
        .open("begin", isRead: true), .open("data", isRead: false), .open("commit", isRead: false),
      ])
    #expect(calls.written == ["begin", "data", "data", "data", "commit"])
    #expect(calls.calls.filter { if case .close = $0 { true } else { false } }.count == 3)
  }

  @Test func announcesTheSize() throws {
    let calls = ReplayedAccess()
    try files(calls).commit(accessCommit(size: 9000))
    let begin = try #require(calls.bytes("begin").first)
    #expect(begin.count == 24)
    #expect(number(begin, 0, UInt32.self) == 24)
    #expect(number(begin, 4, UInt32.self) == 1)
    #expect(number(begin, 8, UInt64.self) == 9000)
    #expect(number(begin, 16, UInt64.self) == 0)
    #expect(calls.calls.contains(.read("begin", at: 0, count: 8)))
  }

  @Test(
    arguments: [
      (40, [40]), (4096, [4096]), (4097, [4096, 1]), (9000, [4096, 4096, 808]), (8192, [4096, 4096]),
    ] as [(Int, [Int])])
  func sendsPagesAtConsecutiveOffsets(size: Int, expected: [Int]) throws {
    let calls = ReplayedAccess()
    let commit = try accessCommit(size: size)
    try files(calls).commit(commit)
    var offset = 0
    for call in calls.calls {
      guard case .write("data", let at, let bytes) = call else { continue }
      #expect(at == offset)
      offset += bytes.count
    }
    #expect(calls.bytes("data").map(\.count) == expected)
    #expect(Array(calls.bytes("data").joined()) == commit.image.bytes)
  }

  /// A kernel that takes less than a page at a time gets the rest from where it stopped.
  @Test func goesOnWhereAWriteStopped() throws {
    let calls = ReplayedAccess { name, _, count in name == "data" ? min(count, 1000) : count }
    let commit = try accessCommit(size: 2500)
    try files(calls).commit(commit)
    let offsets = calls.calls.compactMap { if case .write("data", let at, _) = $0 { at } else { nil } }
    #expect(offsets == [0, 1000, 2000])
    #expect(calls.bytes("data").map(\.count) == [2500, 1500, 500])
  }

  @Test(arguments: [true, false]) func commitsByTokenAndDigest(isEnforcing: Bool) throws {
    let calls = ReplayedAccess()
    let policy = try accessCommit(isEnforcing: isEnforcing)
    try files(calls).commit(policy)
    let commit = try #require(calls.bytes("commit").first)
    #expect(commit.count == 200)
    #expect(number(commit, 0, UInt32.self) == 200)
    #expect(number(commit, 4, UInt32.self) == 1)
    #expect(number(commit, 8, UInt32.self) == (isEnforcing ? 1 : 0))
    #expect(number(commit, 12, UInt32.self) == 0)
    #expect(number(commit, 16, UInt64.self) == ReplayedAccess.token)
    #expect(number(commit, 24, UInt64.self) == 7)
    #expect(number(commit, 32, UInt64.self) == 3)
    #expect(Array(commit[40..<72]) == policy.image.digest)
    #expect(Array(commit[72..<84]) == Array("hosts/rack12".utf8))
    #expect(commit[84...].allSatisfy { $0 == 0 })
  }

  /// What nobody commits would keep others from staging: a commit of what is not whole ends it.
  @Test func endsTheStagingWhenTheBytesAreRefused() throws {
    let calls = ReplayedAccess { name, offset, count in name == "data" && offset > 0 ? -Int(ENOMEM) : count }
    let found = refusal { try files(calls).commit(try accessCommit()) }
    #expect(found?.operation == .accessData)
    #expect(found?.error.name == "ENOMEM")
    #expect(found?.detail == "at byte 4096 of 9000")
    #expect(calls.written == ["begin", "data", "data", "commit"])
  }

  @Test(arguments: ["begin", "data", "commit"]) func saysThatAnOlderModuleTakesNone(name: String) throws {
    let calls = ReplayedAccess(missing: [name])
    let found = refusal { try files(calls).commit(try accessCommit()) }
    #expect(found?.operation == .openAccess)
    #expect(found?.error.name == "ENOENT")
    #expect(found?.detail == "/nonexistent/access/\(name)")
    #expect(found?.meaning == "the loaded module takes no access policies: it is older than this tool")
    #expect(calls.written == [])
  }

  @Test func canBeAskedBeforehand() throws {
    try files(ReplayedAccess()).requirePresent()
    #expect(refusal { try files(ReplayedAccess(missing: ["begin"])).requirePresent() }?.operation == .openAccess)
    #expect(refusal { try AccessFiles(folder: "/nonexistent", calls: KernelAccessCalls()).requirePresent() } != nil)
  }

  @Test(
    arguments: [
      ("begin", EBUSY, .accessBegin, "another loader is staging an access policy"),
      (
        "begin", EPERM, .accessBegin,
        "the caller lacks CAP_MAC_ADMIN in the first user namespace, or is inside a domain"
      ),
      ("begin", ENOMEM, .accessBegin, "the kernel has no memory for the policy"),
      ("begin", E2BIG, .accessBegin, "there are more bytes than were announced, or than the module takes"),
      ("data", ENOSPC, .accessData, "there are more bytes than were announced, or than the module takes"),
      ("commit", EAGAIN, .accessCommit, "the module is not armed, or the PCR is not capped yet"),
      ("commit", EBADMSG, .accessCommit, "the module got other bytes than were sent"),
      ("commit", EINVAL, .accessCommit, "the module cannot read the policy, or a field of the request"),
      ("commit", ESTALE, .accessCommit, "the policy is older than the one in force, and the host is locked"),
      (
        "commit", EPERM, .accessCommit,
        "the policy is looser than the one in force while the host is locked, or the caller lacks CAP_MAC_ADMIN"
      ),
      (
        "commit", EKEYREJECTED, .accessCommit,
        "another loader began in between, or not all announced bytes have come"
      ),
      (
        "commit", EIO, .accessCommit,
        "it could not be recorded, or the outcome of a TPM command is unknown: see `moor status`"
      ),
    ] as [(String, Int32, KernelOperation, String)])
  func explainsARefusal(file: String, error: Int32, operation: KernelOperation, meaning: String) throws {
    let found = refusal { try files(ReplayedAccess(refusing: file, with: error)).commit(try accessCommit()) }
    #expect(found?.operation == operation)
    #expect(found?.error.rawValue == error)
    #expect(found?.meaning == meaning)
    #expect(found?.advice.isEmpty == false)
  }

  @Test func saysWhatTheModuleSays() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "moor-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data("no access policy: wrong at byte 96\n".utf8).write(to: folder.appending(path: "error"))
    func detail(_ error: Int32) throws -> String? {
      let calls = ReplayedAccess(refusing: "commit", with: error)
      return refusal { try files(calls, folder: folder.path).commit(try accessCommit()) }?.detail
    }
    let policy = try accessCommit().description
    #expect(try detail(EINVAL) == "\(policy)\nthe module says: no access policy: wrong at byte 96")
    // Only then is it about this policy.
    #expect(try detail(EBUSY) == policy)
  }

  @Test func aKernelThatTakesLessIsNotTrusted() throws {
    for name in ["begin", "commit"] {
      let calls = ReplayedAccess { file, _, count in file == name ? count - 1 : count }
      #expect(rejection { try files(calls).commit(try accessCommit()) } == .malformed, "\(name)")
    }
    #expect(
      rejection {
        try files(ReplayedAccess { file, _, count in file == "data" ? 0 : count }).commit(try accessCommit())
      } == .malformed)
    #expect(rejection { try files(ReplayedAccess(tokenBytes: 0)).commit(try accessCommit()) } == .malformed)
  }

  /// The real calls, on plain files.
  @Test func writesAndReadsFiles() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "moor-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in ["begin", "data", "commit"] { try Data().write(to: folder.appending(path: name)) }
    let policy = try accessCommit()
    try AccessFiles(folder: folder.path, calls: KernelAccessCalls()).commit(policy)
    #expect(try Data(contentsOf: folder.appending(path: "data")) == Data(policy.image.bytes))
    #expect(try Data(contentsOf: folder.appending(path: "begin")).count == 24)
    // What was read of begin is its header here: the token of the commit.
    let commit = try Data(contentsOf: folder.appending(path: "commit"))
    #expect(Array(commit[16..<24]) == [24, 0, 0, 0, 1, 0, 0, 0])
    #expect(commit.count == 200)
  }
}

@Suite struct AccessImageTests {
  @Test func knowsItsDigestAndDomains() throws {
    let image = try AccessImage(packed: packedAccess(size: 48, domains: 5))
    #expect(image.domainCount == 5)
    #expect(image.digest.count == 32)
    #expect(try AccessImage(packed: packedAccess(size: 56)).digest != image.digest)
  }

  @Test(
    arguments: [
      ("nothing", []), ("less than a header", Array(packedAccess(size: 40).prefix(39))),
      ("another magic", [0] + packedAccess(size: 40).dropFirst()),
      ("another version", packedAccess(size: 40).prefix(4) + [2] + packedAccess(size: 40).dropFirst(5)),
      ("another size", packedAccess(size: 48).dropLast()), ("more than its size", packedAccess(size: 40) + [0]),
    ] as [(String, [UInt8])])
  func rejectsWhatBeginsOtherwise(what: String, bytes: [UInt8]) {
    #expect(rejection { _ = try AccessImage(packed: bytes) } == .malformed, "\(what)")
  }

  @Test func rejectsAPolicyNameThatDoesNotFit() throws {
    for name in [String(repeating: "n", count: 128), "a\0b"] {
      #expect(rejection { _ = try accessCommit(name: name) } == .policyName)
    }
    _ = try accessCommit(name: String(repeating: "n", count: 127))
  }

  @Test func saysWhoLearns() throws {
    #expect(
      try accessCommit(size: 48, learning: ["web1", "web2"]).description
        == "access policy “hosts/rack12” version 7, enforcing (web1, web2 learning), 2 domains, 48 bytes")
    #expect(
      try accessCommit(size: 48, isEnforcing: false).description
        == "access policy “hosts/rack12” version 7, learning, 2 domains, 48 bytes")
  }
}
