// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import PolicyText

/// What a VM's own description says that it uses: libvirt's XML, a QEMU command line, or a list of disks.
public struct VMDescription: Sendable {
  /// Its name, which can be any text.
  public var name: String
  /// What describes it, for messages: a file, or an option. Safe to print.
  public let source: String
  /// Its disks, in the order of the description.
  var images: [VMImage] = []
  /// Rules, in the order of the description.
  var rules: [VMRule] = []
  /// Programs that run it.
  public internal(set) var emulators: [[UInt8]] = []
  /// Firmware that it only reads: for trust, too.
  public internal(set) var firmware: [[UInt8]] = []
  /// What no rule was written for, and why: each begins with its place. Safe to print.
  public internal(set) var notes: [String] = []

  /// Begins an empty one.
  init(name: String, source: String) {
    self.name = name
    self.source = source
  }

  /// Says that something is not understood, or not all of it.
  mutating func note(_ place: String, _ text: String) { notes.append("\(place): \(text)") }

  /// Adds a rule about one path.
  ///
  /// - Parameters:
  ///   - verb: With its word, where it has one: `file`, `unix listen`.
  ///   - letters: Of `file`, `object`, `shared` and `device`.
  mutating func add(
    _ topic: VMRule.Topic, _ verb: String, _ letters: String = "", path: [UInt8], ioctl: [String] = [],
    helper: String? = nil, comment: String? = nil, at place: String
  ) {
    add(topic, verb, letters, [.literal(path)], ioctl: ioctl, helper: helper, comment: comment, at: place)
  }

  /// Adds a rule about a pattern.
  mutating func add(
    _ topic: VMRule.Topic, _ verb: String, _ letters: String = "", _ pieces: [VMRule.Piece], ioctl: [String] = [],
    helper: String? = nil, comment: String? = nil, at place: String
  ) {
    guard isNameable(pieces, place) else { return }
    rules.append(
      VMRule(
        topic: topic, verb: verb, letters: letters, pieces: pieces, commands: ioctl, helper: helper, comment: comment,
        place: place))
  }

  /// Adds a rule without a path.
  mutating func add(_ topic: VMRule.Topic, rule: String, comment: String? = nil, at place: String) {
    rules.append(VMRule(topic: topic, verb: rule, comment: comment, place: place))
  }

  /// Adds a disk.
  mutating func add(_ image: VMImage) {
    if isNameable([.literal(image.path)], image.place) { images.append(image) }
  }

  /// A rule names absolute paths of at most 4,095 bytes.
  private mutating func isNameable(_ pieces: [VMRule.Piece], _ place: String) -> Bool {
    guard case .literal(let path) = pieces.first else { return true }
    switch PathText.problem(of: path) {
    case nil: return true
    case let problem?:
      note(place, "\(SafeText.render(path)) is in no rule: \(problem)")
      return false
    }
  }
}

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
  var place: String

  /// Its path, when it is about one only.
  var path: [UInt8]? {
    if pieces.count == 1, case .literal(let path) = pieces[0] { path } else { nil }
  }

  /// The statement.
  var text: String {
    var words = [verb]
    if !letters.isEmpty { words.append(letters) }
    if !pieces.isEmpty { words.append(PathText.word(pieces)) }
    if !commands.isEmpty { words += ["ioctl"] + commands }
    return words.joined(separator: " ")
  }
}

/// A disk's image, and what the description says of what lies behind it.
struct VMImage: Sendable {
  /// What is behind an image.
  indirect enum Backing: Sendable {
    /// What its own header says.
    case header
    /// Nothing, whatever the header says.
    case nothing
    /// This image.
    case image(VMImage)
  }

  /// As the description has it; not resolved.
  var path: [UInt8]
  /// The format's name; nil when QEMU finds it out by itself.
  var format: String?
  /// Whether the VM changes it.
  var isWritable: Bool
  /// Which of a block's rules it belongs to.
  var topic = VMRule.Topic.disks
  var comment: String?
  /// Where the description names it.
  var place: String
  var backing = Backing.header
}
