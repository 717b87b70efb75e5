// SPDX-License-Identifier: Apache-2.0

internal import EventLog

/// Names of decisions: the same each time, and safe to print whatever a VM has called its files.
enum ReviewID {
  private static let longest = 96

  /// A path as part of a name: itself when it is plain, otherwise its beginning and a digest of all of it.
  static func part(_ bytes: [UInt8]) -> String {
    if bytes.isEmpty { return "/" }
    let isPlain =
      bytes.count <= longest && bytes.allSatisfy { (0x21...0x7E).contains($0) && !#""\:"#.utf8.contains($0) }
    if isPlain { return String(decoding: bytes, as: UTF8.self) }
    let begin = bytes.prefix(40).map { PathBytes.isAlphanumeric($0) || "/._-".utf8.contains($0) ? $0 : 0x5F }
    return String(decoding: begin, as: UTF8.self) + "~" + digest(bytes)
  }

  /// The first 16 hex digits of SHA-256; where libcrypto cannot compute it, the text itself in hex.
  static func digest(_ bytes: [UInt8]) -> String {
    guard let digest = try? Digest(hashing: bytes, with: .sha256) else { return HexBytes(bytes).description }
    return HexBytes(digest.bytes.prefix(8)).description
  }

  static func digest(of choices: [ReviewChoice], _ conflict: String?) -> String {
    let words = choices.map { choice in
      ([choice.id, choice.helper ?? ""] + choice.statements + ["/"] + choice.shared).joined(separator: "\n")
    }
    return digest(Array((words + [conflict ?? ""]).joined(separator: "\n\n").utf8))
  }
}
