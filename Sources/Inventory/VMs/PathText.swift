// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

/// Paths as they are found in descriptions of VMs, and as a policy has them.
enum PathText {
  static let slash = UInt8(ascii: "/")

  /// Why no rule can name a path; nil when one can, perhaps once `.` and `..` are resolved.
  static func problem(of path: [UInt8]) -> String? {
    guard path.first == slash else { return "it is relative, and to which folder is not known" }
    if path.count > 4095 { return "it is longer than 4,095 bytes" }
    if path.contains(0) { return "it has a NUL in it" }
    if path.starts(with: "/dev/fdset/".utf8) { return "QEMU takes it for a descriptor that is handed in" }
    return nil
  }

  /// A path seen from a folder; absolute ones stay as they are.
  static func join(_ folder: [UInt8], _ path: [UInt8]) -> [UInt8] {
    path.first == slash ? path : (folder.last == slash ? folder : folder + [slash]) + path
  }

  /// All before the last `/`, which stays; empty when there is none.
  static func folder(of path: [UInt8]) -> [UInt8] { Array(path[..<((path.lastIndex(of: slash) ?? -1) + 1)]) }

  /// What stands behind the last `/`.
  static func name(of path: [UInt8]) -> [UInt8] { Array(path[((path.lastIndex(of: slash) ?? -1) + 1)...]) }

  /// The word of a rule that matches these pieces and nothing else.
  static func word(_ pieces: [VMRule.Piece]) -> String {
    if pieces.count == 1, case .literal(let path) = pieces[0] { return Quote.word(path) }
    return pieces.map { piece in
      switch piece {
      case .literal(let bytes): bytes.map(escaped).joined()
      case .digits: "[0-9]+"
      case .star: "*"
      case .below: "/**"
      }
    }.joined()
  }

  private static func escaped(_ byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      return String(UnicodeScalar(byte))
    case _ where "/._-:=%~^".utf8.contains(byte): return String(UnicodeScalar(byte))
    case 0x20...0x7E: return "\\" + String(UnicodeScalar(byte))
    default:
      let digits = String(byte, radix: 16)
      return "\\x" + (digits.count == 1 ? "0" : "") + digits
    }
  }
}
