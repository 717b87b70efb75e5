// SPDX-License-Identifier: Apache-2.0

import Glibc
import KernelModule
import TPM

/// The host that is examined: its files below a root, and its TPM.
struct DoctorHost: Sendable {
  /// The folder that stands for `/`.
  var root = "/"
  /// How the TPM is reached; nil to go by files alone.
  var tcti: TCTI?
  /// The PCR that the module extends.
  var pcr = 13
  /// The kernel module's file; nil for the place of this kernel's.
  var module: String?
  /// The hook programs' file.
  var programs = InstalledFiles.programs

  /// What reading a file gave.
  enum Content: Equatable {
    case bytes([UInt8])
    case missing
    /// There, but not readable; why.
    case unreadable(String)
  }

  /// Where a path of the host is.
  func located(_ path: String) -> String {
    root == "/" ? path : root + path
  }

  /// Reads a file whole.
  ///
  /// - Parameter limit: more bytes than this are an error; kernel files have no size to look at first.
  func read(_ path: String, limit: Int = 1 << 20) -> Content {
    do throws(KernelModuleError) {
      return .bytes(try SmallFile.read(located(path), limit: limit, waits: false))
    } catch {
      guard let reason = error.systemError else { return .unreadable("more than \(limit) bytes") }
      return ["ENOENT", "ENOTDIR"].contains(reason.name) ? .missing : .unreadable(reason.words)
    }
  }

  /// Reads a file of text, without white space at its ends; nil when it is missing or not readable.
  func text(_ path: String) -> String? {
    guard case .bytes(let bytes) = read(path) else { return nil }
    return String(decoding: bytes, as: UTF8.self).trimmed
  }

  /// Whether anything is at a path.
  func exists(_ path: String) -> Bool {
    access(located(path), F_OK) == 0
  }

  /// The running kernel's release; empty when it cannot be read.
  var release: String { (text("/proc/sys/kernel/osrelease") ?? "").printable }

  /// Makes all checks.
  func examine() -> DoctorReport {
    let tpm = readTPM()
    return DoctorReport(
      kernel: release,
      findings: [
        checkPermissions(), checkRelease(), checkConfiguration(), checkSecurityModules(), checkTypes(), checkTracing(),
        checkLockdown(), checkDevice(), checkBanks(tpm), checkFirmwareLog(tpm), checkModuleFile(), checkPrograms(),
        checkState(),
      ])
  }
}

extension String {
  /// Without white space at its ends.
  var trimmed: String {
    var rest = self[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }

  /// With `?` for what could do something to a terminal, and no longer than a line or two.
  var printable: String {
    String(String.UnicodeScalarView(prefix(200).unicodeScalars.map { (" "..."~").contains($0) ? $0 : "?" }))
  }
}
