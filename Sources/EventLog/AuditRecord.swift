// SPDX-License-Identifier: Apache-2.0

/// A record as it stands in the system log: one line of text that the module handed to the kernel's audit.
///
/// It says what a record of the measurement log says, without anything that could prove it: nothing extends a line of
/// text, and on some ways to it a process can write one. It is good for finding out what happened, and for digests that
/// are then compared with something better.
public struct AuditRecord: Hashable, Sendable, Codable {
  /// The boot in which it happened.
  public let boot: BootID
  /// The line's number since the module was loaded, from 1. It is not the number in the measurement log: each refused
  /// attempt has a line and only the first of its like a record, and lines may be lost.
  public let sequence: UInt64
  /// What happened; the fields that have a key.
  public let event: MeasurementEvent
  /// The VM it is about.
  public let vm: UntrustedText?
  /// The process, in the first pid namespace.
  public let pid: UInt32
  /// The time and serial number that audit gave it; nil where the log does not show them.
  public let stamp: AuditStamp?

  /// A record of these parts.
  public init(
    boot: BootID, sequence: UInt64, event: MeasurementEvent, vm: UntrustedText?, pid: UInt32, stamp: AuditStamp? = nil
  ) {
    self.boot = boot
    self.sequence = sequence
    self.event = event
    self.vm = vm
    self.pid = pid
    self.stamp = stamp
  }
}

/// The stamp of an audit record: `audit(1700000000.123:45)`.
public struct AuditStamp: Hashable, Sendable, Codable {
  /// Milliseconds of the wall clock since 1970.
  public let milliseconds: UInt64
  /// The event's serial number.
  public let serial: UInt64

  /// A stamp of these parts.
  public init(milliseconds: UInt64, serial: UInt64) {
    self.milliseconds = milliseconds
    self.serial = serial
  }
}

/// A line that is moor's and cannot be read: cut off, or changed.
public struct AuditLineError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The line, from 1.
  public let line: Int
  /// The byte in the line, from 1.
  public let column: Int
  /// What should stand there.
  public let expected: String
  /// What stands there, at most 40 bytes of it; empty at the end of the line.
  public let found: UntrustedText

  /// An error of these parts.
  public init(line: Int, column: Int, expected: String, found: UntrustedText) {
    self.line = line
    self.column = column
    self.expected = expected
    self.found = found
  }

  /// `line 12, column 80: expected …, found …`.
  public var description: String {
    "line \(line), column \(column): expected \(expected), found "
      + (found.bytes.isEmpty ? "the end of the line" : found.quoted)
  }
}

extension AuditRecord {
  /// The text of the record as the module writes it, from `moor` on.
  public var text: String {
    var words = ["moor boot=\(boot) seq=\(sequence) record=\(event.record)"]
    func add(_ key: String, _ value: (some CustomStringConvertible)?) {
      if let value { words.append("\(key)=\(value)") }
    }
    add("kind", event.kind)
    add("path", event.path.map(Self.auditString))
    add("alg", event.algorithm)
    add("digest", event.digest)
    add("expected", event.expected)
    add("reason", event.reason)
    add("mode", event.mode)
    add("name", event.name.map(Self.auditString))
    add("version", event.version)
    add("generation", event.generation)
    add("closed", event.closed.map { $0 ? 1 : 0 })
    add("vm", vm.map(Self.auditString))
    add("pid", pid)
    return words.joined(separator: " ")
  }

  /// A string of somebody else's choice as audit writes it (kernel: audit_log_untrustedstring): quoted when every byte is a
  /// visible ASCII character and none a quote, else in upper-case hex.
  private static func auditString(_ text: UntrustedText) -> String {
    if text.bytes.allSatisfy(isPlain) { return "\"\(String(decoding: text.bytes, as: UTF8.self))\"" }
    return HexBytes(text.bytes).description.uppercased()
  }

  /// Whether audit leaves this byte as it is.
  static func isPlain(_ byte: UInt8) -> Bool { (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "\"") }
}
