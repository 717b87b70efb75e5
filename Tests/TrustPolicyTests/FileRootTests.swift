// SPDX-License-Identifier: Apache-2.0

import Foundation
import PolicyText
import Testing
import TrustPolicy

@Suite struct FileRootTests {
  /// A folder with files and links, removed at the end.
  private func withTree(_ body: (FileRoot, String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "moor-root-\(UUID().uuidString)").path
    let manager = FileManager.default
    try manager.createDirectory(atPath: folder + "/usr/lib/x", withIntermediateDirectories: true)
    defer { try? manager.removeItem(atPath: folder) }
    try Data("abc".utf8).write(to: URL(filePath: folder + "/usr/lib/x/a"))
    for (name, target) in [
      ("lib", "usr/lib"), ("abs", "/usr/lib/x/a"), ("up", "../../../../usr/lib"), ("loop", "loop"), ("gone", "nowhere"),
      ("usr/lib/x/b", "../x/a"),
    ] {
      try manager.createSymbolicLink(atPath: "\(folder)/\(name)", withDestinationPath: target)
    }
    try body(FileRoot(folder), folder)
  }

  private func resolve(_ root: FileRoot, _ path: String) throws -> String {
    let file = try root.resolve(Array(path.utf8))
    return "\(String(decoding: file.path, as: UTF8.self)) \(file.kind.rawValue)"
  }

  @Test func followsLinksInsideTheRoot() throws {
    try withTree { (root: FileRoot, _: String) throws in
      for path in ["/usr/lib/x/a", "/lib/x/a", "/abs", "/up/x/a", "/lib/x/b", "/lib/./x/../x//a", "/../../lib/x/a"] {
        #expect(try resolve(root, path) == "/usr/lib/x/a regular file")
      }
      #expect(try resolve(root, "/lib/x/..") == "/usr/lib folder")
      #expect(try resolve(root, "/") == "/ folder")
      #expect(try resolve(FileRoot(), "/dev/null") == "/dev/null device, pipe or socket")
    }
  }

  @Test func saysWhyAPathLeadsNowhere() throws {
    try withTree { (root: FileRoot, folder: String) throws in
      #expect(throws: FileRoot.Problem.loop) { try root.resolve(Array("/loop".utf8)) }
      for path in ["/gone", "/none", "/abs/x", "/abs/..", "/abs\0"] {
        #expect(throws: FileRoot.Problem.missing) { try root.resolve(Array(path.utf8)) }
      }
      #expect(throws: FileRoot.Problem.missing) { try FileRoot(folder + "/none").resolve([0x2F]) }
      #expect(throws: FileRoot.Problem.tooLong(2)) { try root.read(Array("/abs".utf8), limit: 2) }
      #expect(throws: FileRoot.Problem.system(22)) { try root.read(Array("/lib".utf8), limit: 1 << 20) }
      #expect(try root.read(Array("/abs".utf8), limit: 3) == Array("abc".utf8))
      #expect(root.names(in: Array("/lib/x".utf8)) == [[0x61], [0x62]])
      #expect(root.names(in: Array("/none".utf8)) == [])
    }
  }

  @Test func comparesAPolicyWithTheFiles() throws {
    try withTree { (root: FileRoot, _: String) throws in
      let policy = try makePolicy(
        """
        exec /lib/x/a
        firmware /usr/lib/x/a
        firmware /usr/lib
        firmware /none
        library /usr/lib/x/**
        library /lib/x/y/**
        library /up/x/**
        """)
      #expect(
        policy.check(against: root).map(\.summary) == [
          "p:3:1: error: /lib/x/a leads over a symbolic link; the kernel sees the resolved path; nearest: /usr/lib/x/a",
          "p:6:1: warning: /none: there is no such file",
          "p:5:1: error: /usr/lib is a folder; expected a regular file",
          "p:8:1: warning: the folder of /lib/x/y/** is not there",
          "p:9:1: error: /up/x/** leads over a symbolic link and covers nothing; the kernel sees the resolved path; nearest: /usr/lib/x/...",
        ])
    }
  }
}
