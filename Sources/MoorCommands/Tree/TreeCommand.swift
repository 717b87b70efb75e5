// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EventLog
internal import Learning

/// `moor tree`: what VMs did, as a tree, from system logs.
struct TreeCommand: MoorSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "tree",
    abstract: "Show what VMs did that rules of access do not allow, as a tree.",
    discussion: """
      Reads the access log from system logs: audit.log, dmesg's text, syslog, the journal's formats, each also packed by \
      gzip; and of a file first what was rotated away from it. Without a source, reads /var/log/audit/audit.log, or the \
      journal where that file is not there. Says whether what it shows is complete, or why not. Reading is all it does: \
      nothing is sent and no policy is changed.
      """)

  @OptionGroup var output: OutputOptions
  @OptionGroup var logs: LogOptions

  @Option(help: "Only this VM.")
  var vm: String?

  @Option(help: ArgumentHelp("Write a page for a browser, which needs nothing but itself.", valueName: "file"))
  var html: String?

  @Flag(help: "Exit with 1 unless what was learned is complete.")
  var requireComplete = false

  func run(_ context: CommandContext) throws {
    let log = try logs.read()
    let report = TreeReport(log, vm: vm.map { UntrustedText($0) })
    if let html {
      try AtomicFile.write(Array(try TreePage(report).text.utf8), to: html)
      if !context.isJSON { context.console.write("wrote \(html)") }
    }
    if html == nil || context.isJSON { try context.show(report) }
    if requireComplete, !report.completeness.isComplete { throw ExitCode(ExitStatus.difference.rawValue) }
  }
}
