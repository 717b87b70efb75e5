// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import KernelModule
import Testing

@testable import MoorCommands

@Suite struct StatusCommandTests {
  @Test(arguments: [("open", 0), ("closed", 0), ("locked", 0), ("unarmed", 1), ("broken", 1)] as [(String, Int32)])
  func exitCodeSaysWhetherTheModuleIsSound(state: String, code: Int32) throws {
    let console = RecordingConsole()
    let module = try StandInModule()
    module.current = .success(try StandInModule.state(state))
    #expect(exitCode { try StatusCommand.parse([]).run(CommandContext(console, module)) } == code)
    #expect(console.text.contains("state    \(state)\n"))
  }

  @Test func saysThatTheModuleIsNotLoaded() throws {
    let console = RecordingConsole()
    let module = try StandInModule()
    module.isLoaded = false
    #expect(exitCode { try StatusCommand.parse([]).run(CommandContext(console, module)) } == 69)
    #expect(console.text == "state    not loaded")
  }

  @Test func showsTheAccessPolicyInForce() throws {
    let console = RecordingConsole()
    let module = try StandInModule()
    #expect(exitCode { try StatusCommand.parse([]).run(CommandContext(console, module)) } == 0)
    #expect(!console.text.contains("access"))
    module.current = .success(try StandInModule.state("open", mode: "enforcing", access: "a\u{7F}b"))
    #expect(exitCode { try StatusCommand.parse([]).run(CommandContext(console, module)) } == 0)
    #expect(console.text.contains("\naccess   \"a\\x7fb\" version 9, learning, 1 domain, 640 bytes, sha256 00fe\n"))
  }

  @Test func writesJSON() throws {
    let console = RecordingConsole()
    #expect(exitCode { try StatusCommand.parse([]).run(CommandContext(console, StandInModule(), json: true)) } == 0)
    #expect(console.lines.count == 1)
    #expect(try AnyJSON(console.text)["loaded"] == "true")
  }

  @Test(arguments: [
    (OutputOptions.Colour.auto, false, false), (.auto, true, true), (.never, true, false), (.always, false, true),
  ])
  func coloursOnATerminalOnly(colour: OutputOptions.Colour, isTerminal: Bool, expected: Bool) throws {
    let console = RecordingConsole()
    console.isTerminal = isTerminal
    var context = CommandContext(console, try StandInModule())
    context.colour = colour
    try StatusCommand.parse([]).run(context)
    #expect(console.text.contains("\u{1B}[") == expected)
  }
}

@Suite struct UnloadCommandTests {
  @Test func givesTheHooksBackFirst() throws {
    let module = try StandInModule()
    #expect(exitCode { try UnloadCommand.parse([]).run(CommandContext(RecordingConsole(), module)) } == 0)
    #expect(module.asked == ["release", "unload"])
  }

  @Test func anUnarmedModuleHasNoHooksToGiveBack() throws {
    let module = try StandInModule()
    module.current = .success(try StandInModule.state("unarmed"))
    #expect(exitCode { try UnloadCommand.parse([]).run(CommandContext(RecordingConsole(), module)) } == 0)
    #expect(module.asked == ["unload"])
  }

  @Test func aLockedHostKeepsItsModule() throws {
    let module = try StandInModule()
    module.failures["release"] = .kernel(KernelRefusal(.release, SystemError(rawValue: 1)))
    #expect(exitCode { try UnloadCommand.parse([]).run(CommandContext(RecordingConsole(), module)) } == 77)
    #expect(module.asked == ["release"])
  }

  @Test func saysThatThereIsNothingToUnload() throws {
    let module = try StandInModule()
    module.isLoaded = false
    #expect(exitCode { try UnloadCommand.parse([]).run(CommandContext(RecordingConsole(), module)) } == 69)
    #expect(module.asked == [])
  }
}
