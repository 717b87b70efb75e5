// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// What reads logs one after the other.
public protocol LogReading {
  /// Reads all of a log.
  ///
  /// - Throws: ``LogSourceError`` when it cannot be opened, or nothing of it can be read.
  mutating func read(_ source: LogSource) throws(LogSourceError)

  /// Reads what was rotated away from a file, the oldest first, and then the file itself; of several that cannot be read
  /// only the file itself is an error, and the others are problems of the log.
  mutating func readRotated(_ path: String) throws(LogSourceError)
}

/// Reads what VMs did out of logs.
///
/// What is wrong within a log is part of what ``finish()`` gives.
public struct LogReader: LogReading {
  private var pieces = PieceReader(AccessCollector())

  /// Has read nothing yet.
  public init() {}

  /// What the logs say.
  public func finish() -> AccessLog { pieces.taker.finish() }

  /// Reads all of a log.
  public mutating func read(_ source: LogSource) throws(LogSourceError) { try pieces.read(source) }

  /// Reads what was rotated away from a file, and then the file itself.
  public mutating func readRotated(_ path: String) throws(LogSourceError) { try pieces.readRotated(path) }

  /// Reads a log that is in memory.
  public mutating func read(_ bytes: UnsafeRawBufferPointer, name: String) { pieces.read(bytes, name: name) }
}

/// Reads logs in pieces of bounded size, and hands their lines on.
struct PieceReader<Taker: LineTaker> {
  private static var pieceSize: Int { 1 << 20 }
  private(set) var taker: Taker

  init(_ taker: Taker) { self.taker = taker }

  mutating func read(_ source: LogSource) throws(LogSourceError) {
    switch source {
    case .file("-"): try read(source, from: STDIN_FILENO)
    case .file(let path): try readFile(source, path, flags: 0)
    case .kernelBuffer: try readFile(source, "/dev/kmsg", flags: O_NONBLOCK)
    case .program(let path, let arguments):
      guard let program = ProgramOutput(path, arguments) else { throw LogSourceError(source: source, code: errno) }
      try read(source, from: program.descriptor)
      if let problem = program.end() { taker.complain(problem) }
    }
  }

  mutating func readRotated(_ path: String) throws(LogSourceError) {
    for source in LogSource.rotated(path) {
      do throws(LogSourceError) {
        try read(source)
      } catch {
        if source == .file(path) { throw error }
        taker.begin(source.name)
        taker.complain(String(cString: strerror(error.code)))
      }
    }
  }

  mutating func read(_ bytes: UnsafeRawBufferPointer, name: String) {
    taker.begin(name)
    var stream = LogStream()
    var start = 0
    while start < bytes.count {
      let end = min(start + Self.pieceSize, bytes.count)
      guard stream.take(bytes.part(start..<end), into: &taker) else { break }
      start = end
    }
    stream.finish(into: &taker)
  }

  private mutating func readFile(_ source: LogSource, _ path: String, flags: Int32) throws(LogSourceError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags)
    guard descriptor >= 0 else { throw LogSourceError(source: source, code: errno) }
    defer { close(descriptor) }
    try read(source, from: descriptor)
  }

  private mutating func read(_ source: LogSource, from descriptor: Int32) throws(LogSourceError) {
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceSize, alignment: 64)
    defer { piece.deallocate() }
    var stream = LogStream()
    var isBegun = false
    while true {
      let count = Glibc.read(descriptor, piece.baseAddress, piece.count)
      let code = errno
      // EPIPE: the kernel's buffer went on past what was to be read; what was lost of moor's is a gap.
      if count < 0, code == EINTR || (code == EPIPE && source == .kernelBuffer) { continue }
      if count < 0, code != EAGAIN, !isBegun { throw LogSourceError(source: source, code: code) }
      if !isBegun { taker.begin(source.name) }
      isBegun = true
      if count < 0, code != EAGAIN { taker.complain("it was read in part: \(String(cString: strerror(code)))") }
      guard count > 0, stream.take(UnsafeRawBufferPointer(piece).part(0..<count), into: &taker) else { break }
    }
    stream.finish(into: &taker)
  }
}
