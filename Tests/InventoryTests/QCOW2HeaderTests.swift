// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import TrustPolicy

@testable import Inventory

@Suite struct QCOW2HeaderTests {
  @Test(arguments: [UInt32(2), 3]) func readsNamesOfBothVersions(_ version: UInt32) throws {
    var builder = QCOW2Builder(version: version)
    builder.backing = Array("../base.qcow2".utf8)
    builder.backingFormat = "qcow2"
    let header = try QCOW2Header(builder.build())
    #expect(header.version == Int(version))
    #expect(header.backingFile == builder.backing)
    #expect(header.backingFormat == "qcow2")
    #expect(header.dataFile == nil && !header.hasDataFile)
  }

  @Test func readsADataFile() throws {
    var builder = QCOW2Builder(dataFile: Array("web1.data".utf8), incompatible: 4)
    #expect(try QCOW2Header(builder.build()).dataFile == Array("web1.data".utf8))
    // A name that no feature refers to counts for nothing, as in QEMU.
    builder.incompatible = 0
    #expect(try QCOW2Header(builder.build()).dataFile == nil)
    builder.incompatible = 4
    builder.dataFile = nil
    let header = try QCOW2Header(builder.build())
    #expect(header.hasDataFile && header.dataFile == nil)
  }

  @Test func skipsWhatItDoesNotKnow() throws {
    var builder = QCOW2Builder(backing: Array("/b".utf8), backingFormat: "raw")
    builder.extra = QCOW2Builder.part(0x6803_F857, [UInt8](repeating: 7, count: 48))
    builder.headerLength = 112
    let header = try QCOW2Header(builder.build())
    #expect(header.backingFile == Array("/b".utf8))
    #expect(header.backingFormat == "raw")
  }

  @Test func readsALongestName() throws {
    let builder = QCOW2Builder(backing: [UInt8](repeating: 0x61, count: 1023))
    #expect(try QCOW2Header(builder.build()).backingFile?.count == 1023)
  }

  private static func changed(_ change: (inout QCOW2Builder) -> Void) -> [UInt8] {
    var builder = QCOW2Builder(backing: Array("/base".utf8), backingFormat: "qcow2")
    change(&builder)
    return builder.build()
  }

  @Test(arguments: [
    ("another format", Array("KDMV".utf8) + [UInt8](repeating: 0, count: 600), QCOW2Header.Problem.otherFormat),
    ("nothing", [], .otherFormat),
    ("version 1", changed { $0.version = 1 }, .version(1)),
    ("version 4", changed { $0.version = 4 }, .version(4)),
    ("clusters too small", changed { $0.clusterBits = 8 }, .field("cluster size", at: 20, value: 8)),
    ("clusters too large", changed { $0.clusterBits = 22 }, .field("cluster size", at: 20, value: 22)),
    ("clusters of 2^32 bits", changed { $0.clusterBits = .max }, .field("cluster size", at: 20, value: 0xFFFF_FFFF)),
    ("header too short", changed { $0.headerLength = 96 }, .field("header's length", at: 100, value: 96)),
    (
      "header beyond its cluster",
      changed {
        $0.clusterBits = 9; $0.headerLength = 520
      },
      .field("header's length", at: 100, value: 520)
    ),
    ("name within the header", changed { $0.backingOffset = 8 }, .field("backing file's place", at: 8, value: 8)),
    (
      "name behind the cluster", changed { $0.backingOffset = 1 << 16 },
      .field("backing file's place", at: 8, value: 1 << 16)
    ),
    ("name at 2^64-1", changed { $0.backingOffset = .max }, .field("backing file's place", at: 8, value: .max)),
    (
      "name too long", changed { $0.backingLength = 1024 },
      .field("length of the backing file's name", at: 16, value: 1024)
    ),
    (
      "name of 2^32-1", changed { $0.backingLength = .max },
      .field("length of the backing file's name", at: 16, value: 0xFFFF_FFFF)
    ),
    ("name behind the end", changed { $0.backingLength = 1023 }, .truncated(at: 128)),
    ("name with a NUL", changed { $0.backing = [0x2F, 0, 0x61] }, .name("backing file's name", at: 128)),
    (
      "format too long", changed { $0.backingFormat = "sixteen-letters!" },
      .field("length of the backing file's format", at: 108, value: 16)
    ),
    (
      "extension beyond the name", changed { $0.extra = QCOW2Builder.part(1, [], length: .max) },
      .field("length of a header extension", at: 108, value: 0xFFFF_FFFF)
    ),
    (
      "format twice", changed { $0.extra = QCOW2Builder.part(0xE279_2ACA, [0x72]) },
      .doubled("backing file's format", at: 120)
    ),
    (
      "empty data file",
      changed {
        $0.dataFile = []; $0.incompatible = 4
      }, .name("data file's name", at: 128)
    ),
  ]) func refuses(_ what: String, _ bytes: [UInt8], _ problem: QCOW2Header.Problem) {
    #expect(throws: problem, "\(what)") { try QCOW2Header(bytes) }
  }

  /// Each end and each changed byte gives names or an error; a name is never one of bytes that are not there.
  @Test func takesAnyBytes() {
    let whole = QCOW2Builder(
      backing: Array("/srv/base.qcow2".utf8), backingFormat: "qcow2", dataFile: Array("d".utf8), incompatible: 4
    ).build()
    for end in whole.indices { _ = try? QCOW2Header(Array(whole[..<end])) }
    var understood = 0
    for index in whole.indices {
      for bit in 0..<8 {
        var bytes = whole
        bytes[index] ^= 1 << UInt8(bit)
        guard let header = try? QCOW2Header(bytes) else { continue }
        understood += 1
        #expect(header.backingFile?.isEmpty != true && (header.backingFile?.count ?? 0) <= 1023)
      }
      for byte: UInt8 in [0, 0x7F, 0x80, 0xFF] {
        var bytes = whole
        bytes[index] = byte
        _ = try? QCOW2Header(bytes)
      }
    }
    #expect(understood > 100)
  }

  private static let qemuImg = "/usr/bin/qemu-img"

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: qemuImg), "needs qemu-img of qemu-utils"))
  func readsWhatQEMUWrites() throws {
    let tree = try Tree()
    func make(_ arguments: [String]) throws {
      let process = Process()
      process.executableURL = URL(filePath: Self.qemuImg)
      process.currentDirectoryURL = tree.folder
      process.arguments = ["create", "-q"] + arguments
      process.standardError = FileHandle.standardError
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0, "qemu-img \(arguments)")
    }
    func header(_ name: String) throws -> QCOW2Header {
      let file = try tree.root.resolve(Array("/\(name)".utf8))
      return try QCOW2Header(try QCOW2Header.beginning(of: file, tree.root))
    }
    try make(["-f", "qcow2", "base.qcow2", "4M"])
    try make(["-f", "qcow2", "-o", "compat=0.10", "-b", "base.qcow2", "-F", "qcow2", "v2.qcow2"])
    try make(["-f", "qcow2", "-o", "cluster_size=2M", "-b", "v2.qcow2", "-F", "qcow2", "v3.qcow2"])
    try make(["-f", "qcow2", "-o", "data_file=d.raw", "data.qcow2", "4M"])
    try make(["-f", "vmdk", "other.vmdk", "4M"])
    #expect(try header("base.qcow2").backingFile == nil)
    let two = try header("v2.qcow2")
    #expect(two.version == 2 && two.backingFile == Array("base.qcow2".utf8) && two.backingFormat == "qcow2")
    let three = try header("v3.qcow2")
    #expect(three.version == 3 && three.backingFile == Array("v2.qcow2".utf8) && three.backingFormat == "qcow2")
    #expect(try header("data.qcow2").dataFile == Array("d.raw".utf8))
    #expect(throws: QCOW2Header.Problem.otherFormat) { try header("other.vmdk") }
  }
}
