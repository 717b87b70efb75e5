// SPDX-License-Identifier: Apache-2.0

/// A line by which another part of the kernel than moor says that it denied something.
///
/// Text proves nothing: what can write to a log as the kernel does can write such a line.
public struct ForeignDenial: Hashable, Sendable {
  /// Who denied it.
  public enum Origin: String, Hashable, Sendable, Codable, CaseIterable {
    /// `apparmor="DENIED"`.
    case appArmor = "AppArmor"
    /// `avc:  denied`.
    case seLinux = "SELinux"
    /// A filter of system calls, `type=SECCOMP`.
    case seccomp
  }

  /// Who denied it.
  public let origin: Origin
  /// Whether it failed; otherwise it was only recorded, as in AppArmor's complain mode and when SELinux is permissive.
  public let isEnforced: Bool
  /// The process, in the first pid namespace.
  public let pid: UInt32?
  /// The process's name for itself, at most 15 bytes.
  public let command: UntrustedText?
  /// The path of the program, where the line has it.
  public let program: UntrustedText?
  /// All that the line says, in its order.
  public let fields: [AccessField]
  /// The time and serial number that audit gave it; nil where the log does not show them.
  public let stamp: AuditStamp?

  /// What stands behind a key.
  public subscript(key: String) -> UntrustedText? { fields.first { $0.key == key }?.value }
}

extension ForeignDenial {
  /// Keys that are read of a line.
  private static let mostFields = 64

  /// Reads a line of a system log, of any form that docs/formats.md lists; nil when it is no such denial.
  public init?(line: some Sequence<UInt8>) {
    let line = Array(line)
    if let found = AuditLine(line[...], type: .seccomp) {
      self.init(.seccomp, found)
    } else if let found = AuditLine(line[...], type: .accessVector) {
      self.init(found.body.starts(with: "avc:".utf8) ? .seLinux : .appArmor, found)
    } else {
      return nil
    }
  }

  private init?(_ origin: Origin, _ line: AuditLine) {
    var text = line.body
    var fields: [AccessField] = []
    if origin == .seLinux {
      // `avc:  denied  { read write } for  pid=...`
      guard let open = text.firstIndex(of: UInt8(ascii: "{")), let close = text.firstIndex(of: UInt8(ascii: "}")),
        open < close, text[..<open].split(separator: UInt8(ascii: " ")).last?.elementsEqual("denied".utf8) == true
      else { return nil }
      let words = text[(open + 1)..<close].split(separator: UInt8(ascii: " ")).joined(separator: [UInt8(ascii: ",")])
      fields.append(AccessField(key: "denied", value: UntrustedText(words)))
      text = text[(close + 1)...]
    }
    while fields.count < Self.mostFields, let field = Self.next(&text) { fields.append(field) }
    func value(_ key: String) -> UntrustedText? { fields.first { $0.key == key }?.value }
    switch origin {
    case .appArmor:
      guard let verdict = value("apparmor")?.utf8, ["DENIED", "ALLOWED"].contains(verdict) else { return nil }
      isEnforced = verdict == "DENIED"
    case .seLinux:
      guard value("scontext") != nil else { return nil }
      isEnforced = value("permissive")?.utf8 != "1"
    case .seccomp:
      guard let code = value("code")?.utf8.flatMap(Self.number) else { return nil }
      // SECCOMP_RET_LOG (uapi/linux/seccomp.h) lets the call pass.
      isEnforced = code & 0xFFFF_0000 != 0x7FFC_0000
    }
    self.origin = origin
    self.fields = fields
    pid = value("pid")?.utf8.flatMap { UInt32($0) }
    command = value("comm")
    program = value("exe")
    stamp = line.stamp.flatMap { try? AuditFields([], line: 1).stamp($0) }
  }

  private static func number(_ text: String) -> UInt32? {
    text.hasPrefix("0x") ? UInt32(text.dropFirst(2), radix: 16) : UInt32(text)
  }

  /// Keys whose values audit writes in hex where they are not plain.
  private static let untrusted: Set<String> = ["comm", "exe", "name", "path", "profile", "peer"]

  /// The next `key=value`; words that are none are passed over.
  private static func next(_ text: inout ArraySlice<UInt8>) -> AccessField? {
    while true {
      text = text.drop { $0 == UInt8(ascii: " ") }
      if text.isEmpty { return nil }
      let key = text.prefix { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: " ") }
      guard key.endIndex < text.endIndex, text[key.endIndex] == UInt8(ascii: "="), !key.isEmpty else {
        // A `=` without a key is passed over as well.
        text = text[key.endIndex...].dropFirst()
        continue
      }
      let name = String(decoding: key.prefix(32), as: UTF8.self)
      text = text[(key.endIndex + 1)...]
      if text.first == UInt8(ascii: "\"") {
        let inner = text.dropFirst().prefix { $0 != UInt8(ascii: "\"") }
        text = text[inner.endIndex...].dropFirst()
        return AccessField(key: name, value: UntrustedText(inner))
      }
      let word = text.prefix { $0 != UInt8(ascii: " ") }
      text = text[word.endIndex...]
      let plain = untrusted.contains(name) ? AuditFields.untrusted(word, 1...Field.longestPath) : nil
      return AccessField(key: name, value: plain ?? UntrustedText(word))
    }
  }
}
