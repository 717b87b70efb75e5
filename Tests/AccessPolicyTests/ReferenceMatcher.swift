// SPDX-License-Identifier: Apache-2.0

@testable import AccessPolicy

/// The meaning of globs and rules, written down as plainly as can be: it tries everything, rule by rule.
enum ReferenceMatcher {
  /// Whether a glob matches all of a path, or with `isPrefix` something that goes on behind it.
  static func matches(_ glob: Glob, _ path: [UInt8], isPrefix: Bool = false) -> Bool {
    matches(glob.elements[...], path[...], isPrefix) { $0.isEmpty }
  }

  /// `rest` says whether what is left of the path is right for all that comes behind these elements.
  private static func matches(
    _ elements: ArraySlice<Glob.Element>, _ path: ArraySlice<UInt8>, _ isPrefix: Bool,
    _ rest: (ArraySlice<UInt8>) -> Bool
  ) -> Bool {
    guard let element = elements.first else { return rest(path) }
    let others = elements.dropFirst()
    if isPrefix, path.isEmpty { return true }
    switch element {
    case .literal(let bytes):
      if isPrefix, path.count < bytes.count { return bytes.starts(with: path) }
      return path.starts(with: bytes) && matches(others, path.dropFirst(bytes.count), isPrefix, rest)
    case .value(let value):
      let bytes = [0, value.rawValue]
      if isPrefix, path.count < bytes.count { return bytes.starts(with: path) }
      return path.starts(with: bytes) && matches(others, path.dropFirst(bytes.count), isPrefix, rest)
    case .one(let set):
      guard let first = path.first, set.contains(first) else { return false }
      return matches(others, path.dropFirst(), isPrefix, rest)
    case .many(let set):
      var path = path
      while true {
        if matches(others, path, isPrefix, rest) { return true }
        guard let first = path.first, set.contains(first) else { return false }
        path = path.dropFirst()
        if isPrefix, path.isEmpty { return true }
      }
    case .alternatives(let parts):
      return parts.contains { part in
        matches(part[...], path, isPrefix) { matches(others, $0, isPrefix, rest) }
      }
    }
  }

  /// What all rules of a domain say of a path.
  static func look(
    up path: [UInt8], root: Glob.Root, _ rules: [AccessRule], helpers: [String]
  ) -> (answer: PathAnswer, commands: CommandSet) {
    var answer = PathAnswer()
    var commands = CommandSet.some([])
    var exact: [String?] = []
    var wide: [String?] = []
    for rule in rules {
      guard let object = rule.path, object.glob.root == root else { continue }
      let below = root == .path && path == Array("/".utf8) ? path : path + Array("/".utf8)
      if matches(object.glob, below, isPrefix: true) { answer.isParent = true }
      guard matches(object.glob, path) else { continue }
      switch rule.effect {
      case .allow: answer.allow.formUnion(object.packedPermissions)
      case .audit:
        answer.allow.formUnion(object.packedPermissions)
        answer.audit.formUnion(object.packedPermissions)
      case .deny: answer.deny.formUnion(object.packedPermissions)
      case .denyQuietly: answer.quiet.formUnion(object.packedPermissions)
      }
      commands = commands.union(object.commands)
      if object.verb == .exec, !rule.isDenial {
        if object.glob.isLiteral { exact.append(object.helper) } else { wide.append(object.helper) }
      }
    }
    let target = exact.isEmpty ? wide.compactMap(\.self).first : exact.compactMap(\.self).first
    if let target, let index = helpers.firstIndex(of: target) { answer.helper = UInt32(index + 1) }
    return (answer, commands)
  }
}
