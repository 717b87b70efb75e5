// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
import Foundation
import TPM

/// `moor doctor`: looks whether this host can run moor, and says what to do where it cannot.
public struct DoctorCommand: ParsableCommand {
  /// How the command is called and explained.
  public static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check whether this host can run moor, and say what to do.",
    discussion: """
      Looks at permissions, the kernel and its configuration, the TPM and its banks, the firmware's event log, and \
      moor's own files and state. Nothing is changed.

      Exit codes: 0 nothing failed, though there may be warnings; 1 a check failed; 64 wrong usage.
      """)

  @Flag(help: "Write the findings as JSON.")
  var json = false

  @Option(help: ArgumentHelp("How to reach the TPM.", valueName: "TCTI"))
  var tcti: String?

  @Option(help: ArgumentHelp("The PCR that moor extends.", valueName: "INDEX"))
  var pcr = 13

  @Option(
    help: ArgumentHelp(
      "Look at the system below this folder. Its TPM is asked only with --tcti.", valueName: "FOLDER"))
  var root = "/"

  /// Creates the command; its options are set by parsing.
  public init() {}

  /// Refuses a PCR that is none, and a TCTI that cannot be read.
  public func validate() throws {
    guard PCRSet.platform.indices.contains(pcr) else {
      throw ValidationError("PCR \(pcr) is not in 0...23.")
    }
    guard root.hasPrefix("/") else {
      throw ValidationError("The root \"\(root)\" is not an absolute path.")
    }
    do {
      _ = try tcti.map { text throws(TPMError) in try TCTI(text) }
    } catch {
      throw ValidationError(error.description)
    }
  }

  /// Examines the host, prints the report, and exits with its code.
  public func run() throws {
    TPMConnection.silenceLibraryLog()
    let report = try host.examine()
    print(try json ? Self.json(report) : report.description)
    if report.exitCode != 0 { throw ExitCode(report.exitCode) }
  }

  /// What the options describe.
  var host: DoctorHost {
    get throws {
      let named = try tcti.map { text throws(TPMError) in try TCTI(text) }
      return DoctorHost(
        root: root == "/" ? "/" : root.hasSuffix("/") ? String(root.dropLast()) : root,
        tcti: named ?? (root == "/" ? .device : nil), pcr: pcr)
    }
  }

  static func json(_ report: DoctorReport) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(report), as: UTF8.self)
  }
}
