// SPDX-License-Identifier: Apache-2.0

/// A type of audit's records, by the names under which auditd and journald know it (kernel: uapi/linux/audit.h).
package struct AuditType: Sendable {
  /// As auditd writes it.
  let names: [String]
  /// As the kernel does.
  package let number: String
  /// As journald does.
  package let journalNames: [String]

  private init(_ name: String, _ number: String) {
    names = [name, number, "UNKNOWN[\(number)]"]
    self.number = number
    journalNames = [name, "AUDIT\(number)"]
  }

  /// AUDIT_INTEGRITY_RULE: the module's.
  package static let integrityRule = Self("INTEGRITY_RULE", "1805")
  /// AUDIT_AVC: SELinux's and AppArmor's.
  package static let accessVector = Self("AVC", "1400")
  /// AUDIT_SECCOMP.
  package static let seccomp = Self("SECCOMP", "1326")
}

/// Finds the text that the module, or another part of the kernel, wrote in a line of a system log.
///
/// These forms are known, and nothing else is taken for the kernel's:
/// - audit.log: `type=INTEGRITY_RULE msg=audit(STAMP): TEXT`, after `node=NAME ` or not;
/// - dmesg, /dev/kmsg, and the kernel's lines in the journal or syslog: `audit: type=1805 audit(STAMP): TEXT`, after the
///   time and host that these put before it;
/// - the journal's own audit messages: `audit[PID]: INTEGRITY_RULE TEXT`.
///
/// A prefix is only ever read from the line's begin, so that a program that may write to the log cannot put a whole line
/// behind its own name.
package struct AuditLine {
  /// From `moor ` to the end.
  package let body: ArraySlice<UInt8>
  /// Between the parentheses after `audit`, where there are any.
  package let stamp: ArraySlice<UInt8>?

  /// Nil when the line is not moor's.
  package init?(_ line: ArraySlice<UInt8>) {
    self.init(line, type: .integrityRule)
    guard body.starts(with: Self.marker) else { return nil }
  }

  /// Nil when the line is not of that type.
  package init?(_ line: ArraySlice<UInt8>, type: AuditType) {
    guard let (body, stamp) = Self.split(Self.withoutInterpretation(line), type) else { return nil }
    self.body = body
    self.stamp = stamp
  }

  static let marker = Array("moor ".utf8)

  /// auditd with log_format=ENRICHED adds what it knows of ids after a group separator.
  private static func withoutInterpretation(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    line.prefix { $0 != 0x1D }
  }

  private static func split(
    _ line: ArraySlice<UInt8>, _ type: AuditType
  ) -> (body: ArraySlice<UInt8>, stamp: ArraySlice<UInt8>?)? {
    var rest = line
    if rest.starts(with: "node=".utf8) { rest = rest.drop { $0 != UInt8(ascii: " ") }.dropFirst() }
    for name in type.names {
      if let stamped = rest.dropping("type=\(name) msg=audit(") { return splitStamp(stamped) }
    }
    rest = withoutKernelTime(line)
    if let stamped = rest.dropping("audit: type=\(type.number) audit(") { return splitStamp(stamped) }
    guard let (sender, message) = splitSender(line) else { return nil }
    if sender == "kernel" {
      return withoutKernelTime(message).dropping("audit: type=\(type.number) audit(").flatMap(splitStamp)
    }
    guard sender == "audit" else { return nil }
    for name in type.journalNames {
      if let text = message.dropping("\(name) ") { return (text, nil) }
    }
    return nil
  }

  private static func splitStamp(_ text: ArraySlice<UInt8>) -> (body: ArraySlice<UInt8>, stamp: ArraySlice<UInt8>?)? {
    guard let close = text.firstIndex(of: UInt8(ascii: ")")), let body = text[close...].dropping("): ") else {
      return nil
    }
    return (body, text[..<close])
  }

  /// Drops `<6>`, `6,123,456,-;` and `[   12.345678] `, which the ways to the kernel's buffer put first.
  private static func withoutKernelTime(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var rest = line
    if rest.first == UInt8(ascii: "<"), let close = rest.firstIndex(of: UInt8(ascii: ">")) {
      rest = rest[(close + 1)...]
    } else if let first = rest.first, isDigit(first), let semicolon = rest.firstIndex(of: UInt8(ascii: ";")),
      !rest[..<semicolon].contains(UInt8(ascii: " "))
    {
      rest = rest[(semicolon + 1)...]
    }
    if rest.first == UInt8(ascii: "["), let close = rest.firstIndex(of: UInt8(ascii: "]")),
      let text = rest[close...].dropping("] ")
    {
      rest = text
    }
    return rest
  }

  /// Splits `TIME HOST SENDER[PID]: MESSAGE` at its first `: `.
  private static func splitSender(_ line: ArraySlice<UInt8>) -> (sender: String, message: ArraySlice<UInt8>)? {
    guard
      let colon = line.indices.first(where: {
        line[$0] == UInt8(ascii: ":") && $0 + 1 < line.endIndex && line[$0 + 1] == UInt8(ascii: " ")
      })
    else { return nil }
    let head = line[..<colon]
    let start = head.lastIndex(of: UInt8(ascii: " ")).map { $0 + 1 } ?? head.startIndex
    let name = head[start...].prefix { $0 != UInt8(ascii: "[") }
    return (String(decoding: name, as: UTF8.self), line[(colon + 2)...])
  }

  static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

extension ArraySlice<UInt8> {
  /// What follows this prefix; nil when the slice does not begin with it.
  func dropping(_ prefix: String) -> ArraySlice<UInt8>? {
    starts(with: prefix.utf8) ? dropFirst(prefix.utf8.count) : nil
  }

  /// The bytes as a decimal number without sign; nil when they are none, or one that does not fit.
  func decimal<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) -> Number? {
    guard !isEmpty, allSatisfy(AuditLine.isDigit) else { return nil }
    return Number(String(decoding: self, as: UTF8.self))
  }
}
