// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A program that runs, and the end of the pipe to which it writes.
struct ProgramOutput: ~Copyable {
  /// To read from, until it ends.
  let descriptor: Int32
  private let child: pid_t
  private let name: String

  /// Starts a program, with no environment and nothing to read; nil, and `errno`, when it cannot be started.
  init?(_ path: String, _ arguments: [String]) {
    var ends: [CInt] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    // The program has one copy, its standard output; with another one it would never come to an end.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    let words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { (word: String) in strdup(word) }
    defer { words.forEach { free($0) } }
    var child = pid_t()
    let code = posix_spawn(&child, path, &actions, nil, words + [nil], [nil])
    close(ends[1])
    guard code == 0 else {
      close(ends[0])
      errno = code
      return nil
    }
    descriptor = ends[0]
    self.child = child
    name = path
  }

  /// Waits for its end; what is wrong when it failed.
  consuming func end() -> String? {
    // When not all was read, it ends by a broken pipe.
    close(descriptor)
    var status: CInt = 0
    while waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { return "\(name) was lost: \(String(cString: strerror(errno)))" }
    }
    if status == 0 { return nil }
    return status & 0x7F == 0
      ? "\(name) ended with code \(status >> 8 & 0xFF)" : "\(name) ended by signal \(status & 0x7F)"
  }
}
