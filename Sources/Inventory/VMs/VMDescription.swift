// SPDX-License-Identifier: Apache-2.0

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
  /// What no rule was written for, and why.
  var notes: [VMNote] = []

  /// Begins an empty one.
  init(name: String, source: String) {
    self.name = name
    self.source = source
  }

  /// Says that something is not understood, or not all of it.
  mutating func note(_ place: VMPlace, _ text: String) { notes.append(VMNote(place: place, text: text)) }

  /// Adds a rule about one path.
  ///
  /// - Parameters:
  ///   - verb: With its word, where it has one: `file`, `unix listen`.
  ///   - letters: Of `file`, `object`, `shared` and `device`.
  mutating func add(
    _ topic: VMRule.Topic, _ verb: String, _ letters: String = "", path: [UInt8], ioctl: [String] = [],
    helper: String? = nil, comment: String? = nil, at place: VMPlace
  ) {
    add(topic, verb, letters, [.literal(path)], ioctl: ioctl, helper: helper, comment: comment, at: place)
  }

  /// Adds a rule about a pattern.
  mutating func add(
    _ topic: VMRule.Topic, _ verb: String, _ letters: String = "", _ pieces: [VMRule.Piece], ioctl: [String] = [],
    helper: String? = nil, comment: String? = nil, at place: VMPlace
  ) {
    guard isNameable(pieces, place) else { return }
    rules.append(
      VMRule(
        topic: topic, verb: verb, letters: letters, pieces: pieces, commands: ioctl, helper: helper, comment: comment,
        place: place))
  }

  /// Adds a rule without a path.
  mutating func add(_ topic: VMRule.Topic, rule: String, comment: String? = nil, at place: VMPlace) {
    rules.append(VMRule(topic: topic, verb: rule, comment: comment, place: place))
  }

  /// Adds a disk.
  mutating func add(_ image: VMImage) {
    if isNameable([.literal(image.path)], image.place) { images.append(image) }
  }

  /// A rule names absolute paths of at most 4,095 bytes.
  private mutating func isNameable(_ pieces: [VMRule.Piece], _ place: VMPlace) -> Bool {
    guard case .literal(let path) = pieces.first else { return true }
    switch PathText.problem(of: path) {
    case nil: return true
    case let problem?:
      note(place, "\(SafeText.render(path)) is in no rule: \(problem)")
      return false
    }
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
  var place: VMPlace
  var backing = Backing.header
}
