// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EventLog
import FoundationEssentials
import KernelModule
import Testing

@testable import MoorCommands

@Suite struct LogCommandTests {
  private func run(_ arguments: [String], _ module: StandInModule, json: Bool = false) -> (code: Int32, text: String) {
    let console = RecordingConsole()
    let code = exitCode { try LogCommand.parse(arguments).run(CommandContext(console, module, json: json)) }
    return (code, console.text)
  }

  @Test func showsOneLineForEachRecord() throws {
    let module = try StandInModule()
    module.log = try .sample([MeasurementLog.file("/usr/lib/a.so", 1)])
    let (code, text) = run([], module)
    #expect(code == 0)
    #expect(text.split(separator: "\n").count == 3)
    #expect(text.contains(#"record=measure kind=library path="/usr/lib/a.so" alg=sha256 digest=0101"#))
  }

  @Test func aPathFromTheLogCannotWriteToTheTerminal() throws {
    let module = try StandInModule()
    module.log = try .sample([MeasurementLog.file("/a\u{1B}[2J\nnumber=9", 1)])
    let (_, text) = run([], module)
    #expect(!text.contains("\u{1B}"))
    #expect(text.split(separator: "\n").count == 3)
  }

  @Test func theJSONIsTheWholeLog() throws {
    let module = try StandInModule()
    let (code, text) = run([], module, json: true)
    #expect(code == 0)
    #expect(try JSONDecoder().decode(MeasurementLog.self, from: Data(text.utf8)) == module.log)
  }

  @Test func replayComparesEveryBankWithTheTPM() throws {
    let module = try StandInModule()
    module.log = try .sample([MeasurementLog.file("/usr/lib/a.so", 1)])
    let (code, text) = run(["--replay"], module)
    #expect(code == 0)
    #expect(text.contains("ok  sha256: the log leads to the PCR"))
    #expect(text.contains("ok  sha384: the log leads to the PCR"))
    #expect(module.asked == ["snapshot 0", "pcr 13"])
  }

  @Test func aChangedBankIsNoProof() throws {
    let module = try StandInModule()
    let wrong = try #require(Digest(algorithm: .sha384, bytes: [UInt8](repeating: 7, count: 48)))
    module.pcrReadings = [[module.ends[0], wrong]]
    let (code, text) = run(["--replay"], module)
    #expect(code == 1)
    #expect(text.contains("ok  sha256"))
    #expect(text.contains("NO  sha384: the log leads to"))
  }

  @Test func aBankThatOnlyTheTPMHasIsNoProof() throws {
    let module = try StandInModule()
    module.pcrReadings = [module.ends + [try #require(Digest(zero: .sha512))]]
    let (code, text) = run(["--replay"], module)
    #expect(code == 1)
    #expect(text.contains("NO  sha512: the log has no such bank"))
  }

  /// Between reading the log and the PCR a record came; the second reading fits.
  @Test func readsAgainWhenARecordCameBetween() throws {
    let module = try StandInModule()
    let ahead = try Replay(MeasurementLog.sample([MeasurementLog.file("/a", 1)]), from: .recorded).banks.map(\.end)
    module.pcrReadings = [ahead, module.ends]
    #expect(run(["--replay"], module).code == 0)
    #expect(module.asked == ["snapshot 0", "pcr 13", "snapshot 0", "pcr 13"])
  }

  @Test func givesUpAfterSomeReadings() throws {
    let module = try StandInModule()
    module.pcrReadings = [[]]
    #expect(run(["--replay"], module).code == 1)
    #expect(module.asked.count == 10)
  }

  @Test func replaysAFileAgainstGivenValues() throws {
    let folder = try TemporaryFolder()
    let module = try StandInModule()
    let file = folder.path + "/log"
    try Data(module.log.encoded()).write(to: URL(filePath: file))
    let values = module.ends.flatMap { ["--pcr-value", $0.description] }
    let (code, text) = run(["--replay", "--file", file] + values, module)
    #expect(code == 0)
    #expect(text.contains("the value proves the log"))
    #expect(module.asked == [])
    #expect(run(["--replay", "--file", file] + values.prefix(2), module).code == 1)
  }

  @Test(arguments: [
    (["--follow", "--replay"], "--follow shows the module's log"), (["--follow", "--file", "x"], "--follow shows"),
    (["--pcr-value", "sha256:00"], "it needs --replay"), (["--replay", "--pcr-value", "sha256:00"], "is no PCR value"),
    (["--replay", "--pcr-value", "sha256"], "is no PCR value"),
    (["--replay", "--pcr-value", "md5:00"], "is no PCR value"),
    (["--replay", "--pcr-value", "sha256:" + String(repeating: "0g", count: 32)], "is no PCR value"),
  ])
  func rejectsOptionsThatMeanNothing(arguments: [String], message: String) {
    #expect {
      try LogCommand.parse(arguments)
    } throws: { error in
      LogCommand.message(for: error).contains(message)
    }
  }

  @Test(
    arguments: [
      ("nothing", [] as [UInt8], ["--replay"], 65), ("no log", [1, 2, 3], [], 65),
      ("half a record", [0, 0, 0, 0, 8, 0], [], 65),
    ] as [(String, [UInt8], [String], Int32)])
  func aFileThatIsNoLogIsDataThatCannotBeRead(what: String, bytes: [UInt8], arguments: [String], code: Int32) throws {
    let folder = try TemporaryFolder()
    let file = folder.path + "/log"
    try Data(bytes).write(to: URL(filePath: file))
    #expect(run(["--file", file] + arguments, try StandInModule()).code == code, "\(what)")
  }

  @Test func saysThatAFileIsNotThere() throws {
    #expect(run(["--file", "/nonexistent"], try StandInModule()).code == 66)
  }

  @Test func followsWithoutShowingARecordTwice() throws {
    let module = try StandInModule()
    let console = RecordingConsole()
    var round = 0
    let follower = LogFollower(context: CommandContext(console, module), rounds: 4) {
      round += 1
      if round == 2, let grown = try? MeasurementLog.sample([MeasurementLog.file("/a", 1)]) { module.log = grown }
    }
    try follower.run()
    #expect(console.lines.count == 3)
    #expect(console.lines[2].hasPrefix("number=2 ") || console.lines[2].hasPrefix("seq=2 "))
  }

  @Test func saysThatTheLogRestarted() throws {
    let module = try StandInModule()
    module.log = try .sample([MeasurementLog.file("/a", 1)])
    let console = RecordingConsole()
    try LogFollower(context: CommandContext(console, module), rounds: 3) {
      (try? MeasurementLog.sample()).map { module.log = $0 }
    }.run()
    #expect(console.notes == ["moor: the log restarted: the module was loaded anew"])
    #expect(console.lines.count == 5)
  }
}
