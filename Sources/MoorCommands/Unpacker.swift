// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Unpacks files with a program that every Debian has, or can have; one process for each file.
struct Unpacker {
  /// Why a file was not unpacked.
  enum Problem: Error, Equatable, CustomStringConvertible {
    /// The program cannot be started.
    case noProgram(String)
    /// It is not packed as its name says, or damaged; or it needs more memory than it may have.
    case damaged(String)
    /// It is longer than this, unpacked.
    case tooLong(Int)

    var description: String {
      switch self {
      case .noProgram(let program): "\(program) cannot be started: install its package"
      case .damaged(let program): "\(program) cannot unpack it: it is damaged"
      case .tooLong(let limit): "unpacked it is longer than \(limit) bytes"
      }
    }
  }

  let program: String
  private let arguments: [String]

  static let gzip = Unpacker(program: "/usr/bin/gzip", arguments: ["-dc"])
  /// With a bound for the memory that a file may ask for; the kernel's modules need 1 MiB.
  static let xz = Unpacker(program: "/usr/bin/xz", arguments: ["-dc", "--memlimit-decompress=256MiB"])
  static let zstd = Unpacker(program: "/usr/bin/zstd", arguments: ["-dcq", "--memory=256MB"])

  /// The one for a file's name; nil when no ending is known.
  static func of(_ name: String) -> Unpacker? {
    if name.hasSuffix(".gz") { return gzip }
    if name.hasSuffix(".xz") { return xz }
    return name.hasSuffix(".zst") ? zstd : nil
  }

  /// What a file unpacks to.
  ///
  /// - Parameter limit: more bytes than this are an error, however short the file is.
  func unpacked(_ path: String, limit: Int) throws(Problem) -> [UInt8] {
    var ends: [CInt] = [-1, -1]
    guard pipe(&ends) == 0 else { throw .noProgram(program) }
    let (reading, writing) = (ends[0], ends[1])
    // The program has one copy, its standard output; with another one it would never come to an end.
    _ = fcntl(reading, F_SETFD, FD_CLOEXEC)
    _ = fcntl(writing, F_SETFD, FD_CLOEXEC)
    let child = spawn(input: path, output: writing)
    close(writing)
    let bytes = child == nil ? nil : Self.read(reading, limit: limit)
    // When not all was read, the program ends by a broken pipe.
    close(reading)
    guard let child else { throw .noProgram(program) }
    let isWhole = Self.wait(for: child)
    guard let bytes else { throw .tooLong(limit) }
    guard isWhole else { throw .damaged(program) }
    return bytes
  }

  private func spawn(input: String, output: CInt) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    guard posix_spawn_file_actions_init(&actions) == 0 else { return nil }
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input, O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    var child = pid_t()
    let words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { (word: String) in strdup(word) }
    defer { words.forEach { free($0) } }
    // An empty environment: GZIP, XZ_OPT and their like must not change what it does.
    let environment: [UnsafeMutablePointer<CChar>?] = [nil]
    return posix_spawn(&child, program, &actions, nil, words + [nil], environment) == 0 ? child : nil
  }

  /// Nil when there is more than the limit.
  private static func read(_ descriptor: CInt, limit: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0, bytes.count + count <= limit else { return nil }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
  }

  private static func wait(for child: pid_t) -> Bool {
    var status: CInt = 0
    while waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { return false }
    }
    return status == 0
  }
}
