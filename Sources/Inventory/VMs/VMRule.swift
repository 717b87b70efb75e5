// SPDX-License-Identifier: Apache-2.0

/// A rule of access as it is found, its path not resolved yet.
struct VMRule: Sendable, Hashable {
  /// What it is about, in the order in which a block has them.
  enum Topic: Int, Sendable, CaseIterable {
    case disks, firmware, machine, consoles, network, display, devices, folders, tpm, hypervisor

    /// The comment above its rules.
    var comment: String {
      switch self {
      case .disks: "Disks: its own, and what it only reads, alone or behind its own."
      case .firmware: "Firmware, with the variables that are its own, and what it boots."
      case .machine: "The machine: accelerator and memory."
      case .consoles: "Serial ports, consoles, channels, monitors, and their logs."
      case .network: "Network."
      case .display: "Where its screen can be reached."
      case .devices: "Devices of the host."
      case .folders: "Folders that it shares with the host."
      case .tpm: "Its TPM."
      case .hypervisor: "What libvirt makes for it at each start, and hands in."
      }
    }
  }

  /// A part of a path.
  enum Piece: Sendable, Hashable {
    case literal([UInt8])
    /// One digit or more.
    case digits
    /// Any bytes but `/`.
    case star
    /// All that is below.
    case below
  }

  var topic: Topic
  var verb: String
  var letters = ""
  var pieces: [Piece] = []
  var commands: [String] = []
  /// The child domain that it belongs to.
  var helper: String?
  var comment: String?
  var place: VMPlace

  /// Its path, when it is about one only.
  var path: [UInt8]? {
    if pieces.count == 1, case .literal(let path) = pieces[0] { path } else { nil }
  }

  /// Whether it is about what a VM has anew, and for its own, at each start.
  var isOfOneStart: Bool { pieces.contains(.digits) && ["object", "file"].contains(verb) }

  /// The statement.
  var text: String {
    var words = [verb]
    if !letters.isEmpty { words.append(letters) }
    if !pieces.isEmpty { words.append(PathText.word(pieces)) }
    if !commands.isEmpty { words += ["ioctl"] + commands }
    return words.joined(separator: " ")
  }
}
