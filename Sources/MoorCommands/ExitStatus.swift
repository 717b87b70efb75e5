// SPDX-License-Identifier: Apache-2.0

/// The exit codes of moor's commands. Those from 64 on have the meaning of sysexits.h.
public enum ExitStatus: Int32, Sendable, CaseIterable {
  /// It is done, or what was asked holds.
  case success = 0
  /// What was compared differs, or what was asked does not hold.
  case difference = 1
  /// The command line cannot be understood.
  case usage = 64
  /// A policy or a log cannot be read as one.
  case data = 65
  /// A file to read is not there.
  case noInput = 66
  /// The module, the TPM or the kernel's support is not there.
  case unavailable = 69
  /// Something that cannot be, a fault of moor's own.
  case software = 70
  /// A file cannot be written.
  case cannotCreate = 73
  /// Reading, writing or a TPM command failed.
  case io = 74
  /// Another tool is at work, or the answer was no: try again later.
  case temporary = 75
  /// Not permitted to this caller, or refused because the host is locked.
  case noPermission = 77
  /// Module, programs, kernel and tool do not fit each other.
  case configuration = 78
  /// `moor run`: moor failed before it came to the program.
  case runFailed = 125
  /// `moor run`: the program is there and was not run, or was refused.
  case runRefused = 126
  /// `moor run`: there is no such program.
  case runNotFound = 127

  /// What it means, for help and manual.
  public var meaning: String {
    switch self {
    case .success: "done, or what was asked holds"
    case .difference: "what was compared differs, or what was asked does not hold"
    case .usage: "the command line cannot be understood"
    case .data: "a policy or a log cannot be read as one"
    case .noInput: "a file to read is not there"
    case .unavailable: "the module, the TPM or the kernel's support is not there"
    case .software: "a fault of moor's own"
    case .cannotCreate: "a file cannot be written"
    case .io: "reading, writing or a TPM command failed"
    case .temporary: "another tool is at work, or the answer was no"
    case .noPermission: "not permitted to this caller, or the host is locked"
    case .configuration: "module, programs, kernel and tool do not fit each other"
    case .runFailed: "moor run: moor failed before it came to the program"
    case .runRefused: "moor run: the program is there and was not run, or was refused"
    case .runNotFound: "moor run: there is no such program"
    }
  }

  /// The table for the help's end.
  static var table: String {
    "EXIT CODES:\n"
      + allCases.map { status in
        let number = String(status.rawValue)
        return "  \(number)" + String(repeating: " ", count: 6 - number.count) + status.meaning
      }.joined(separator: "\n")
  }
}
