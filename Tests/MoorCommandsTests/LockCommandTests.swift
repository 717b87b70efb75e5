// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import KernelModule
import Testing

@testable import MoorCommands

@Suite struct LockCommandTests {
  /// Runs `moor lock` where the module is in a state; it says of itself that it is locked after it was.
  private func run(
    _ arguments: [String] = [], _ state: String = "open", mode: String = "enforcing", answer: Bool? = nil,
    json: Bool = false
  ) throws -> (code: Int32, console: RecordingConsole, module: StandInModule) {
    let module = try StandInModule()
    module.current = .success(try StandInModule.state(state, mode: mode))
    module.locked = try StandInModule.state("locked", mode: mode)
    let console = RecordingConsole()
    console.answer = answer
    let code = exitCode { try LockCommand.parse(arguments).run(CommandContext(console, module, json: json)) }
    return (code, console, module)
  }

  @Test(arguments: [["--yes"], ["-y"]]) func locks(arguments: [String]) throws {
    let (code, console, module) = try run(arguments)
    #expect(code == 0)
    #expect(module.asked == ["lock"])
    #expect(console.questions == [])
    #expect(console.text == "locked until the next reboot, enforcing")
  }

  @Test(arguments: [(nil, 75), (false, 75), (true, 0)] as [(Bool?, Int32)])
  func locksOnlyAfterAYes(answer: Bool?, code: Int32) throws {
    let (found, console, module) = try run(answer: answer)
    #expect(found == code)
    #expect(console.questions == ["Lock this host until it is rebooted?"])
    #expect(module.asked == (code == 0 ? ["lock"] : []))
  }

  @Test(arguments: [
    ("enforcing", "  it stays enforcing: learning is refused."),
    ("learning", "  it is only learning: nothing is refused now. Enforcing can still come, and then stays."),
  ])
  func saysWhatItMeansBeforeItAsks(mode: String, words: String) throws {
    let (_, console, _) = try run(mode: mode, answer: false)
    #expect(console.notes.first == "Until this host is rebooted:")
    #expect(console.notes.last == words)
    #expect(console.text == "")
  }

  @Test func inJSONOnlyYesIsAYes() throws {
    let refused = try run(answer: true, json: true)
    #expect(refused.code == 75)
    #expect(refused.module.asked == [])
    let (code, console, _) = try run(["--yes"], json: true)
    #expect(code == 0)
    #expect(console.notes == [])
    let report = try AnyJSON(console.text)
    #expect(report["locked"] == "true")
    #expect(report["wasLocked"] == "false")
    #expect(report["state"] == "locked")
  }

  @Test func aLockedHostIsNotAskedAbout() throws {
    let (code, console, module) = try run([], "locked")
    #expect(code == 0)
    #expect(module.asked == [])
    #expect(console.questions == [])
    #expect(console.text == "locked already, until the next reboot, enforcing")
  }

  @Test(
    arguments: [
      ("unarmed", "none", 75), ("closed", "none", 75), ("open", "none", 75), ("broken", "enforcing", 74),
    ] as [(String, String, Int32)])
  func asksNothingWhereTheModuleWouldRefuse(state: String, mode: String, code: Int32) throws {
    let (found, console, module) = try run(["--yes"], state, mode: mode)
    #expect(found == code)
    #expect(console.questions == [])
    #expect(module.asked == [])
  }

  @Test func saysWhatTheModuleAnswers() throws {
    let module = try StandInModule()
    module.failures["lock"] = .kernel(KernelRefusal(.lock, SystemError(rawValue: EPERM)))
    let command = try LockCommand.parse(["--yes"])
    #expect(exitCode { try command.run(CommandContext(RecordingConsole(), module)) } == 77)
  }

  @Test func withoutTheModuleThereIsNothingToLock() throws {
    let module = try StandInModule()
    module.isLoaded = false
    let command = try LockCommand.parse(["--yes"])
    #expect(exitCode { try command.run(CommandContext(RecordingConsole(), module)) } == 69)
    #expect(module.asked == [])
  }
}
