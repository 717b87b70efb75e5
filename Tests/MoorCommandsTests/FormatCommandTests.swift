// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import Glibc
import Testing

@testable import MoorCommands

@Suite struct FormatCommandTests {
  private static let loose = "policy  \"p\"   version 1\ntrust {\nexec /usr/bin/qemu # mine\n}"
  private static let formed = "policy \"p\" version 1\ntrust {\n  exec /usr/bin/qemu  # mine\n}\n"
  private static let broken = "policy \"p\" version 1\ntrust {\n  exec \"/usr\n}\n"

  private let folder: TemporaryFolder
  private let console = RecordingConsole()

  init() throws { folder = try TemporaryFolder() }

  /// Runs `moor fmt`; files are named below the folder.
  private func run(_ arguments: [String], input: String = "", json: Bool = false) throws -> (Int32, CommandFailure?) {
    var context = CommandContext(console, try StandInModule(), json: json)
    context.standardInput = try folder.write("input", input)
    let words = arguments.map { $0.hasPrefix("-") ? $0 : "\(folder.path)/\($0)" }
    do {
      try FormatCommand.parse(words).run(context)
      return (0, nil)
    } catch {
      return (exitCode { throw error }, CommandFailure(error))
    }
  }

  @Test func rewritesInPlaceAndKeepsTheMode() throws {
    let path = try folder.write("a.moor", Self.loose)
    _ = try folder.write("b.moor", Self.formed)
    #expect(chmod(path, 0o600) == 0)
    #expect(try run(["a.moor", "b.moor"]).0 == 0)
    #expect(try folder.read("a.moor") == Self.formed)
    #expect(console.text == "formatted \(path)")
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    #expect(folder.names == ["a.moor", "b.moor", "input"])
  }

  @Test func aSecondTimeChangesAndSaysNothing() throws {
    _ = try folder.write("a.moor", Self.loose)
    #expect(try run(["a.moor"]).0 == 0)
    console.lines = []
    #expect(try run(["a.moor"]).0 == 0)
    #expect(console.lines == [])
  }

  @Test func checkNamesTheFilesThatDifferAndWritesNothing() throws {
    let path = try folder.write("a.moor", Self.loose)
    _ = try folder.write("b.moor", Self.formed)
    #expect(try run(["--check", "a.moor", "b.moor"]).0 == 1)
    #expect(console.text == path)
    #expect(try folder.read("a.moor") == Self.loose)
    console.lines = []
    #expect(try run(["--check", "b.moor"]).0 == 0)
    #expect(console.lines == [])
  }

  @Test func readsStandardInputAndWritesStandardOutput() throws {
    #expect(try run(["-"], input: Self.loose).0 == 0)
    #expect(console.lines.map { $0 + "\n" } == [Self.formed])
    #expect(try folder.read("input") == Self.loose)
    console.lines = []
    #expect(try run(["-"], input: "").0 == 0)
    #expect(console.lines == [])
    #expect(try run(["--check", "-"], input: Self.loose).0 == 1)
    #expect(console.lines == ["-"])
  }

  @Test func oneFaultAndNothingIsWritten() throws {
    _ = try folder.write("a.moor", Self.loose)
    let path = try folder.write("b.moor", Self.broken)
    let (code, failure) = try run(["a.moor", "b.moor"])
    #expect(code == 65)
    #expect(failure?.description.hasPrefix("\(path):3:8: error: ") == true)
    #expect(try folder.read("a.moor") == Self.loose)
    #expect(try run(["-"], input: Self.broken).1?.description.hasPrefix("<stdin>:3:8: error: ") == true)
  }

  @Test func saysWhatCannotBeReadOrWritten() throws {
    #expect(try run(["gone.moor"]).0 == 66)
    #expect(try run(["."]).0 == 74)
    #expect(console.lines == [])
  }

  @Test func jSONSaysWhatTheTextSays() throws {
    struct Report: Decodable {
      struct File: Decodable {
        let name: String
        let differs: Bool
        let text: String?
      }
      let check: Bool
      let files: [File]
    }
    func report() throws -> Report { try JSONDecoder().decode(Report.self, from: Data(console.text.utf8)) }
    let path = try folder.write("a.moor", Self.loose)
    #expect(try run(["--check", "a.moor"], json: true).0 == 1)
    #expect(try report().check)
    #expect(try report().files.map(\.name) == [path])
    #expect(try report().files.map(\.differs) == [true])
    console.lines = []
    #expect(try run(["-"], input: Self.loose, json: true).0 == 0)
    #expect(try report().files.first?.text == Self.formed)
  }

  @Test(arguments: [[], ["-", "a"], ["a", "-"]]) func rejectsACommandLineWithoutFiles(arguments: [String]) {
    #expect(throws: (any Error).self) { try FormatCommand.parse(arguments) }
  }
}
