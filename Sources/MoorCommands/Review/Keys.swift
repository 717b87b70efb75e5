// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// One key of a person, or what ends the asking.
enum Key: Equatable {
  case letter(Character)
  /// Ctrl-C, or a signal that ends programs.
  case interrupt
  /// Nobody is there any more.
  case end
}

/// Where keys come from, so that tests can press them.
protocol KeySource: AnyObject {
  /// Whether a person can press any.
  var isTerminal: Bool { get }
  /// Takes the terminal: keys come one by one, and are not shown.
  func begin()
  /// Gives it back as it was; may be called twice.
  func end()
  /// Waits for the next key.
  func next() -> Key
}

/// The keys of the terminal on standard input.
///
/// From ``begin()`` to ``end()`` keys that make signals come as keys, and the signals that end or stop a program wait until
/// they are looked for: whatever happens, short of a kill that nobody can catch, the terminal is given back first.
final class TerminalKeys: KeySource {
  private var before: termios?
  private var mask = sigset_t()
  private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]
  /// Milliseconds between two looks for a signal.
  private static let patience: Int32 = 200

  var isTerminal: Bool { isatty(STDIN_FILENO) == 1 }

  deinit { end() }

  func begin() {
    var now = termios()
    guard before == nil, tcgetattr(STDIN_FILENO, &now) == 0 else { return }
    var blocked = Self.set()
    pthread_sigmask(SIG_BLOCK, &blocked, &mask)
    before = now
    now.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
    withUnsafeMutableBytes(of: &now.c_cc) { controls in
      controls[Int(VMIN)] = 1
      controls[Int(VTIME)] = 0
    }
    tcsetattr(STDIN_FILENO, TCSADRAIN, &now)
  }

  func end() {
    guard var old = before else { return }
    before = nil
    tcsetattr(STDIN_FILENO, TCSADRAIN, &old)
    pthread_sigmask(SIG_SETMASK, &mask, nil)
  }

  func next() -> Key {
    while true {
      if isSignalled() { return .interrupt }
      var waiting = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      let count = poll(&waiting, 1, Self.patience)
      if count == 0 || count < 0 && errno == EINTR { continue }
      var byte: UInt8 = 0
      let got = read(STDIN_FILENO, &byte, 1)
      if got < 0, errno == EINTR || errno == EAGAIN { continue }
      guard got == 1 else { return .end }
      switch byte {
      case 3, 28: return .interrupt
      case 4: return .end
      case 26:
        suspend()
        return .letter("l")
      default: return .letter(Character(UnicodeScalar(byte < 0x80 ? byte : UInt8(ascii: "?"))))
      }
    }
  }

  /// Ctrl-Z: the shell gets the terminal as it was.
  private func suspend() {
    end()
    raise(SIGSTOP)
    begin()
  }

  private func isSignalled() -> Bool {
    var signals = Self.set()
    var now = timespec(tv_sec: 0, tv_nsec: 0)
    return before != nil && sigtimedwait(&signals, nil, &now) > 0
  }

  private static func set() -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal) }
    return set
  }
}
