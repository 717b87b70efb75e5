// SPDX-License-Identifier: Apache-2.0

import CKernelModule
import CMoor
import Glibc
import Testing

@testable import KernelModule

@Suite struct AccessObjectTests {
  private static let objects = [
    AccessObject(path: Array("/srv/web1.img".utf8), vm: "web1", rule: "p.moor:4:3: web1: object rw /srv/web1.img"),
    AccessObject(path: Array("/srv/web2.img".utf8), vm: "web2", rule: "p.moor:7:3: web2: object rw /srv/web2.img"),
  ]

  private func commit(_ calls: ReplayedAccess) throws {
    try AccessFiles(folder: "/nonexistent/access", calls: calls).commit(accessCommit(objects: Self.objects))
  }

  @Test func handsInEachObjectBetweenTheBytesAndTheCommit() throws {
    let calls = ReplayedAccess()
    try commit(calls)
    let claims = calls.calls.compactMap { call -> [UInt8]? in
      if case .ioctl("moor", moor_ioc_access_object, let bytes) = call { bytes } else { nil }
    }
    #expect(claims.count == 2)
    let claim = try #require(claims.last).withUnsafeBytes { $0.loadUnaligned(as: moor_access_object.self) }
    #expect(claim.header.size == 88 && claim.header.version == UInt32(MOOR_ABI_VERSION))
    #expect(claim.token == ReplayedAccess.token)
    #expect(claim.number == 1)
    #expect(withUnsafeBytes(of: claim.vm) { Array($0.prefix(5)) } == Array("web2".utf8) + [0])
    let last = calls.calls.lastIndex { if case .ioctl = $0 { true } else { false } }
    let put = calls.calls.firstIndex { if case .write("commit", _, _) = $0 { true } else { false } }
    #expect(try #require(last) < #require(put))
    #expect(calls.calls.contains(.close("/srv/web1.img")) && calls.calls.contains(.close("moor")))
  }

  @Test func passesOverWhatIsNotThere() throws {
    let calls = ReplayedAccess(missing: ["/srv/web1.img"])
    try commit(calls)
    #expect(calls.calls.filter { if case .ioctl = $0 { true } else { false } }.count == 1)
    #expect(calls.written.last == "commit")
  }

  @Test func namesBothRulesThatHaveOneObject() throws {
    let calls = ReplayedAccess()
    calls.claims = { $0 == Array("/srv/web2.img".utf8) ? (EEXIST, 0) : (0, 0) }
    let error = #expect(throws: KernelModuleError.self) { try commit(calls) }
    guard case .kernel(let refusal) = error else {
      Issue.record("no refusal of the kernel")
      return
    }
    #expect(refusal.operation == .accessObject && refusal.error.name == "EEXIST")
    #expect(refusal.detail == Self.objects.reversed().map(\.rule).joined(separator: "\n"))
    // What was handed over is withdrawn by a commit that cannot succeed.
    let withdrawn = try #require(calls.bytes("commit").first)
    #expect(withdrawn[40..<72].allSatisfy { $0 == 0 })
  }

  @Test func aNumberOfNoClaimIsNotBelieved() throws {
    let calls = ReplayedAccess()
    calls.claims = { _ in (EEXIST, 77) }
    let error = #expect(throws: KernelModuleError.self) { try commit(calls) }
    guard case .kernel(let refusal) = error else { return }
    #expect(refusal.detail == Self.objects[0].rule)
  }
}
