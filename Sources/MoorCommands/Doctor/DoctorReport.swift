// SPDX-License-Identifier: Apache-2.0

/// What one check of `moor doctor` found.
public struct DoctorFinding: Codable, Sendable, Equatable {
  /// How it stands.
  public enum Status: String, Codable, Sendable, Comparable {
    /// As moor needs it.
    case ok
    /// moor works, but something is weaker or cannot be told.
    case warn
    /// moor cannot work, or not safely.
    case fail

    /// Orders from good to bad.
    public static func < (left: Status, right: Status) -> Bool {
      left.rank < right.rank
    }

    private var rank: Int {
      switch self {
      case .ok: 0
      case .warn: 1
      case .fail: 2
      }
    }
  }

  /// The check's name; it stays the same from version to version.
  public let check: String
  /// How it stands.
  public let status: Status
  /// What was found.
  public let found: String
  /// What to do about it; nil when all is well.
  public let advice: String?

  static func ok(_ check: String, _ found: String) -> DoctorFinding {
    DoctorFinding(check: check, status: .ok, found: found, advice: nil)
  }

  static func warn(_ check: String, _ found: String, _ advice: String) -> DoctorFinding {
    DoctorFinding(check: check, status: .warn, found: found, advice: advice)
  }

  static func fail(_ check: String, _ found: String, _ advice: String) -> DoctorFinding {
    DoctorFinding(check: check, status: .fail, found: found, advice: advice)
  }
}

/// All that `moor doctor` found on a host.
public struct DoctorReport: Codable, Sendable, Equatable {
  /// The running kernel's release, as uname -r has it; empty when it cannot be read.
  public let kernel: String
  /// The checks, in the order in which a host is put right.
  public let findings: [DoctorFinding]

  /// The worst of all findings.
  public var status: DoctorFinding.Status { findings.map(\.status).max() ?? .ok }

  /// What `moor doctor` exits with: 0 when nothing failed (there may be warnings), 1 when a check failed.
  public var exitCode: Int32 { status == .fail ? 1 : 0 }
}

extension DoctorReport: CustomStringConvertible {
  /// One line for each check, and one below it with what to do; a count at the end.
  public var description: String {
    let width = findings.map(\.check.count).max() ?? 0
    func pad(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.count))
    }
    var lines = ["moor doctor on Linux \(kernel.isEmpty ? "(unknown release)" : kernel)"]
    for finding in findings {
      lines.append("\(pad(finding.status.rawValue, 4))  \(pad(finding.check, width))  \(finding.found)")
      if let advice = finding.advice {
        lines.append("\(pad("", 4))  \(pad("", width))  -> \(advice)")
      }
    }
    func count(_ status: DoctorFinding.Status) -> Int { findings.count { $0.status == status } }
    lines.append("\(count(.ok)) ok, \(count(.warn)) to look at, \(count(.fail)) failed")
    return lines.joined(separator: "\n")
  }
}
