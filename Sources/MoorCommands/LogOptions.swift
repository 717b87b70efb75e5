// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Learning

/// Where system logs are read from.
struct LogOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A log to read; repeatable; - is standard input.", valueName: "file"))
  var log: [String] = []

  @Flag(help: "Read the files named and nothing that was rotated away from them.")
  var noRotated = false

  @Flag(help: "Read the journal, all boots that it holds.")
  var journal = false

  @Flag(help: "Read what the kernel's buffer holds.")
  var dmesg = false

  /// What they say VMs did.
  func read() throws -> AccessLog { try sources.accesses() }

  var sources: LogSources {
    LogSources(files: log, hasRotated: !noRotated, hasJournal: journal, hasKernelBuffer: dmesg)
  }
}

/// System logs, one after the other.
struct LogSources {
  private static let auditLog = "/var/log/audit/audit.log"

  var files: [String] = []
  var hasRotated = true
  var hasJournal = false
  var hasKernelBuffer = false

  /// What they say VMs did.
  func accesses() throws -> AccessLog {
    var reader = LogReader()
    try read(into: &reader)
    return reader.finish()
  }

  /// Reads all of them; without any, auditd's log, or the journal where that file is not there.
  func read(into reader: inout some LogReading) throws {
    for path in files {
      if hasRotated, path != "-" { try reader.readRotated(path) } else { try reader.read(.file(path)) }
    }
    if hasJournal { try reader.read(.journal) }
    if hasKernelBuffer { try reader.read(.kernelBuffer) }
    if files.isEmpty, !hasJournal, !hasKernelBuffer { try readDefault(&reader) }
  }

  private func readDefault(_ reader: inout some LogReading) throws {
    do throws(LogSourceError) {
      try reader.readRotated(Self.auditLog)
    } catch {
      guard error.isMissing else { throw error }
      try reader.read(.journal)
    }
  }
}
