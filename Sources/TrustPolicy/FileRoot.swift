// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A file system below a folder, seen as a process would that has that folder as its root.
///
/// Symbolic links are followed inside it, absolute ones too, so that the files of another host's disk or of a test
/// are found as that host would find them. Nothing here guards against somebody who changes the tree meanwhile.
public struct FileRoot: Sendable {
  /// What a path leads to.
  public struct File: Sendable, Hashable {
    /// Where it is, all symbolic links resolved: what the kernel shows.
    public let path: [UInt8]
    /// What it is.
    public let kind: Kind
    /// Bytes.
    public let size: Int
    /// What tells it from all others, whatever its path.
    public let identity: Identity
  }

  /// What two paths to one file have in common: by hard links, bind mounts, or two nodes of one device.
  public enum Identity: Sendable, Hashable {
    /// A file or a folder, by its file system's device and its number there.
    case inode(device: UInt64, number: UInt64)
    /// A block device, whatever its node.
    case blockDevice(UInt64)
    /// A character device, whatever its node.
    case characterDevice(UInt64)
  }

  /// What can stand in a folder.
  public enum Kind: String, Sendable, Hashable {
    /// A regular file.
    case regular = "regular file"
    /// A folder.
    case folder = "folder"
    /// A device, a pipe or a socket.
    case special = "device, pipe or socket"
  }

  /// Why a path leads nowhere.
  public enum Problem: Error, Sendable, Hashable, CustomStringConvertible {
    /// A component is not there.
    case missing
    /// More than 40 symbolic links, as many as the kernel follows.
    case loop
    /// What the operating system says.
    case system(Int32)
    /// The file is longer than was asked for.
    case tooLong(Int)

    /// In words.
    public var description: String {
      switch self {
      case .missing: "there is no such file"
      case .loop: "there are too many symbolic links"
      case .system(let code): String(cString: strerror(code))
      case .tooLong(let limit): "it is longer than \(limit) bytes"
      }
    }
  }

  private let root: [UInt8]
  private static let slash = UInt8(ascii: "/")

  /// Makes a root of a folder; `/` is the file system as it is.
  public init(_ folder: String = "/") {
    var bytes = Array(folder.utf8)
    while bytes.last == Self.slash { bytes.removeLast() }
    root = bytes
  }

  /// Follows a path to its file.
  public func resolve(_ path: [UInt8]) throws(Problem) -> File {
    var waiting = Array(Self.components(path).reversed())
    var reached: [[UInt8]] = []
    var links = 0
    var status = stat()
    guard lstat(Self.terminated(root + [Self.slash]), &status) == 0 else { throw Self.problem() }
    while let component = waiting.popLast() {
      guard status.st_mode & S_IFMT == S_IFDIR else { throw .missing }
      if component == Array("..".utf8) {
        _ = reached.popLast()
        guard lstat(Self.terminated(root + Self.join(reached)), &status) == 0 else { throw Self.problem() }
        continue
      }
      let here = Self.join(reached + [component])
      guard lstat(Self.terminated(root + here), &status) == 0 else { throw Self.problem() }
      guard status.st_mode & S_IFMT == S_IFLNK else {
        reached.append(component)
        continue
      }
      links += 1
      guard links <= 40 else { throw .loop }
      let target = try readLink(here)
      if target.first == Self.slash { reached = [] }
      waiting += Self.components(target).reversed()
      guard lstat(Self.terminated(root + Self.join(reached)), &status) == 0 else { throw Self.problem() }
    }
    let kind: Kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .folder
      default: .special
      }
    let identity: Identity =
      switch status.st_mode & S_IFMT {
      case S_IFBLK: .blockDevice(UInt64(status.st_rdev))
      case S_IFCHR: .characterDevice(UInt64(status.st_rdev))
      default: .inode(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
      }
    return File(path: Self.join(reached), kind: kind, size: Int(status.st_size), identity: identity)
  }

  /// The names in a folder, sorted; empty when there is no such folder, or it cannot be read.
  public func names(in folder: [UInt8]) -> [[UInt8]] { (try? contents(of: folder)) ?? [] }

  /// The names in a folder, sorted.
  public func contents(of folder: [UInt8]) throws(Problem) -> [[UInt8]] {
    let file = try resolve(folder)
    guard file.kind == .folder else { throw .system(ENOTDIR) }
    guard let stream = opendir(Self.terminated(root + file.path)) else { throw Self.problem() }
    defer { closedir(stream) }
    var names: [[UInt8]] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
    }
    return names.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// The content of a regular file.
  public func read(_ path: [UInt8], limit: Int) throws(Problem) -> [UInt8] {
    let file = try resolve(path)
    guard file.size <= limit else { throw .tooLong(limit) }
    let handle = try Handle(self, file)
    return try handle.read(at: 0, count: file.size)
  }

  /// The path by which the operating system reaches a resolved file.
  public func systemPath(_ file: File) -> [UInt8] { root + file.path }

  /// An open regular file, read at any place.
  public final class Handle: Sendable {
    private let descriptor: Int32
    /// Bytes when it was opened.
    public let size: Int

    /// Opens a resolved file.
    public init(_ root: FileRoot, _ file: File) throws(Problem) {
      // Opening a device may do something by itself.
      guard file.kind == .regular else { throw .system(EINVAL) }
      descriptor = open(
        FileRoot.terminated(root.systemPath(file)), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY)
      guard descriptor >= 0 else { throw FileRoot.problem() }
      var status = stat()
      guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        close(descriptor)
        throw .system(EINVAL)
      }
      size = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// The bytes from a place on; fewer than asked for where the file ends.
    public func read(at offset: Int, count: Int) throws(Problem) -> [UInt8] {
      guard offset >= 0, count > 0, offset < size else { return [] }
      let wanted = min(count, size - offset)
      var failure: Int32 = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
        while filled < wanted {
          let got = pread(descriptor, buffer.baseAddress.map { $0 + filled }, wanted - filled, off_t(offset + filled))
          if got < 0, errno == EINTR { continue }
          if got < 0 { failure = errno }
          if got <= 0 { break }
          filled += got
        }
      }
      if failure != 0 { throw .system(failure) }
      return bytes
    }
  }

  private func readLink(_ path: [UInt8]) throws(Problem) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = buffer.withUnsafeMutableBytes { buffer in
      guard let start = buffer.baseAddress else { return -1 }
      return readlink(Self.terminated(root + path), start.assumingMemoryBound(to: CChar.self), buffer.count)
    }
    guard count >= 0 else { throw Self.problem() }
    return Array(buffer.prefix(count))
  }

  private static func components(_ path: [UInt8]) -> [[UInt8]] {
    path.split(separator: slash).map(Array.init).filter { $0 != Array(".".utf8) }
  }

  private static func join(_ components: [[UInt8]]) -> [UInt8] {
    components.isEmpty ? [slash] : components.flatMap { [slash] + $0 }
  }

  /// A path for the C library; what stands behind a NUL would be lost, so such a path leads nowhere.
  private static func terminated(_ path: [UInt8]) -> [CChar] {
    path.contains(0) ? [0] : path.map { CChar(bitPattern: $0) } + [0]
  }

  private static func problem() -> Problem {
    errno == ENOENT || errno == ENOTDIR ? .missing : .system(errno)
  }
}
