// SPDX-License-Identifier: Apache-2.0

/// The dynamic linker's cache of libraries, /etc/ld.so.cache, in the format that glibc writes since 2.2
/// (glibc: sysdeps/generic/dl-cache.h, `struct cache_file_new`).
public struct LinkerCache: Sendable {
  /// Why bytes are no cache.
  public struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public let reason: String
    /// Where.
    public let offset: Int

    /// In words.
    public var description: String { "the linker's cache cannot be read: \(reason), at byte \(offset)" }
  }

  /// The paths for each name, in the cache's order; several, where there are variants for other processors.
  private let paths: [[UInt8]: [[UInt8]]]

  private static let magic = Array("glibc-ld.so.cache1.1".utf8)
  private static let oldMagic = Array("ld.so-1.7.0".utf8)
  private static let headerSize = 48
  private static let entrySize = 24

  /// An empty cache.
  public init() { paths = [:] }

  /// Reads a cache; both the new format alone and behind the old one are understood.
  public init(_ bytes: [UInt8]) throws(Problem) {
    let start = try Self.start(of: bytes)
    let count = Self.number(bytes, start + 20)
    guard count <= (bytes.count - start - Self.headerSize) / Self.entrySize else {
      throw Problem(reason: "it says that it has \(count) entries", offset: start + 20)
    }
    // A flag byte of 3 in the header marks big-endian numbers; 0 and 2 are what this machine writes.
    guard bytes[start + 28] & 3 != 3 else { throw Problem(reason: "its byte order is another", offset: start + 28) }
    var paths: [[UInt8]: [[UInt8]]] = [:]
    for index in 0..<count {
      let entry = start + Self.headerSize + index * Self.entrySize
      let name = try Self.text(bytes, start, Self.number(bytes, entry + 4), entry + 4)
      let path = try Self.text(bytes, start, Self.number(bytes, entry + 8), entry + 8)
      paths[name, default: []].append(path)
    }
    self.paths = paths
  }

  /// How many names it has.
  public var count: Int { paths.count }

  /// The paths that a name may stand for.
  public func candidates(for name: [UInt8]) -> [[UInt8]] { paths[name] ?? [] }

  private static func start(of bytes: [UInt8]) throws(Problem) -> Int {
    var start = 0
    if bytes.starts(with: oldMagic), bytes.count >= 16 {
      // The new part follows the old one's entries of 12 bytes, at a multiple of 8.
      let (size, overflow) = number(bytes, 12).multipliedReportingOverflow(by: 12)
      start = overflow ? bytes.count : (16 + size + 7) & ~7
    }
    guard start <= bytes.count - headerSize, bytes[start...].starts(with: magic) else {
      throw Problem(reason: "it does not begin as a cache does", offset: min(start, bytes.count))
    }
    return start
  }

  private static func text(_ bytes: [UInt8], _ start: Int, _ offset: Int, _ place: Int) throws(Problem) -> [UInt8] {
    guard offset < bytes.count - start else { throw Problem(reason: "a text lies beyond the end", offset: place) }
    let rest = bytes[(start + offset)...].prefix(4097)
    guard let end = rest.firstIndex(of: 0) else { throw Problem(reason: "a text has no end", offset: start + offset) }
    return Array(rest[..<end])
  }

  private static func number(_ bytes: [UInt8], _ offset: Int) -> Int {
    Int(bytes[offset..<(offset + 4)].withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) })
  }
}
