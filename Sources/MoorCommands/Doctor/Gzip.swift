// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Unpacks files with gzip(1), which every Debian has; one process for each file.
enum Gzip {
  private static let program = "/usr/bin/gzip"

  /// What a file unpacks to; nil when there is no gzip, it is no gzip file, or it is longer than the limit.
  static func unpacked(_ path: String, limit: Int) -> [UInt8]? {
    var ends: [CInt] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    let (reading, writing) = (ends[0], ends[1])
    // gzip has one copy, its standard output; with another one it would never come to an end.
    _ = fcntl(reading, F_SETFD, FD_CLOEXEC)
    _ = fcntl(writing, F_SETFD, FD_CLOEXEC)
    let child = spawn(input: path, output: writing)
    close(writing)
    let bytes = child == nil ? nil : read(reading, limit: limit)
    // When not all was read, gzip ends by a broken pipe.
    close(reading)
    guard let child, wait(for: child), let bytes else { return nil }
    return bytes
  }

  private static func spawn(input: String, output: CInt) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    guard posix_spawn_file_actions_init(&actions) == 0 else { return nil }
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input, O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    var child = pid_t()
    let arguments: [UnsafeMutablePointer<CChar>?] = ["gzip", "-dc"].map { (word: String) in strdup(word) }
    defer { arguments.forEach { free($0) } }
    // An empty environment: GZIP and its like must not change what it does.
    let environment: [UnsafeMutablePointer<CChar>?] = [nil]
    return posix_spawn(&child, program, &actions, nil, arguments + [nil], environment) == 0 ? child : nil
  }

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
