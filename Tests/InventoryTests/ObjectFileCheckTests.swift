// SPDX-License-Identifier: Apache-2.0

import AccessPolicy
import Foundation
import Glibc
import PolicyText
import Testing
import TrustPolicy

@testable import Inventory

@Suite struct ObjectFileCheckTests {
  private func check(_ tree: Tree, _ a: String, _ b: String = "", raw: Set<[UInt8]> = []) throws -> [String] {
    let text = "policy \"p\" version 1\n\nvm a {\n  \(a)\n}\n\nvm b {\n  \(b)\n}\n"
    let policy = try AccessPolicy(try PolicyLoader().load(Source(name: "p", text: text)))
    // By its text alone there is no meeting: the file system makes it.
    #expect(AccessCheck(policy).diagnostics.filter { $0.code == .meeting }.map(\.description) == [])
    return policy.check(against: tree.root, raw: raw).map { diagnostic in
      ([diagnostic.summary] + diagnostic.notes.map { "\($0.place?.description ?? ""): \($0.message)" })
        .joined(separator: " | ")
    }
  }

  private func tree() throws -> Tree {
    let tree = try Tree()
    try tree.write("srv/a.raw")
    try tree.write("srv/b.raw")
    return tree
  }

  @Test func twoNamesOfTwoFilesAreNoMeeting() throws {
    #expect(try check(tree(), "object rw /srv/a.raw", "object rw /srv/b.raw") == [])
    #expect(try check(tree(), "object rw /gone/a", "object rw /gone/b") == [])
  }

  @Test func aHardLinkIsOneObject() throws {
    let tree = try tree()
    try tree.hardLink("srv/other.raw", to: "srv/a.raw")
    let found = try check(tree, "object rw /srv/a.raw", "object rw /srv/other.raw")
    #expect(
      found == [
        "p:8:3: error: a and b meet in one object: /srv/a.raw and /srv/other.raw are one file, by a hard link or a bind mount; "
          + "expected objects of one VM, or 'shared' in all of them | p:4:3: the rule of a: object rw /srv/a.raw"
      ])
    #expect(try check(tree, "object rw /srv/a.raw", "file r /srv/other.raw").count == 1)
    #expect(try check(tree, "file w /srv/a.raw", "file w /srv/other.raw").count == 1)
    #expect(try check(tree, "shared r /srv/a.raw", "shared r /srv/other.raw") == [])
    #expect(try check(tree, "file r /srv/a.raw", "file rw /srv/other.raw") == [])
    #expect(try check(tree, "object rw /srv/a.raw\n  file r /srv/other.raw") == [])
  }

  @Test func aPatternReachesLinksToo() throws {
    let tree = try tree()
    try tree.makeFolder("mnt/x/y")
    try tree.hardLink("mnt/x/y/link.raw", to: "srv/a.raw")
    #expect(try check(tree, "object rw /srv/a.raw", "file rw /mnt/**.raw").count == 1)
    #expect(try check(tree, "object rw /srv/a.raw", "file rw /mnt/*.raw") == [])
    #expect(try check(tree, "object rw /srv/a.raw", "object rw /mnt/**").count == 1)
    // What is denied is no meeting.
    #expect(try check(tree, "object rw /srv/a.raw", "file rw /mnt/**\n  deny file rw /mnt/x/y/*") == [])
  }

  @Test func aSymbolicLinkIsOneObjectAndNeverMatches() throws {
    let tree = try tree()
    try tree.link("srv/link.raw", to: "a.raw")
    let found = try check(tree, "object rw /srv/a.raw", "object rw /srv/link.raw")
    #expect(found.count == 2)
    #expect(
      found.contains {
        $0.hasPrefix(
          "p:8:3: error: a and b meet in one object: /srv/a.raw and /srv/link.raw are one path, by a symbolic link;")
          && $0.hasSuffix("| p:4:3: the rule of a: object rw /srv/a.raw")
      })
    #expect(
      found.contains(
        "p:8:3: warning: the path leads over a symbolic link and never matches; the kernel sees the resolved path; nearest: "
          + "/srv/a.raw"))
  }

  @Test(.enabled(if: geteuid() == 0, "needs root, to mount"))
  func aBindMountIsOneObject() throws {
    let tree = try tree()
    try tree.makeFolder("mnt")
    let (from, to) = (tree.folder.path + "/srv", tree.folder.path + "/mnt")
    guard mount(from, to, nil, UInt(MS_BIND), nil) == 0 else {
      // A container without the right to mount shows nothing here.
      #expect(errno == EPERM || errno == EACCES)
      return
    }
    defer { umount2(to, Int32(MNT_DETACH)) }
    #expect(try check(tree, "object rw /srv/a.raw", "object rw /mnt/a.raw").count == 1)
    #expect(try check(tree, "object rw /srv/a.raw", "object rw /mnt/b.raw") == [])
    #expect(try check(tree, "object rw /srv/a.raw", "object rw /mnt/**").count == 1)
  }

  private func images() throws -> Tree {
    let tree = try Tree()
    try tree.write("srv/base.qcow2", QCOW2Builder().build())
    try tree.write(
      "srv/middle.qcow2", QCOW2Builder(backing: Array("base.qcow2".utf8), backingFormat: "qcow2").build())
    try tree.write(
      "srv/top.qcow2", QCOW2Builder(backing: Array("/srv/middle.qcow2".utf8), backingFormat: "qcow2").build())
    return tree
  }

  @Test func anImageBehindAnotherIsOneObject() throws {
    let tree = try images()
    let shared = "object rw /srv/top.qcow2\n  shared r /srv/middle.qcow2\n  shared r /srv/base.qcow2"
    #expect(try check(tree, shared, "shared r /srv/base.qcow2") == [])
    let own = try check(tree, "object rw /srv/top.qcow2", "object rw /srv/base.qcow2")
    #expect(
      own.contains(
        "p:4:3: error: a and b meet in one object: /srv/base.qcow2, which b may change, lies behind /srv/top.qcow2 by its "
          + "header; expected 'shared' in both, or an image of its own | p:8:3: the rule of b: object rw /srv/base.qcow2"
      ))
    #expect(
      own.contains {
        $0.hasPrefix(
          "p:4:3: warning: /srv/middle.qcow2 lies behind /srv/top.qcow2, and no rule of a lets it be read; nearest: ")
      })
    // The header counts, whatever the name that leads to the image.
    try tree.hardLink("srv/alias.qcow2", to: "srv/base.qcow2")
    #expect(
      try check(tree, "object rw /srv/top.qcow2", "file w /srv/alias.qcow2").contains {
        $0.contains("/srv/alias.qcow2, which b")
      })
    #expect(
      try check(tree, "object rw /srv/top.qcow2", "object rw /srv/base.qcow2", raw: [Array("/srv/top.qcow2".utf8)])
        == [])
  }

  @Test func chainsThatComeBackEnd() throws {
    let tree = try Tree()
    try tree.write("srv/a.qcow2", QCOW2Builder(backing: Array("b.qcow2".utf8)).build())
    try tree.write("srv/b.qcow2", QCOW2Builder(backing: Array("a.qcow2".utf8)).build())
    #expect(
      try check(tree, "object rw /srv/a.qcow2", "object rw /srv/b.qcow2").filter { $0.contains("error") }.count == 2)
    #expect(try check(tree, "object rw /srv/a.qcow2\n  object rw /srv/b.qcow2") == [])
  }

  @Test func anImageThatCannotBeFollowedIsTold() throws {
    let tree = try Tree()
    try tree.write("srv/a.qcow2", QCOW2Builder(clusterBits: 40, backing: Array("b".utf8)).build())
    #expect(
      try check(tree, "object rw /srv/a.qcow2") == [
        "p:4:3: warning: what lies behind /srv/a.qcow2 is not known: byte 20: the cluster size is 40, which is out of range"
      ])
  }
}
