// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Reads the files that policies consist of; tests read from memory.
public protocol FileReader: Sendable {
  /// The content of a regular file.
  ///
  /// - Parameters:
  ///   - path: As the operating system takes it.
  ///   - limit: Bytes at most; a longer file is an error.
  func read(_ path: String, limit: Int) throws(FileReadError) -> [UInt8]
}

/// Why a file was not read.
public enum FileReadError: Error, Sendable, Equatable, CustomStringConvertible {
  /// There is none of that name.
  case missing
  /// It is there; the text says what stands against it.
  case unreadable(String)

  /// In words.
  public var description: String {
    switch self {
    case .missing: "there is no such file"
    case .unreadable(let reason): reason
    }
  }
}

/// Reads from the file system.
public struct SystemFileReader: FileReader {
  /// Makes a reader.
  public init() {}

  /// The content of a regular file; anything else (a pipe that would never end, a folder) is refused.
  public func read(_ path: String, limit: Int) throws(FileReadError) -> [UInt8] {
    // Not blocking: opening a pipe without a writer would wait for ever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let code = errno
      throw code == ENOENT || code == ENOTDIR ? .missing : .unreadable(String(cString: strerror(code)))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable("it is not a regular file")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(max(Int(status.st_size), 0), limit) + 1)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count == 0 { return bytes }
      if count < 0 {
        let code = errno
        if code == EINTR { continue }
        throw .unreadable(String(cString: strerror(code)))
      }
      guard bytes.count + count <= limit else { throw .unreadable("it is longer than \(limit) bytes") }
      bytes += buffer[..<count]
    }
  }
}
