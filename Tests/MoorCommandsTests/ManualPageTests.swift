// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import Testing

@testable import MoorCommands

/// The pages in docs/man are written by scripts/man; this notices when that was forgotten.
@Suite struct ManualPageTests {
  private struct Help: Decodable {
    struct Name: Decodable {
      let kind: String
      let name: String
    }
    struct Argument: Decodable {
      let names: [Name]?
      let shouldDisplay: Bool
      let abstract: String?
    }
    struct Command: Decodable {
      let commandName: String
      let shouldDisplay: Bool
      let arguments: [Argument]?
      let subcommands: [Command]?
    }
    let command: Command
  }

  private static var folder: URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "docs/man")
  }

  /// Roff as scripts/lib/man.jq writes it.
  private static func roff(_ text: String) -> String {
    text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
  }

  private static func check(_ command: Help.Command, below path: [String]) throws -> Set<String> {
    let here = path + [command.commandName]
    let name = here.joined(separator: "-")
    let page = try String(contentsOf: folder.appending(path: "\(name).1"), encoding: .utf8)
    for argument in command.arguments ?? [] where argument.shouldDisplay {
      for option in argument.names ?? [] {
        let dashed = (option.kind == "short" ? "-" : "--") + option.name
        #expect(page.contains("\\fB\(roff(dashed))\\fR"), "\(name).1 lacks \(dashed): run scripts/man")
      }
      #expect(page.contains(roff(argument.abstract ?? "")), "\(name).1 is out of date: run scripts/man")
    }
    var names: Set = ["\(name).1"]
    for subcommand in command.subcommands ?? [] where subcommand.shouldDisplay && subcommand.commandName != "help" {
      names.formUnion(try check(subcommand, below: here))
    }
    return names
  }

  @Test func everyCommandAndOptionIsInThePages() throws {
    let help = try JSONDecoder().decode(Help.self, from: Data(MoorCommand._dumpHelp().utf8))
    let expected = try Self.check(help.command, below: [])
    let found = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(Set(found) == expected)
  }
}
