// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import KernelModule

/// The options that every command has.
struct OutputOptions: ParsableArguments {
  /// When text is coloured.
  enum Colour: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
  }

  @Flag(help: "Write JSON to standard output, errors included.")
  var json = false

  @Option(help: "Colour the text: auto (on a terminal), always or never.")
  var color = Colour.auto
}

/// What a command runs with; tests make their own.
struct CommandContext {
  var console: any Console = StandardConsole()
  var module: any ModuleAccess = KernelModuleAccess()
  var standardInput = "/dev/stdin"
  var keys: any KeySource = TerminalKeys()
  /// Copies of what is in force.
  var loaded = LoadedPolicies()
  /// Where a person can press a key; nil when nobody is there.
  var terminal: Int32? = isatty(STDIN_FILENO) == 1 ? STDIN_FILENO : nil
  var isJSON = false
  var colour = OutputOptions.Colour.auto

  init() {}

  init(_ options: OutputOptions) {
    isJSON = options.json
    colour = options.color
  }

  var style: Style {
    switch colour {
    case .always: Style(isColoured: true)
    case .never: Style(isColoured: false)
    case .auto: Style(isColoured: console.isTerminal)
    }
  }

  /// Writes a report the way the caller wants it.
  func show(_ report: some Report) throws {
    console.write(isJSON ? try JSON.pretty(report) : report.text(style))
  }

  /// Tells a person what goes on; nothing of it belongs to the result.
  func progress(_ line: String) {
    if !isJSON { console.note(line) }
  }

  /// Asks before something is changed: `--yes`, or a yes on the terminal.
  ///
  /// - Throws: ``CommandFailure`` with `temporary` for a no, or when there is nobody to ask.
  func confirm(_ question: String, isYes: Bool) throws(CommandFailure) {
    if isYes { return }
    switch isJSON ? nil : console.ask(question) {
    case true: return
    case false: throw CommandFailure(.temporary, "nothing was changed")
    case nil:
      throw CommandFailure(
        .temporary, "nothing was changed: there is no terminal to ask on; --yes accepts what is shown")
    }
  }
}

/// A subcommand: parsed by ArgumentParser, run with a context.
protocol MoorSubcommand: ParsableCommand {
  var output: OutputOptions { get }
  /// Does the work; ``CommandFailure`` and the libraries' errors become exit codes.
  func run(_ context: CommandContext) throws
}

extension MoorSubcommand {
  /// Runs in the real world.
  public func run() throws {
    try run(CommandContext(output))
  }
}
