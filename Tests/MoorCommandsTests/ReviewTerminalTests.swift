// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Testing

@testable import MoorCommands

/// `moor review` itself, on a terminal of its own.
@Suite(.serialized) struct ReviewTerminalTests {
  /// A program at the other end of a pseudo terminal.
  private final class Session {
    let terminal: Int32
    let process: pid_t
    /// The terminal's other end, kept open so that its modes can be looked at when the program is gone.
    private let slave: Int32
    private(set) var output = ""

    init(_ program: String, _ arguments: [String]) throws {
      var (ours, theirs): (Int32, Int32) = (-1, -1)
      try #require(openpty(&ours, &theirs, nil, nil, nil) == 0)
      terminal = ours
      slave = theirs
      for descriptor in [ours, theirs] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
      let name = try #require(ttyname(theirs).map { String(cString: $0) })
      var actions = posix_spawn_file_actions_t()
      posix_spawn_file_actions_init(&actions)
      posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
      posix_spawn_file_actions_adddup2(&actions, 0, 1)
      posix_spawn_file_actions_adddup2(&actions, 0, 2)
      var attributes = posix_spawnattr_t()
      posix_spawnattr_init(&attributes)
      posix_spawnattr_setflags(&attributes, 0x80)  // POSIX_SPAWN_SETSID: the terminal becomes its own
      var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
      var child: pid_t = 0
      let code = posix_spawn(&child, program, &actions, &attributes, &words, environ)
      for word in words { free(word) }
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
      process = child
      try #require(code == 0, "\(program): \(String(cString: strerror(code)))")
    }

    deinit {
      close(terminal)
      close(slave)
    }

    func press(_ text: String) { _ = Array(text.utf8).withUnsafeBytes { write(terminal, $0.baseAddress, $0.count) } }

    /// Reads until a text was shown since the last such call.
    func expect(_ text: String) throws {
      let end = Date().addingTimeInterval(60)
      while !output.contains(text) {
        var waiting = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
        guard Date() < end, poll(&waiting, 1, 1_000) >= 0 else { break }
        guard waiting.revents & Int16(POLLIN) != 0 else { continue }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(terminal, &buffer, buffer.count)
        guard count > 0 else { break }
        output += String(decoding: buffer[..<count], as: UTF8.self)
      }
      let range = try #require(output.firstRange(of: text), "'\(text)' was not shown:\n\(output)")
      output = String(output[range.upperBound...])
    }

    /// Waits for its end: the exit code, or minus the signal.
    func end() -> Int32 {
      var status: Int32 = 0
      while waitpid(process, &status, 0) < 0, errno == EINTR {}
      return status & 0x7F == 0 ? (status >> 8) & 0xFF : -(status & 0x7F)
    }

    /// Whether keys come line by line, are shown, and make signals: as a shell wants it.
    var isSane: Bool {
      var modes = termios()
      guard tcgetattr(slave, &modes) == 0 else { return false }
      let wanted = tcflag_t(ICANON | ECHO | ISIG)
      return modes.c_lflag & wanted == wanted
    }
  }

  private let folder: TemporaryFolder
  private static let program =
    URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "moor").path

  init() throws {
    folder = try TemporaryFolder()
    _ = try folder.write("p.moor", ReviewCommandTests.policy)
    _ = try folder.write("log", ReviewCommandTests.log)
  }

  private func start() throws -> Session {
    try Session(
      Self.program,
      [
        "review", "--policy", "\(folder.path)/p.moor", "--log", "\(folder.path)/log", "--search-path", folder.path,
        "--root", folder.path,
      ])
  }

  @Test func aPersonDecidesAndItIsWritten() throws {
    let session = try start()
    try session.expect("web1 (1 of 4)")
    try session.expect("[q]uit")
    #expect(!session.isSane)
    for (key, next) in [("a", "(2 of 4)"), ("s", "(3 of 4)"), ("u", "(2 of 4)"), ("s", "(3 of 4)"), ("a", "(4 of 4)")] {
      session.press(key)
      try session.expect(next)
    }
    session.press("d")
    try session.expect("Write it?")
    session.press("y")
    try session.expect("wrote")
    #expect(session.end() == 0)
    #expect(session.isSane)
    #expect(try folder.read("p.moor").contains("\n  temp /var/tmp/vl.??????\n"))
  }

  @Test(arguments: ["\u{3}", "TERM", "INT", "HUP"])
  func theTerminalIsGivenBackWhateverEndsIt(_ how: String) throws {
    let session = try start()
    try session.expect("[q]uit")
    session.press("a")
    try session.expect("(2 of 4)")
    try session.expect("[q]uit")
    #expect(!session.isSane)
    switch how {
    case "TERM": kill(session.process, SIGTERM)
    case "INT": kill(session.process, SIGINT)
    case "HUP": kill(session.process, SIGHUP)
    default: session.press(how)
    }
    #expect(session.end() == 75)
    #expect(session.isSane)
    #expect(try folder.read("p.moor") == ReviewCommandTests.policy)
    // What was answered is there the next time.
    let later = try start()
    try later.expect("1 of them answered before")
    try later.expect("(2 of 4)")
    later.press("q")
    #expect(later.end() == 0)
    #expect(later.isSane)
  }
}
