// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

/// A path with wildcards: `?` is one byte but `/`, `*` any number of bytes but `/`, `**` any number of bytes.
///
/// A pattern never reaches the kernel. It says which files the lock may hold digests of.
public struct TrustPattern: Sendable, Hashable {
  private enum Element: Sendable, Hashable {
    case byte(UInt8)
    case one
    case some
    case all
  }

  /// The pattern as it stands in the policy.
  public let text: String
  private let prefix: [UInt8]
  private let rest: [Element]

  /// Why an argument is no pattern that trust can be given to.
  enum Problem: Error, Equatable {
    /// `[` or `{`, at this index.
    case unsupported(Int)
    /// Fewer than two folders stand before the first wildcard.
    case wide
    /// Everybody can write there.
    case writable(String)
    case path(TrustPath.Problem)
  }

  init(_ argument: Argument) throws(Problem) {
    var elements: [Element] = []
    var index = 0
    while index < argument.bytes.count {
      let byte = argument.bytes[index]
      index += 1
      guard !argument.isLiteral(at: index - 1) else {
        elements.append(.byte(byte))
        continue
      }
      switch byte {
      case UInt8(ascii: "?"): elements.append(.one)
      case UInt8(ascii: "["), UInt8(ascii: "{"): throw .unsupported(index - 1)
      case UInt8(ascii: "*"):
        var count = 1
        while index < argument.bytes.count, argument.bytes[index] == byte, !argument.isLiteral(at: index) {
          count += 1
          index += 1
        }
        elements.append(count > 1 ? .all : .some)
      default: elements.append(.byte(byte))
      }
    }
    if let problem = TrustPath.problem(of: argument.bytes) { throw .path(problem) }
    let literal = elements.prefix {
      if case .byte = $0 { true } else { false }
    }
    prefix = literal.compactMap { if case .byte(let byte) = $0 { byte } else { nil } }
    rest = Array(elements.dropFirst(literal.count))
    let location = argument.location
    text = SafeText.render(location.source.bytes[location.range], limit: .max)
    guard prefix.filter({ $0 == UInt8(ascii: "/") }).count >= 3 else { throw .wide }
    let folders = Self.writable.first { prefix.starts(with: $0.utf8) }
    if let folders { throw .writable(folders) }
  }

  private static let writable = [
    "/tmp/", "/var/tmp/", "/dev/", "/proc/", "/sys/", "/home/", "/root/", "/run/", "/var/run/", "/media/", "/mnt/",
  ]

  /// The folder that stands before the first wildcard.
  public var folder: [UInt8] { Array(prefix[..<(prefix.lastIndex(of: UInt8(ascii: "/")) ?? 0)]) }

  /// Whether the pattern covers a path.
  public func matches(_ path: TrustPath) -> Bool {
    guard path.bytes.starts(with: prefix) else { return false }
    // States of the automaton that the pattern is; as many steps as bytes, none of them backwards.
    var states = [Bool](repeating: false, count: rest.count + 1)
    states[0] = true
    close(&states)
    for byte in path.bytes[prefix.count...] {
      var next = [Bool](repeating: false, count: rest.count + 1)
      for (index, element) in rest.enumerated() where states[index] {
        switch element {
        case .byte(let wanted): if byte == wanted { next[index + 1] = true }
        case .one: if byte != UInt8(ascii: "/") { next[index + 1] = true }
        case .some: if byte != UInt8(ascii: "/") { next[index] = true }
        case .all: next[index] = true
        }
      }
      states = next
      close(&states)
    }
    return states[rest.count]
  }

  /// A star may stand for nothing.
  private func close(_ states: inout [Bool]) {
    for (index, element) in rest.enumerated() where states[index] {
      if element == .some || element == .all { states[index + 1] = true }
    }
  }
}
