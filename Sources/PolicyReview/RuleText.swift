// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy

/// Writes rules as a person would.
enum RuleText {
  /// The rules that allow, or deny, these permissions on one path.
  ///
  /// - Parameters:
  ///   - verb: For what is done with files: `file`, `object`, `shared` or `temp`.
  ///   - prefix: `deny`, `deny quiet`, or nothing.
  static func rules(_ pattern: PathPattern, _ permissions: PathPermissions, _ verb: String, prefix: String = "")
    -> [String]
  {
    let before = prefix.isEmpty ? "" : prefix + " "
    let word = pattern.word
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
    if verb == "temp", !files.isEmpty {
      lines.append("\(before)temp \(word)")
    } else if let words = files.ruleWords {
      lines.append("\(before)\(verb) \(words) \(word)")
    }
    if !device.isEmpty {
      let letters = (device.contains(.deviceRead) ? "r" : "") + (device.contains(.deviceWrite) ? "w" : "")
      lines.append("\(before)device \(letters) \(word)")
    }
    if permissions.contains(.unixListen) { lines.append("\(before)unix listen \(word)") }
    if permissions.contains(.unixConnect) { lines.append("\(before)unix connect \(word)") }
    return lines
  }

  /// What a `temp` rule allows.
  static let temporary: PathPermissions = [.read, .write, .append, .create, .delete, .lock, .truncate]
}
