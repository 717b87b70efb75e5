// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Testing

@testable import MoorCommands

@Suite struct AtomicFileTests {
  private func mode(_ path: String) -> mode_t {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  @Test func makesAFileThatOthersMayRead() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(Array("new".utf8), to: folder.path + "/file")
    #expect(try folder.read("file") == "new")
    #expect(mode(folder.path + "/file") == 0o644)
    #expect(folder.names == ["file"])
  }

  @Test func keepsTheModeOfAFileThatIsThere() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("file", "old")
    #expect(chmod(path, 0o600) == 0)
    try AtomicFile.write(Array("new".utf8), to: path)
    #expect(try folder.read("file") == "new")
    #expect(mode(path) == 0o600)
  }

  @Test func writesThroughALink() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("real", "old")
    #expect(symlink("real", folder.path + "/link") == 0)
    try AtomicFile.write(Array("new".utf8), to: folder.path + "/link")
    #expect(try folder.read("real") == "new")
    #expect(folder.names == ["link", "real"])
  }

  @Test func leavesNothingBehindWhenItFails() throws {
    let folder = try TemporaryFolder()
    #expect(mkdir(folder.path + "/file", 0o755) == 0)
    #expect(throws: CommandFailure.self) { try AtomicFile.write([1], to: folder.path + "/file") }
    #expect(folder.names == ["file"])
    #expect(throws: CommandFailure.self) { try AtomicFile.write([1], to: folder.path + "/missing/file") }
  }
}
