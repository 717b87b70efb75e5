// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy

/// Writes rules as a person would.
enum RuleText {
  /// The rules that allow, or deny, these permissions on one path.
  ///
  /// - Parameters:
  ///   - verb: For what is done with files: `file`, `object`, `shared` or `temp`.
  ///   - prefix: `deny`, `deny quiet`, or nothing.
  static func rules(
    _ pattern: PathPattern, _ permissions: PathPermissions, commands: Set<UInt32> = [], _ verb: String,
    prefix: String = ""
  ) -> [String] {
    let before = prefix.isEmpty ? "" : prefix + " "
    let word = pattern.word
    // A denial names no commands.
    let sent = prefix.isEmpty ? names(of: commands) : []
    var lines: [String] = []
    var files = permissions.intersection(.ofFiles)
    if permissions.contains(.execute) {
      lines.append("\(before)exec \(word)")
      files.remove(.map)
    }
    var device = permissions.intersection([.deviceRead, .deviceWrite])
    if verb == "object", !device.isEmpty {
      // An object may be a block device: to read and write it is to open its node.
      if device.contains(.deviceRead) { files.insert(.read) }
      if device.contains(.deviceWrite) { files.insert(.write) }
      device = []
    }
    var ownCommands: [String] = []
    if verb == "object", !sent.isEmpty {
      if files.ruleWords == nil { files.insert(.read) }
      ownCommands = sent
    }
    if verb == "temp", !files.isEmpty {
      lines.append("\(before)temp \(word)")
    } else if let words = files.ruleWords {
      lines.append("\(before)\(verb) \(words) \(word)" + ioctl(ownCommands))
    }
    if !device.isEmpty || sent.count > ownCommands.count {
      // Whoever sends a command has opened it, for reading at least.
      let letters =
        (device.contains(.deviceRead) || device.isEmpty ? "r" : "") + (device.contains(.deviceWrite) ? "w" : "")
      lines.append("\(before)device \(letters) \(word)" + ioctl(sent))
    }
    if permissions.contains(.unixListen) { lines.append("\(before)unix listen \(word)") }
    if permissions.contains(.unixConnect) { lines.append("\(before)unix connect \(word)") }
    return lines
  }

  /// The names of ioctl commands as policies have them, sorted; numbers where there is none.
  static func names(of commands: Set<UInt32>) -> [String] {
    commands.map { commandNames[$0] ?? "0x" + String($0, radix: 16) }.sorted()
  }

  private static let commandNames = Dictionary(
    CommandNames.all.map { ($0.number, $0.name) }, uniquingKeysWith: { first, _ in first })

  /// What follows a rule that allows these commands, too.
  static func ioctl(_ names: [String]) -> String {
    names.isEmpty ? "" : " ioctl " + names.joined(separator: " ")
  }

  /// What a `temp` rule allows.
  static let temporary: PathPermissions = [.read, .write, .append, .create, .delete, .lock, .truncate]
}
