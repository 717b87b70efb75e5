// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy

/// Finds names that will be others in the next run: process ids, random ends, libvirt's numbers of starts.
///
/// A rule with such a name would allow nothing tomorrow, or what somebody else puts there under that name.
enum OneOffNames {
  /// Folders whose files live as long as a run, or less.
  static let temporaryFolders = ["/tmp", "/var/tmp", "/dev/shm", "/run", "/var/run"]

  /// Beginnings after which programs put random letters: QEMU's vmstate and memory files, libvirt's probing sockets.
  private static let randomAfter = ["vl.", "qemu_back_mem.", "qmp-"]
  /// As many letters as mkstemp(3) puts in.
  private static let randomLength = 6

  /// The path with such names left open; itself, when there is none.
  static func pattern(of path: [UInt8], isCreated: Bool) -> PathPattern {
    let components = PathBytes.components(path)
    let isTemporary = PathBytes.isBelow(path, temporaryFolders)
    let isProcess = components.first.map { $0.elementsEqual("proc".utf8) } ?? false
    var pieces: [PathPattern.Piece] = []
    for (index, component) in components.enumerated() {
      pieces.append(.literal([PathBytes.slash]))
      if isProcess, index > 0, component.allSatisfy(PathBytes.isDigit) {
        pieces.append(.digits)
      } else {
        pieces += open(component, isTemporary: isTemporary, isLast: index == components.count - 1, isCreated: isCreated)
      }
    }
    return pieces.isEmpty ? PathPattern(path) : PathPattern(pieces)
  }

  private static func open(
    _ name: [UInt8], isTemporary: Bool, isLast: Bool, isCreated: Bool
  ) -> [PathPattern.Piece] {
    if let pieces = startOfDomain(name) { return pieces }
    if let length = randomTail(name, isTemporary: isTemporary, isCreated: isLast && isCreated) {
      return [.literal(Array(name.dropLast(length))), .bytes(length)]
    }
    if isTemporary, let pieces = processNumber(name) { return pieces }
    return [.literal(name)]
  }

  /// libvirt's `domain-1-web1` is `domain-2-web1` at the next start.
  private static func startOfDomain(_ name: [UInt8]) -> [PathPattern.Piece]? {
    let begin = Array("domain-".utf8)
    guard name.starts(with: begin) else { return nil }
    let digits = name[begin.count...].prefix(while: PathBytes.isDigit)
    guard !digits.isEmpty, digits.endIndex < name.count, name[digits.endIndex] == UInt8(ascii: "-") else { return nil }
    return [.literal(begin), .digits, .literal(Array(name[digits.endIndex...]))]
  }

  private static func randomTail(_ name: [UInt8], isTemporary: Bool, isCreated: Bool) -> Int? {
    guard name.count > randomLength else { return nil }
    let tail = name.suffix(randomLength)
    guard tail.allSatisfy(PathBytes.isAlphanumeric) else { return nil }
    let head = name.dropLast(randomLength)
    if randomAfter.contains(where: { head.starts(with: $0.utf8) }) { return randomLength }
    guard isTemporary || isCreated, "._-".utf8.contains(head[head.endIndex - 1]) else { return nil }
    return looksRandom(tail) ? randomLength : nil
  }

  /// Upper and lower case mixed, or a digit before a letter: words and numbered names have neither.
  private static func looksRandom(_ bytes: ArraySlice<UInt8>) -> Bool {
    let isMixed = bytes.contains(where: PathBytes.isUpper) && bytes.contains(where: PathBytes.isLower)
    let letters = bytes.drop { !PathBytes.isDigit($0) }
    return isMixed || letters.contains { !PathBytes.isDigit($0) }
  }

  /// `-1234`, `.1234`, with an ending or without.
  private static func processNumber(_ name: [UInt8]) -> [PathPattern.Piece]? {
    var start = name.startIndex
    while start < name.endIndex {
      let digits = name[start...].prefix(while: PathBytes.isDigit)
      if digits.count >= 3, start == 0 || "._-".utf8.contains(name[start - 1]),
        digits.endIndex == name.count || "._-".utf8.contains(name[digits.endIndex])
      {
        return [.literal(Array(name[..<start])), .digits, .literal(Array(name[digits.endIndex...]))]
      }
      start = max(digits.endIndex, start + 1)
    }
    return nil
  }

  /// Joins paths of one folder that differ in one stretch alone and are made anew each time: what differs is left open.
  static func joined(_ paths: [[UInt8]]) -> PathPattern? {
    guard paths.count > 1, let first = paths.first else { return nil }
    let folder = PathBytes.folder(of: first)
    guard paths.allSatisfy({ $0.count == first.count && PathBytes.folder(of: $0) == folder }) else { return nil }
    var lower = first.count
    var upper = 0
    for path in paths.dropFirst() {
      for index in first.indices where path[index] != first[index] {
        lower = min(lower, index)
        upper = max(upper, index + 1)
      }
    }
    // Shorter ones are names that somebody gave: disk1 and disk2, web1.pid and web1.qmp.
    guard upper > lower, upper - lower >= randomLength, lower > folder.count + 1 else { return nil }
    let isOpen = paths.allSatisfy { $0[lower..<upper].allSatisfy(PathBytes.isAlphanumeric) }
    guard isOpen else { return nil }
    return PathPattern([
      .literal(Array(first[..<lower])), .bytes(upper - lower), .literal(Array(first[upper...])),
    ])
  }
}
