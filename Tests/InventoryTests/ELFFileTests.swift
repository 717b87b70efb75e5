// SPDX-License-Identifier: Apache-2.0

import Inventory
import Testing
import TrustPolicy

@Suite struct ELFFileTests {
  private func read(_ bytes: [UInt8]) throws -> ELFFile {
    let tree = try Tree()
    try tree.write("f", bytes)
    return try ELFFile(try FileRoot.Handle(tree.root, try tree.root.resolve(Array("/f".utf8))))
  }

  private func text(_ values: [[UInt8]]) -> [String] { values.map { String(decoding: $0, as: UTF8.self) } }

  @Test(arguments: [(true, false), (true, true), (false, false), (false, true)])
  func readsEveryWidthAndOrder(_ isWide: Bool, _ isBigEndian: Bool) throws {
    let builder = ELFBuilder(
      isWide: isWide, isBigEndian: isBigEndian, machine: 183, interpreter: "/lib/ld.so.1",
      needed: ["liba.so.1", "libb.so"],
      rpath: "/one:$ORIGIN/two", runpath: "/three")
    let file = try read(builder.build())
    #expect(file.format == (isWide ? .bits64 : .bits32))
    #expect(file.machine == 183)
    #expect(file.interpreter == Array("/lib/ld.so.1".utf8))
    #expect(text(file.needed) == ["liba.so.1", "libb.so"])
    #expect(text(file.rpath) == ["/one", "$ORIGIN/two"])
    #expect(text(file.runpath) == ["/three"])
  }

  @Test func readsAFileThatNeedsNothing() throws {
    let file = try read(ELFBuilder().build())
    #expect(file.interpreter == nil)
    #expect(file.needed.isEmpty)
  }

  @Test(arguments: [[], Array("#!/bin/sh\n".utf8), [0x7F, 0x45, 0x4C, 0x46], [UInt8](repeating: 0, count: 100)])
  func refusesWhatIsNoELF(_ bytes: [UInt8]) {
    #expect(throws: ELFFile.Problem.notELF) { try read(bytes) }
  }

  struct Damage: CustomTestStringConvertible {
    let testDescription: String
    let offset: Int
    let bytes: [UInt8]
    let expected: ELFFile.Problem
  }

  @Test(arguments: [
    Damage(
      testDescription: "class 3", offset: 4, bytes: [3],
      expected: .malformed("the class or the byte order is unknown", offset: 4)),
    Damage(
      testDescription: "byte order 0", offset: 5, bytes: [0],
      expected: .malformed("the class or the byte order is unknown", offset: 4)),
    Damage(
      testDescription: "program headers beyond the end", offset: 32, bytes: [0xFF, 0xFF],
      expected: .malformed("beyond the end of the file: the program headers", offset: 0xFFFF)),
    Damage(
      testDescription: "program headers beyond all numbers", offset: 32, bytes: [UInt8](repeating: 0xFF, count: 8),
      expected: .malformed("beyond the end of the file: the program headers", offset: .max)),
    Damage(
      testDescription: "program headers of another size", offset: 54, bytes: [0],
      expected: .malformed("a program header has 0 bytes", offset: 54)),
    Damage(
      testDescription: "too many program headers", offset: 56, bytes: [0xFF, 0xFF],
      expected: .malformed("there are 65535 program headers", offset: 56)),
    Damage(
      testDescription: "interpreter without bytes", offset: 64 + 56 + 32, bytes: [UInt8](repeating: 0, count: 8),
      expected: .malformed("the interpreter's name has 0 bytes", offset: 232)),
    Damage(
      testDescription: "dynamic section of any size", offset: 64 + 112 + 32, bytes: [UInt8](repeating: 0x7F, count: 8),
      expected: .malformed("the dynamic section has 9187201950435737471 bytes", offset: 254)),
    Damage(
      testDescription: "load segment elsewhere", offset: 64 + 16, bytes: [0, 0, 1],
      expected: .malformed("the string table is not in the file", offset: 0)),
  ]) func namesWhatIsMalformed(_ row: Damage) throws {
    var bytes = ELFBuilder(interpreter: "/lib/ld.so.1", needed: ["liba.so"]).build()
    bytes.replaceSubrange(row.offset..<(row.offset + row.bytes.count), with: row.bytes)
    #expect(throws: row.expected) { try read(bytes) }
  }

  @Test func survivesEveryTruncationAndFlip() throws {
    let good = ELFBuilder(interpreter: "/lib/ld.so.1", needed: ["liba.so", "libb.so"], runpath: "$ORIGIN").build()
    let tree = try Tree()
    let path = Array("/f".utf8)
    for index in good.indices {
      var flipped = good
      flipped[index] ^= 0xFF
      for bytes in [Array(good.prefix(index)), flipped] {
        try tree.write("f", bytes)
        let handle = try FileRoot.Handle(tree.root, try tree.root.resolve(path))
        if let file = try? ELFFile(handle) { #expect(file.needed.count <= 4) }
      }
    }
  }
}
