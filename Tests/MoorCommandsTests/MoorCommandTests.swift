// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Testing

@testable import MoorCommands

@Suite struct MoorCommandTests {
  @Test func helpListsEverySubcommandAndExitCode() {
    let help = MoorCommand.helpMessage()
    for name in ["init", "load", "run", "status", "log", "trust", "unload", "doctor"] {
      #expect(help.contains("\n  \(name) "), "\(name)")
    }
    for status in ExitStatus.allCases {
      #expect(help.contains("\n  \(status.rawValue) "), "\(status)")
    }
  }

  @Test func everyCommandSpeaksJSON() {
    let commands: [any ParsableCommand.Type] = [
      InitCommand.self, LoadCommand.self, RunCommand.self, StatusCommand.self, LogCommand.self, TrustUpdateCommand.self,
      TrustDiffCommand.self, TrustVerifyCommand.self, UnloadCommand.self, DoctorCommand.self,
    ]
    for command in commands {
      #expect(command.helpMessage().contains("--json"), "\(command)")
    }
  }
}
