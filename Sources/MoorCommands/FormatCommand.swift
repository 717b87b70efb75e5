// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import KernelModule
internal import PolicyText

/// `moor fmt`: lays policies out in the one form.
struct FormatCommand: MoorSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "fmt",
    abstract: "Lay policies out in the one form.",
    discussion: """
      Two blanks for each block, one blank between words, one statement a line, at most one empty line. Words, strings \
      and comments stay byte for byte, and so does their order: what a policy means does not change. Each file is \
      rewritten in place, at once or not at all; - reads standard input and writes standard output.

      When one of the files cannot be read as a policy, its faults are told by file:line:column, and nothing is \
      written. Exits with 0 when it is done, 1 when --check finds files to lay out, 65 for a fault in a policy, and 66 \
      for a file that is not there.
      """)

  @OptionGroup var output: OutputOptions

  @Flag(help: "Write nothing; name the files that are not in this form, and exit with 1 when there are any.")
  var check = false

  @ArgumentParser.Argument(help: ArgumentHelp("Policies, or - alone for standard input.", valueName: "file"))
  var files: [String]

  func validate() throws {
    guard files == ["-"] || !files.contains("-") else { throw ValidationError("- is for itself alone") }
  }

  func run(_ context: CommandContext) throws {
    var diagnostics: [Diagnostic] = []
    var found: [FormatReport.File] = []
    for name in files {
      let bytes = try Self.read(name, context)
      do throws(PolicyError) {
        let document = try Document(parsing: Source(name: name == "-" ? "<stdin>" : name, bytes: bytes))
        found.append(FormatReport.File(name: name, before: bytes, after: Formatter.format(document)))
      } catch {
        diagnostics += error.diagnostics
      }
    }
    if !diagnostics.isEmpty { throw PolicyError(diagnostics) }
    if !check {
      for file in found where file.differs && file.name != "-" { try AtomicFile.write(file.after, to: file.name) }
    }
    let report = FormatReport(check: check, files: found)
    if context.isJSON || !report.text(context.style).isEmpty { try context.show(report) }
    if check, found.contains(where: \.differs) { throw ExitCode(ExitStatus.difference.rawValue) }
  }

  private static func read(_ name: String, _ context: CommandContext) throws -> [UInt8] {
    let limit = Limits().fileBytes
    // A pipe, most of the time.
    if name == "-" { return try SmallFile.read(context.standardInput, limit: limit) }
    do throws(FileReadError) {
      return try SystemFileReader().read(name, limit: limit)
    } catch {
      throw CommandFailure(error == .missing ? .noInput : .io, "\(name): \(error)")
    }
  }
}

/// What `moor fmt` did, or would do.
struct FormatReport: Report {
  struct File: Encodable {
    let name: String
    let differs: Bool
    /// The laid out text, when it goes to standard output.
    let text: String?
    let after: [UInt8]

    private enum CodingKeys: CodingKey {
      case name, differs, text
    }

    init(name: String, before: [UInt8], after: [UInt8]) {
      self.name = name
      self.after = after
      differs = before != after
      text = name == "-" ? String(decoding: after, as: UTF8.self) : nil
    }
  }

  let check: Bool
  let files: [File]

  func text(_ style: Style) -> String {
    if !check, let text = files.first?.text { return String(text.dropLast()) }
    return files.filter(\.differs).map { check ? $0.name : "formatted \($0.name)" }.joined(separator: "\n")
  }
}
