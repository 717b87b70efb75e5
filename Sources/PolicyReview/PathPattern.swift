// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

/// A path that was seen, with what is another in each run left open; or a wider one that is offered in its place.
struct PathPattern: Hashable, Sendable {
  /// A part of it.
  enum Piece: Hashable, Sendable {
    /// These bytes, whatever they look like.
    case literal([UInt8])
    /// So many bytes but `/`.
    case bytes(Int)
    /// One digit or more.
    case digits
    /// Any number of bytes but `/`.
    case star
    /// Any number of bytes.
    case deep
  }

  private(set) var pieces: [Piece]

  init(_ path: [UInt8]) { pieces = [.literal(path)] }

  init(_ pieces: [Piece]) {
    var joined: [Piece] = []
    for piece in pieces {
      if case .literal(let bytes) = piece {
        if bytes.isEmpty { continue }
        if case .literal(let before) = joined.last {
          joined[joined.count - 1] = .literal(before + bytes)
          continue
        }
      }
      joined.append(piece)
    }
    self.pieces = joined
  }

  /// The bytes when it stands for one path.
  var literal: [UInt8]? {
    if case .literal(let bytes) = pieces.first, pieces.count == 1 { bytes } else { nil }
  }

  /// The word of a rule that matches it and nothing else: a literal path is quoted where it has to be, and beside wildcards
  /// each byte that could mean something is escaped.
  var word: String {
    if let literal { return Quote.word(literal) }
    return pieces.map { piece in
      switch piece {
      case .literal(let bytes): bytes.map(Self.escaped).joined()
      case .bytes(let count): String(repeating: "?", count: count)
      case .digits: "[0-9]+"
      case .star: "*"
      case .deep: "**"
      }
    }.joined()
  }

  /// The path for a person: safe to print, wildcards unescaped.
  var shown: String { literal.map { SafeText.render($0) } ?? word }

  private static func escaped(_ byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      return String(UnicodeScalar(byte))
    case _ where "/._-+:=%~^".utf8.contains(byte): return String(UnicodeScalar(byte))
    case 0x20...0x7E: return "\\" + String(UnicodeScalar(byte))
    default:
      let digits = String(byte, radix: 16)
      return "\\x" + (digits.count == 1 ? "0" : "") + digits
    }
  }
}

/// What paths are made of.
enum PathBytes {
  static let slash = UInt8(ascii: "/")

  /// Everything before the last `/`; empty for what stands in the root.
  static func folder(of path: [UInt8]) -> [UInt8] { Array(path[..<(path.lastIndex(of: slash) ?? 0)]) }

  static func name(of path: [UInt8]) -> [UInt8] { Array(path[(path.lastIndex(of: slash).map { $0 + 1 } ?? 0)...]) }

  static func components(_ path: [UInt8]) -> [[UInt8]] { path.split(separator: slash).map(Array.init) }

  static func isBelow(_ path: [UInt8], _ folders: [String]) -> Bool {
    folders.contains { path.starts(with: Array($0.utf8) + [slash]) }
  }

  /// Whether a rule can name it: absolute, without empty, `.` and `..` components, without `/` at its end, at most
  /// 4,095 bytes and no NUL.
  static func isNameable(_ path: [UInt8]) -> Bool {
    guard path.first == slash, path.count <= 4095, !path.contains(0) else { return false }
    if path.count == 1 { return true }
    return path.dropFirst().split(separator: slash, omittingEmptySubsequences: false).allSatisfy {
      !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8)
    }
  }

  static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
  static func isUpper(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
  static func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
  static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isUpper(byte) || isLower(byte) }
}
