// SPDX-License-Identifier: Apache-2.0

/// What one check of `moor doctor` found.
struct DoctorFinding: Codable, Sendable, Equatable {
  /// How it stands.
  enum Status: String, Codable, Sendable, Comparable {
    /// As moor needs it.
    case ok
    /// moor works, but something is weaker or cannot be told.
    case warn
    /// moor cannot work, or not safely.
    case fail

    /// Orders from good to bad.
    static func < (left: Status, right: Status) -> Bool {
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
  let check: String
  /// How it stands.
  let status: Status
  /// What was found.
  let found: String
  /// What to do about it; nil when all is well.
  let advice: String?

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
struct DoctorReport: Codable, Sendable, Equatable {
  /// The running kernel's release, as uname -r has it; empty when it cannot be read.
  let kernel: String
  /// The checks, in the order in which a host is put right.
  let findings: [DoctorFinding]

  /// The worst of all findings.
  var status: DoctorFinding.Status { findings.map(\.status).max() ?? .ok }

  /// What `moor doctor` exits with: success when nothing failed, though there may be warnings.
  var exitStatus: ExitStatus { status == .fail ? .difference : .success }
}

extension DoctorReport: Report {
  /// One line for each check, and one below it with what to do; a count at the end.
  func text(_ style: Style) -> String {
    let width = findings.map(\.check.count).max() ?? 0
    func pad(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.count))
    }
    var lines = ["moor doctor on Linux \(kernel.isEmpty ? "(unknown release)" : kernel)"]
    for finding in findings {
      let status = pad(finding.status.rawValue, 4)
      let coloured =
        switch finding.status {
        case .ok: style.good(status)
        case .warn: style.careful(status)
        case .fail: style.bad(status)
        }
      lines.append("\(coloured)  \(pad(finding.check, width))  \(finding.found)")
      if let advice = finding.advice {
        lines.append("\(pad("", 4))  \(pad("", width))  -> \(advice)")
      }
    }
    func count(_ status: DoctorFinding.Status) -> Int { findings.count { $0.status == status } }
    lines.append("\(count(.ok)) ok, \(count(.warn)) to look at, \(count(.fail)) failed")
    return lines.joined(separator: "\n")
  }
}
