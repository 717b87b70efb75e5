// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Where lines of a system log come from.
public enum LogSource: Hashable, Sendable {
  /// A file of any of the forms that docs/formats.md lists, packed by gzip or not; `-` is standard input.
  case file(String)
  /// What the kernel's buffer holds now (`/dev/kmsg`).
  case kernelBuffer
  /// What a program writes to its standard output.
  case program(path: String, arguments: [String])

  /// The journal: what the kernel and audit wrote, of all boots that it holds.
  ///
  /// The entries are asked for with their sender, which journald knows and which no message can forge.
  public static let journal = Self.program(
    path: "/usr/bin/journalctl",
    arguments: [
      "--no-pager", "--quiet", "--output=export",
      "--output-fields=MESSAGE,_TRANSPORT,_AUDIT_ID,_SOURCE_REALTIME_TIMESTAMP", "_TRANSPORT=kernel", "+",
      "_TRANSPORT=audit",
    ])

  /// The name in messages.
  public var name: String {
    switch self {
    case .file("-"): "standard input"
    case .file(let path): path
    case .kernelBuffer: "/dev/kmsg"
    case .program(let path, _): path.split(separator: "/").last.map(String.init) ?? path
    }
  }

  /// A file and what was rotated away from it, the oldest first: `audit.log.2.gz`, `audit.log.1`, `audit.log`; and of those
  /// with a date, `syslog-20261123.gz`, before them.
  public static func rotated(_ path: String) -> [LogSource] {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    let prefix = slash.map { String(path[...$0]) } ?? ""
    var dated: [(key: String, name: String)] = []
    var numbered: [(key: Int, name: String)] = []
    for entry in entries(of: folder) where entry.hasPrefix(name) {
      var rest = entry.dropFirst(name.count)
      if rest.hasSuffix(".gz") { rest = rest.dropLast(3) }
      let digits = rest.dropFirst()
      guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { continue }
      if rest.first == ".", let number = Int(digits) { numbered.append((number, entry)) }
      if rest.first == "-", digits.count >= 8 { dated.append((String(digits), entry)) }
    }
    let older =
      dated.sorted { $0 < $1 }.map(\.name) + numbered.sorted { ($0.key, $1.name) > ($1.key, $0.name) }.map(\.name)
    return older.map { .file(prefix + $0) } + [.file(path)]
  }

  private static func entries(of folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if let name { names.append(name) }
    }
    return names
  }
}

/// A log that cannot be read at all.
public struct LogSourceError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The log.
  public let source: LogSource
  /// The errno.
  public let code: Int32

  /// `/var/log/x cannot be read: No such file or directory`.
  public var description: String { "\(source.name) cannot be read: \(String(cString: strerror(code)))" }

  /// Whether it is not there.
  public var isMissing: Bool { code == ENOENT || code == ENOTDIR }
  /// Whether this caller may not read it.
  public var isForbidden: Bool { code == EACCES || code == EPERM }
}
