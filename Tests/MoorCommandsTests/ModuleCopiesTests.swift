// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Inventory
import Testing
import TrustPolicy

@testable import MoorCommands

@Suite struct ModuleCopiesTests {
  private static let module = [0x7F] + Array("ELF and the rest of a module".utf8)
  private static let folder = "/var/lib/moor/modules/6.12"

  /// Packs bytes with the real program.
  private static func pack(_ bytes: [UInt8], _ program: String) throws -> [UInt8] {
    let process = Process()
    let (input, output) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: "/usr/bin/\(program)")
    process.arguments = ["-c"]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    input.fileHandleForWriting.write(Data(bytes))
    try input.fileHandleForWriting.close()
    let packed = try #require(try output.fileHandleForReading.readToEnd())
    process.waitUntilExit()
    return Array(packed)
  }

  /// A root with one compressed module.
  private struct Host {
    let folder: TemporaryFolder
    let file: String
    var copies: ModuleCopies
    var copy: String { folder.path + ModuleCopiesTests.folder + "/kvm-amd.ko" }

    init(_ packed: [UInt8], ending: String = "xz") throws {
      folder = try TemporaryFolder()
      file = "kvm-amd.ko.\(ending)"
      copies = ModuleCopies(files: FileRoot(folder.path))
      try replace(packed)
    }

    func replace(_ packed: [UInt8]) throws { try Data(packed).write(to: URL(filePath: "\(folder.path)/\(file)")) }

    func write() throws -> Int {
      let module = KernelModules.Packed(
        file: Array("/\(file)".utf8), copy: Array("\(ModuleCopiesTests.folder)/kvm-amd.ko".utf8))
      return try copies.write([module]).count
    }

    func failure() -> CommandFailure? {
      do {
        _ = try write()
        return nil
      } catch {
        return error as? CommandFailure
      }
    }

    var content: [UInt8]? { (try? Data(contentsOf: URL(filePath: copy))).map { Array($0) } }
    var mode: mode_t {
      var status = stat()
      return lstat(copy, &status) == 0 ? status.st_mode : 0
    }
  }

  @Test(arguments: [("xz", "xz"), ("gzip", "gz"), ("zstd", "zst")])
  func unpacks(program: String, ending: String) throws {
    let host = try Host(Self.pack(Self.module, program), ending: ending)
    #expect(try host.write() == 1)
    #expect(host.content == Self.module)
    #expect(host.mode == S_IFREG | 0o644)
  }

  @Test func leavesWhatIsRightAndWritesAnewWhatIsNot() throws {
    let host = try Host(Self.pack(Self.module, "xz"))
    #expect(try host.write() == 1)
    #expect(try host.write() == 0)
    try host.replace(Self.pack(Self.module + [1], "xz"))
    #expect(try host.write() == 1)
    #expect(host.content == Self.module + [1])
    #expect(chmod(host.copy, 0o666) == 0)
    #expect(try host.write() == 1)
    #expect(host.mode == S_IFREG | 0o644)
  }

  @Test func neverWritesThroughALink() throws {
    let host = try Host(Self.pack(Self.module, "xz"))
    let victim = try host.folder.write("victim", "mine")
    #expect(try host.write() == 1)
    #expect(unlink(host.copy) == 0)
    #expect(symlink(victim, host.copy) == 0)
    #expect(try host.write() == 1)
    #expect(try host.folder.read("victim") == "mine")
    #expect(host.mode == S_IFREG | 0o644)
  }

  @Test func refusesWhatUnpacksToMoreThanTheLimit() throws {
    // Some kilobytes that become 32 MiB.
    var host = try Host(Self.pack(Self.module + [UInt8](repeating: 0, count: 32 << 20), "xz"))
    host.copies.limit = 1 << 20
    #expect(host.failure()?.status == .data)
    #expect(
      host.failure()?.description
        == "/kvm-amd.ko.xz cannot be unpacked: unpacked it is longer than 1048576 bytes")
    #expect(host.content == nil)
  }

  @Test func theLimitItselfIsNotTooLong() throws {
    var host = try Host(Self.pack(Self.module, "xz"))
    host.copies.limit = Self.module.count
    #expect(try host.write() == 1)
  }

  @Test func refusesWhatIsDamagedOrNoModule() throws {
    let packed = try Self.pack(Self.module, "xz")
    for bytes in [Array(packed.dropLast(9)), Array("no xz".utf8), []] {
      let host = try Host(bytes)
      #expect(host.failure()?.status == .data)
      #expect(
        host.failure()?.description == "/kvm-amd.ko.xz cannot be unpacked: /usr/bin/xz cannot unpack it: it is damaged")
      #expect(host.content == nil)
    }
    let host = try Host(Self.pack(Array("a text".utf8), "xz"))
    #expect(host.failure()?.description == "/kvm-amd.ko.xz cannot be unpacked: what it holds is no kernel module")
    #expect(try Host(packed, ending: "lz4").failure()?.status == .data)
  }

  @Test func refusesAFolderThatOthersMayWriteIn() throws {
    let host = try Host(Self.pack(Self.module, "xz"))
    #expect(try host.write() == 1)
    #expect(chmod(host.folder.path + Self.folder, 0o777) == 0)
    #expect(host.failure()?.status == .noPermission)
  }

  @Test func saysThatTheModuleOrTheFolderCannotBe() throws {
    let host = try Host(Self.pack(Self.module, "xz"))
    #expect(unlink("\(host.folder.path)/\(host.file)") == 0)
    #expect(host.failure()?.status == .noInput)
    let blocked = try Host(Self.pack(Self.module, "xz"))
    _ = try blocked.folder.write("var", "a file")
    #expect(blocked.failure()?.status == .cannotCreate)
  }
}
