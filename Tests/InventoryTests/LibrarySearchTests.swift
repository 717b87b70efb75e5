// SPDX-License-Identifier: Apache-2.0

import Foundation
import Inventory
import Testing
import TrustPolicy

@Suite struct LibrarySearchTests {
  private func search(_ tree: Tree, _ programs: String...) -> (libraries: [String], problems: [String]) {
    let result = LibrarySearch(tree.root).libraries(of: programs.map { Array($0.utf8) })
    return (result.libraries.map { String(decoding: $0, as: UTF8.self) }, result.problems)
  }

  @Test func followsNeedsThroughLinksAndTheCache() throws {
    let tree = try Tree()
    try tree.link("lib", to: "usr/lib")
    try tree.link("lib64", to: "usr/lib64")
    try tree.write("usr/bin/p", ELFBuilder(interpreter: "/lib64/ld.so.2", needed: ["liba.so.1"]).build())
    try tree.link("usr/lib64/ld.so.2", to: "../lib/x/ld.so.2")
    try tree.write("usr/lib/x/ld.so.2", ELFBuilder().build())
    try tree.link("usr/lib/x/liba.so.1", to: "liba.so.1.5")
    try tree.write("usr/lib/x/liba.so.1.5", ELFBuilder(needed: ["libb.so", "ld.so.2", "liba.so.1"]).build())
    try tree.write("usr/lib/x/libb.so", ELFBuilder().build())
    try tree.write("usr/lib/v3/libb.so", ELFBuilder().build())
    try tree.write("usr/lib/other/libb.so", ELFBuilder(machine: 183).build())
    try tree.write(
      "etc/ld.so.cache",
      linkerCache([
        ("liba.so.1", "/lib/x/liba.so.1"), ("libb.so", "/lib/other/libb.so"), ("libb.so", "/lib/v3/libb.so"),
        ("libb.so", "/lib/x/libb.so"), ("ld.so.2", "/lib/x/ld.so.2"),
      ]))
    let found = search(tree, "/usr/bin/p")
    #expect(
      found.libraries == ["/usr/lib/v3/libb.so", "/usr/lib/x/ld.so.2", "/usr/lib/x/liba.so.1.5", "/usr/lib/x/libb.so"])
    #expect(found.problems == [])
  }

  @Test func searchesFoldersInTheLinkersOrder() throws {
    let tree = try Tree()
    for folder in ["own", "rpath", "conf", "usr/lib", "cached"] {
      try tree.write("\(folder)/liba.so", ELFBuilder().build())
    }
    try tree.write("etc/ld.so.conf", "# c\ninclude /etc/ld.so.conf.d/*.conf\n")
    try tree.write("etc/ld.so.conf.d/x.conf", "/conf # c\n")
    try tree.write("etc/ld.so.conf.d/x.disabled", "/rpath\n")
    try tree.write("own/p", ELFBuilder(needed: ["liba.so"], rpath: "/rpath", runpath: "$ORIGIN").build())
    #expect(search(tree, "/own/p").libraries == ["/own/liba.so"])
    try tree.write("own/p", ELFBuilder(needed: ["liba.so"], rpath: "${ORIGIN}/../rpath").build())
    #expect(search(tree, "/own/p").libraries == ["/rpath/liba.so"])
    try tree.write("own/p", ELFBuilder(needed: ["liba.so"], runpath: "relative:/$LIB").build())
    #expect(search(tree, "/own/p").libraries == ["/conf/liba.so"])
    try tree.write("etc/ld.so.cache", linkerCache([("liba.so", "/cached/liba.so")]))
    #expect(search(tree, "/own/p").libraries == ["/cached/liba.so"])
    try FileManager.default.removeItem(at: tree.folder.appending(path: "etc"))
    #expect(search(tree, "/own/p").libraries == ["/usr/lib/liba.so"])
  }

  @Test func inheritsFoldersOfThoseThatNeedIt() throws {
    let tree = try Tree()
    try tree.write("bin/p", ELFBuilder(needed: ["liba.so"], rpath: "/r").build())
    try tree.write("r/liba.so", ELFBuilder(needed: ["libb.so"]).build())
    try tree.write("r/libb.so", ELFBuilder().build())
    #expect(search(tree, "/bin/p").libraries == ["/r/liba.so", "/r/libb.so"])
    try tree.write("bin/p", ELFBuilder(needed: ["liba.so"], runpath: "/r").build())
    #expect(search(tree, "/bin/p").problems == ["/r/liba.so needs libb.so, which was not found"])
  }

  @Test func saysWhatIsMissingOrCannotBeRead() throws {
    let tree = try Tree()
    try tree.write("p", ELFBuilder(interpreter: "/lib/ld.so", needed: ["liba.so", "/abs/libb.so"]).build())
    try tree.write("q", "text")
    try tree.write("etc/ld.so.cache", "no cache")
    let problems = search(tree, "/p", "/q", "/r").problems
    #expect(
      problems == [
        "the linker's cache cannot be read: it does not begin as a cache does, at byte 0",
        "/p needs /lib/ld.so, which is not there", "/q cannot be read: it is no ELF file",
        "/r cannot be read: there is no such file", "/p needs liba.so, which was not found",
        "/p needs /abs/libb.so, which was not found",
      ])
  }

  @Test func endsWhenLibrariesNeedEachOther() throws {
    let tree = try Tree()
    try tree.write("usr/lib/liba.so", ELFBuilder(needed: ["libb.so"]).build())
    try tree.write("usr/lib/libb.so", ELFBuilder(needed: ["liba.so"]).build())
    #expect(search(tree, "/usr/lib/liba.so").libraries == ["/usr/lib/liba.so", "/usr/lib/libb.so"])
  }

  static let emulator = "/usr/bin/qemu-system-x86_64"

  /// The linker's own answer on this machine.
  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: emulator), "needs \(emulator) (package qemu-system-x86)"),
    .enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/ldd"), "needs ldd"))
  func agreesWithTheLinker() throws {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/ldd")
    process.arguments = [Self.emulator]
    process.standardOutput = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let root = FileRoot()
    var expected: Set<String> = []
    for word in output.split(whereSeparator: \.isWhitespace) where word.hasPrefix("/") {
      expected.insert(String(decoding: try root.resolve(Array(word.utf8)).path, as: UTF8.self))
    }
    #expect(expected.count > 20)
    let result = LibrarySearch(root).libraries(of: [Array(Self.emulator.utf8)])
    #expect(Set(result.libraries.map { String(decoding: $0, as: UTF8.self) }) == expected)
    #expect(result.problems == [])
  }
}
