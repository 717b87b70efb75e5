// SPDX-License-Identifier: Apache-2.0

internal import KernelModule
internal import TrustPolicy

/// The command line of `moor-boot load`. Parsed by hand: ArgumentParser would bring Foundation into the initrd.
public struct BootOptions: Sendable, Equatable {
  /// What the policy is put in force for.
  public enum Mode: String, Sendable, CaseIterable {
    /// Measure, record and allow.
    case learning
    /// Refuse what the policy does not list.
    case enforcing
  }

  /// The kernel module; nil for the default of the running kernel.
  public var module: String?
  /// The hook programs.
  public var programs = InstalledFiles.programs
  /// The policy; the lock of what is trusted stands beside it.
  public var policy = TrustPolicy.defaultPath
  /// What it is put in force for.
  public var mode = Mode.enforcing
  /// Emulators to refuse until then; empty for those that the policy names.
  public var guarded: [String] = []
  /// The PCR to extend.
  public var pcr: UInt32 = 13
  /// Whether a host without a TPM is refused.
  public var requiresTPM = true
  /// Whether the hooks of access rules are attached where the policy has none.
  public var attachesAccess = false

  /// What the command line asks for.
  public enum Request: Sendable, Equatable {
    /// Load with these options.
    case load(BootOptions)
    /// Show ``help``.
    case help
  }

  /// Why a command line cannot be understood.
  public struct UsageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One sentence: what was found, what was expected.
    public let description: String
  }

  /// The help.
  public static let help = """
    Usage: moor-boot load [OPTION ...]

    Loads moor's kernel module closed, attaches its hooks, proves and arms them, caps the PCR, and puts the policy in
    force: what is trusted, and then its rules of access. For the initrd: when a step fails, the host stays closed.

      --module PATH     the kernel module (default: /usr/lib/moor/KERNEL/moor.ko)
      --programs PATH   the hook programs (default: /usr/lib/moor/moor.bpf.o)
      --policy PATH     the policy (default: /etc/moor/policy.moor)
      --mode MODE       enforcing (default) or learning
      --guarded PATH    an emulator to refuse until then; repeatable (default: those that the policy names)
      --pcr NUMBER      the PCR to extend: 0 to 15, but not 10 (default: 13)
      --no-tpm          load on a host without a TPM
      --access-hooks    attach the hooks of access rules even where the policy has none

    Exit codes: 0 the policy is in force; 64 wrong usage; 65 the policy cannot be read; 70 a step failed.
    """

  /// Makes the defaults.
  public init() {}

  /// Reads a command line, without the program's name.
  public static func parse(_ arguments: [String]) throws(UsageError) -> Request {
    if arguments.contains(where: { ["-h", "--help", "help"].contains($0) }) { return .help }
    guard arguments.first == "load" else {
      throw UsageError(description: arguments.first.map { "unknown command “\($0)”; expected load" } ?? "expected load")
    }
    var options = BootOptions()
    var left = arguments.dropFirst()
    while let option = left.popFirst() {
      if option == "--no-tpm" {
        options.requiresTPM = false
        continue
      }
      if option == "--access-hooks" {
        options.attachesAccess = true
        continue
      }
      guard names.contains(option) else { throw UsageError(description: "unknown argument “\(option)”") }
      guard let value = left.popFirst(), !value.isEmpty else {
        throw UsageError(description: "\(option) needs a value")
      }
      try options.set(option, value)
    }
    return .load(options)
  }

  private static let names: Set = ["--module", "--programs", "--policy", "--mode", "--guarded", "--pcr"]

  private mutating func set(_ option: String, _ value: String) throws(UsageError) {
    switch option {
    case "--module": module = value
    case "--programs": programs = value
    case "--policy": policy = value
    case "--guarded": guarded.append(value)
    case "--mode":
      guard let mode = Mode(rawValue: value) else {
        throw UsageError(description: "unknown mode “\(value)”; expected learning or enforcing")
      }
      self.mode = mode
    default:
      guard let number = UInt32(value) else {
        throw UsageError(description: "“\(value)” is no number of a PCR")
      }
      pcr = number
    }
  }
}
