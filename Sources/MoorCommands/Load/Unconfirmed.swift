// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import KernelModule

/// A load that is taken back unless somebody keeps it: a file that is there until one side has decided.
///
/// Whoever removes the file's name has decided, and only one can: `moor load --keep`, or the process that waits. That
/// process holds a lock on the file, so that one which it left behind when it was killed is known.
struct Unconfirmed: ~Copyable {
  private static let name = "unconfirmed"
  private let path: String
  private let descriptor: Int32

  /// Begins; what was left behind by a process that is gone is in force for good.
  ///
  /// - Throws: ``CommandFailure`` with `temporary` when another load waits to be kept.
  init(folder: String) throws(CommandFailure) {
    let path = "\(folder)/\(Self.name)"
    descriptor = try Self.make(path, in: folder)
    self.path = path
  }

  private static func make(_ path: String, in folder: String) throws(CommandFailure) -> Int32 {
    guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw failure(folder) }
    try requireNone(folder: folder)
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    if descriptor < 0, errno == EEXIST { throw waits }
    guard descriptor >= 0 else { throw failure(path) }
    // Others hold it for a moment, to see whether somebody waits; who came before the lock took it for one left behind.
    guard flock(descriptor, LOCK_EX) == 0, isNamed(descriptor) else {
      close(descriptor)
      throw waits
    }
    return descriptor
  }

  deinit { close(descriptor) }

  private static func failure(_ path: String) -> CommandFailure {
    CommandFailure(.cannotCreate, "\(path) cannot be written: \(String(cString: strerror(errno)))")
  }

  private static var waits: CommandFailure {
    CommandFailure(
      .temporary, "a policy is in force until it is kept or its time is up: `moor load --keep` keeps it")
  }

  /// Whether nobody has decided yet.
  var isOpen: Bool { Self.isNamed(descriptor) }

  private static func isNamed(_ descriptor: Int32) -> Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_nlink > 0
  }

  /// Decides; false when the other side has.
  func decide() -> Bool { isOpen && unlink(path) == 0 }

  /// Makes sure that no load waits to be kept.
  static func requireNone(folder: String) throws(CommandFailure) {
    if state(folder: folder, forgetting: true) == .waiting { throw waits }
  }

  /// What there is to keep.
  enum State {
    case none, waiting
    /// The process that waited is gone.
    case left
  }

  /// - Parameter forgetting: What is left is removed, while nobody else can.
  static func state(folder: String, forgetting: Bool = false) -> State {
    let descriptor = open("\(folder)/\(name)", O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return .none }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return .waiting }
    guard isNamed(descriptor) else { return .none }
    if forgetting { unlink("\(folder)/\(name)") }
    return .left
  }

  /// Keeps what waits; false when it was too late.
  static func keep(folder: String) -> Bool { unlink("\(folder)/\(name)") == 0 }
}

/// Waits for a person to keep what was loaded.
///
/// From its making on, no signal of a terminal that is lost, and none that ends programs, ends this process before what was
/// loaded is kept or taken back: the loss of the terminal only means that nobody answers there.
struct KeepQuestion: ~Copyable {
  /// How it ended.
  enum Answer {
    case kept
    /// Nobody kept it in time.
    case late
    /// Somebody wants it back now: Ctrl-C, or a signal that ends programs.
    case refused
  }

  private static let ending = [SIGINT, SIGTERM, SIGQUIT]
  /// A stopped process takes nothing back.
  private static let others = [SIGHUP, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU]
  /// Milliseconds between two looks.
  private static let patience: Int32 = 100

  private var before = sigset_t()

  init() {
    var blocked = Self.set(Self.ending + Self.others)
    pthread_sigmask(SIG_BLOCK, &blocked, &before)
  }

  deinit {
    // What came meanwhile was answered, and is not to end the process now.
    var pending = Self.set(Self.ending + Self.others)
    var now = timespec(tv_sec: 0, tv_nsec: 0)
    while sigtimedwait(&pending, nil, &now) > 0 {}
    var mask = before
    pthread_sigmask(SIG_SETMASK, &mask, nil)
  }

  /// Asks.
  ///
  /// - Parameters:
  ///   - seconds: How long; a time in which the machine sleeps counts.
  ///   - terminal: The descriptor on which a line keeps it; nil when nobody is there.
  func wait(_ load: borrowing Unconfirmed, seconds: Double, terminal: Int32?) -> Answer {
    let deadline = Self.now + seconds
    var terminal = terminal
    // A key that was pressed before the question is no answer to it.
    if let terminal { tcflush(terminal, TCIFLUSH) }
    while load.isOpen {
      if Self.now >= deadline { return load.decide() ? .late : .kept }
      if Self.isEnded() { return load.decide() ? .refused : .kept }
      guard let input = terminal else {
        poll(nil, 0, Self.patience)
        continue
      }
      switch Self.line(input) {
      case .nothing: break
      case .end: terminal = nil
      case .line: if load.decide() { return .kept }
      }
    }
    return .kept
  }

  private enum Input {
    case nothing, line, end
  }

  private static func line(_ descriptor: Int32) -> Input {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, patience) > 0 else { return .nothing }
    // In the background the terminal is another program's.
    if isatty(descriptor) == 1, tcgetpgrp(descriptor) != getpgrp() {
      poll(nil, 0, patience)
      return .nothing
    }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = read(descriptor, &bytes, bytes.count)
    if count < 0, errno == EINTR || errno == EAGAIN { return .nothing }
    guard count > 0 else { return .end }
    return bytes[..<count].contains(UInt8(ascii: "\n")) ? .line : .nothing
  }

  /// Whether a signal came that ends programs; others are taken and forgotten.
  private static func isEnded() -> Bool {
    var all = set(ending + others)
    var none = timespec(tv_sec: 0, tv_nsec: 0)
    while true {
      let signal = sigtimedwait(&all, nil, &none)
      if signal <= 0 { return false }
      if ending.contains(signal) { return true }
    }
  }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func set(_ signals: [Int32]) -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal) }
    return set
  }
}
