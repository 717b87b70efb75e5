// SPDX-License-Identifier: Apache-2.0

import Foundation
import TPM
import Testing

/// A TPM that answers what a test wants, behind a pseudo terminal: a character device, so that the whole stack down to
/// the device's TCTI is the real one.
final class ScriptedTPM {
  enum Reply {
    case bytes([UInt8])
    /// No answer; the device stays.
    case silence
    /// The device goes away.
    case hangUp
  }

  typealias Script = @Sendable (_ command: UInt32, _ body: [UInt8], _ number: Int) -> Reply

  let tcti: TCTI

  /// Opens a pseudo terminal, and answers on it until it is closed.
  ///
  /// - Parameter script: what to answer to a command code and what follows it; commands count from 0. The probe that
  ///   the TCTI sends when it is opened is answered here and does not count.
  init(_ script: @escaping Script) throws {
    let master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    // pty(7), ioctl_tty(2): TIOCSPTLCK unlocks the other side, TIOCGPTN gives its number.
    var isLocked: CInt = 0
    var number: CUnsignedInt = 0
    let isOpen = master >= 0 && ioctl(master, 0x4004_5431, &isLocked) == 0 && ioctl(master, 0x8004_5430, &number) == 0
    try #require(isOpen, "no pseudo terminal")
    let path = "/dev/pts/\(number)"
    tcti = try TCTI.device(path: path)
    // No echo, no translation. Kept open here, as a terminal whose last user closes it hangs up.
    let slave = open(path, O_RDWR | O_NOCTTY)
    try #require(slave >= 0)
    var attributes = termios()
    tcgetattr(slave, &attributes)
    cfmakeraw(&attributes)
    tcsetattr(slave, TCSANOW, &attributes)
    Thread.detachNewThread { Self.serve(master, slave, script) }
  }

  private static func serve(_ master: Int32, _ slave: Int32, _ script: Script) {
    var slave = slave
    defer { close(master) }
    // The probe: TPM2_GetRandom of eight bytes.
    guard take(from: master) != nil else { return }
    give(response([0, 8] + [UInt8](repeating: 5, count: 8)), to: master)
    var number = 0
    while let (command, body) = take(from: master) {
      // From now on the connection under test is the one user: its end is the end of this thread.
      if slave >= 0 { close(slave) }
      slave = -1
      switch script(command, body, number) {
      case .bytes(let bytes): give(bytes, to: master)
      case .silence: break
      case .hangUp: return
      }
      number += 1
    }
    if slave >= 0 { close(slave) }
  }

  private static func take(from descriptor: Int32) -> (UInt32, [UInt8])? {
    guard let header = read(10, from: descriptor) else { return nil }
    let size = Int(number(header[2..<6]))
    guard size >= 10, let body = read(size - 10, from: descriptor) else { return nil }
    return (number(header[6..<10]), body)
  }

  private static func read(_ count: Int, from descriptor: Int32) -> [UInt8]? {
    var bytes: [UInt8] = []
    while bytes.count < count {
      var buffer = [UInt8](repeating: 0, count: count - bytes.count)
      let got = Foundation.read(descriptor, &buffer, buffer.count)
      guard got > 0 else { return nil }
      bytes += buffer[..<got]
    }
    return bytes
  }

  private static func give(_ bytes: [UInt8], to descriptor: Int32) {
    _ = write(descriptor, bytes, bytes.count)
  }

  static func number(_ bytes: some Collection<UInt8>) -> UInt32 {
    bytes.reduce(0) { $0 << 8 | UInt32($1) }
  }

  static func big(_ value: Int, _ size: Int) -> [UInt8] {
    (0..<size).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// A response without sessions (TPM 2.0 Library Part 1, section 18.2).
  static func response(_ body: [UInt8], code: Int = 0) -> [UInt8] {
    [0x80, 0x01] + big(10 + body.count, 4) + big(code, 4) + body
  }

  /// A TPML_PCR_SELECTION of one bank.
  static func selection(_ bank: TPMAlgorithm, _ pcrs: PCRSet) -> [UInt8] {
    big(1, 4) + big(Int(bank.rawValue), 2) + [3] + big(Int(pcrs.rawValue), 3).reversed()
  }

  /// TPM2_GetCapability's answer: all PCRs of a sha256 bank.
  static let allocation = response([0] + big(5, 4) + selection(.sha256, .platform))

  static let getCapability: UInt32 = 0x17A
  static let readPCR: UInt32 = 0x17E
}
