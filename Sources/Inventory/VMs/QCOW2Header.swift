// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

/// What a qcow2 image says of other files, by its header: docs/interop/qcow2.txt of QEMU, versions 2 and 3.
///
/// An image may come from a guest or from a stranger: what it says is bounded as QEMU bounds it, and believed to be no more
/// than names.
public struct QCOW2Header: Sendable, Hashable {
  /// 2 or 3.
  public let version: Int
  /// The name of what lies behind it, as it stands there: a path, relative to the image's folder, or `PROTOCOL:...`.
  public let backingFile: [UInt8]?
  /// The format of what lies behind it, when it says so.
  public let backingFormat: String?
  /// The name of the file that holds the guest's data in place of the image.
  public let dataFile: [UInt8]?
  /// Whether the data are in another file, named or not.
  public let hasDataFile: Bool

  /// Why bytes are no header that can be followed.
  public enum Problem: Error, Sendable, Hashable, CustomStringConvertible {
    /// It does not begin as one.
    case otherFormat
    /// A version that is neither 2 nor 3.
    case version(UInt32)
    /// It ends before the header does.
    case truncated(at: Int)
    /// A number out of its range.
    case field(String, at: Int, value: UInt64)
    /// A name with a NUL in it, or an empty one.
    case name(String, at: Int)
    /// An extension that is there twice.
    case doubled(String, at: Int)

    /// In words, with the place in the file.
    public var description: String {
      switch self {
      case .otherFormat: "it is no qcow2 image"
      case .version(let version): "byte 4: version \(version) of qcow2 is not known; expected 2 or 3"
      case .truncated(let offset): "byte \(offset): the image ends within its header"
      case .field(let name, let offset, let value): "byte \(offset): the \(name) is \(value), which is out of range"
      case .name(let name, let offset): "byte \(offset): the \(name) is empty or has a NUL in it"
      case .doubled(let name, let offset): "byte \(offset): the \(name) stands there twice"
      }
    }
  }

  static let magic = Array("QFI".utf8) + [0xFB]
  /// The longest name of a backing file, as QEMU takes it.
  private static let longestName = 1023
  /// The longest name of a format that QEMU takes.
  private static let longestFormat = 15
  /// The largest cluster, 2 MiB: nothing that is read here lies behind the first one.
  static let largestCluster = 1 << 21

  /// Reads the beginning of a file: its first cluster, or all of it when it is shorter.
  public init(_ bytes: [UInt8]) throws(Problem) {
    let fields = BigEndianFields(bytes)
    guard bytes.starts(with: Self.magic) else { throw .otherFormat }
    let version = try fields.number32(4)
    guard version == 2 || version == 3 else { throw .version(version) }
    self.version = Int(version)
    let clusterBits = try fields.number32(20)
    guard (9...21).contains(clusterBits) else { throw .field("cluster size", at: 20, value: UInt64(clusterBits)) }
    let cluster = 1 << Int(clusterBits)
    // All of version 2's header is there, whatever is asked of it.
    _ = try fields.number64(64)
    var headerLength = 72
    var incompatible: UInt64 = 0
    if version == 3 {
      incompatible = try fields.number64(72)
      let length = try fields.number32(100)
      guard length >= 104, length % 8 == 0, Int(length) <= cluster else {
        throw .field("header's length", at: 100, value: UInt64(length))
      }
      headerLength = Int(length)
    }
    hasDataFile = incompatible & 4 != 0
    let backing = try Self.backingName(fields, headerLength: headerLength, cluster: cluster)
    backingFile = backing?.name
    let end = min(backing?.offset ?? cluster, cluster)
    let extensions = try Self.extensions(fields, from: headerLength, to: end)
    backingFormat = extensions.backingFormat
    dataFile = hasDataFile ? extensions.dataFile : nil
  }

  private static func backingName(
    _ fields: BigEndianFields, headerLength: Int, cluster: Int
  ) throws(Problem) -> (name: [UInt8], offset: Int)? {
    let offset = try fields.number64(8)
    let length = try fields.number32(16)
    if offset == 0 || length == 0 { return nil }
    guard offset >= UInt64(headerLength), offset < UInt64(cluster) else {
      throw .field("backing file's place", at: 8, value: offset)
    }
    guard length <= UInt32(longestName), Int(offset) + Int(length) <= cluster else {
      throw .field("length of the backing file's name", at: 16, value: UInt64(length))
    }
    let name = try fields.bytes(Int(offset), Int(length))
    if name.contains(0) { throw .name("backing file's name", at: Int(offset)) }
    return (name, Int(offset))
  }

  private static func extensions(
    _ fields: BigEndianFields, from start: Int, to end: Int
  ) throws(Problem) -> (backingFormat: String?, dataFile: [UInt8]?) {
    var backingFormat: String?
    var dataFile: [UInt8]?
    var offset = start
    // Version 2 may have none at all, and then ends with its header.
    while offset + 8 <= min(end, fields.count) {
      let type = try fields.number32(offset)
      if type == 0 { break }
      let length = try fields.number32(offset + 4)
      let content = offset + 8
      guard UInt64(content) + UInt64(length) <= UInt64(end) else {
        throw .field("length of a header extension", at: offset + 4, value: UInt64(length))
      }
      switch type {
      case 0xE279_2ACA:
        if backingFormat != nil { throw .doubled("backing file's format", at: offset) }
        guard length <= longestFormat else {
          throw .field("length of the backing file's format", at: offset + 4, value: UInt64(length))
        }
        let name = try fields.bytes(content, Int(length))
        guard !name.isEmpty, name.allSatisfy({ (0x21...0x7E).contains($0) }) else {
          throw .name("backing file's format", at: content)
        }
        backingFormat = String(decoding: name, as: UTF8.self)
      case 0x4441_5441:
        if dataFile != nil { throw .doubled("data file's name", at: offset) }
        guard length <= 4095 else {
          throw .field("length of the data file's name", at: offset + 4, value: UInt64(length))
        }
        let name = try fields.bytes(content, Int(length))
        guard !name.isEmpty, !name.contains(0) else { throw .name("data file's name", at: content) }
        dataFile = name
      default: break
      }
      offset = content + (Int(length) + 7) / 8 * 8
    }
    return (backingFormat, dataFile)
  }
}

/// Numbers of fixed places, the most significant byte first.
private struct BigEndianFields {
  private let content: [UInt8]
  init(_ content: [UInt8]) { self.content = content }

  var count: Int { content.count }

  func bytes(_ offset: Int, _ length: Int) throws(QCOW2Header.Problem) -> [UInt8] {
    guard offset >= 0, length >= 0, offset <= content.count, length <= content.count - offset else {
      throw .truncated(at: offset)
    }
    return Array(content[offset..<(offset + length)])
  }

  func number32(_ offset: Int) throws(QCOW2Header.Problem) -> UInt32 {
    try bytes(offset, 4).reduce(0) { $0 << 8 | UInt32($1) }
  }

  func number64(_ offset: Int) throws(QCOW2Header.Problem) -> UInt64 {
    try bytes(offset, 8).reduce(0) { $0 << 8 | UInt64($1) }
  }
}
