// SPDX-License-Identifier: Apache-2.0

/// What became of something that a running VM did, as a line of the access log says it.
public enum AccessVerdict: String, Hashable, Sendable, Codable, CaseIterable {
  /// It was denied.
  case deny
  /// It passed, and enforcing would have denied it.
  case learn
  /// It was allowed, and a rule wants it to be recorded.
  case audit
}

/// A word of an access line: its key and what stands behind it.
public struct AccessField: Hashable, Sendable, Codable {
  /// The key.
  public let key: String
  /// The value; of a quoted one, what is between the quotes, and of a path or a name the bytes it stands for.
  public let value: UntrustedText

  /// A word of these parts.
  public init(key: String, value: UntrustedText) {
    self.key = key
    self.value = value
  }
}

/// A line of the access log: something that a running VM did and no rule allows, or a rule wants to be recorded.
///
/// Text proves nothing: what can write to a log as the kernel does can write such a line.
public struct AccessRecord: Hashable, Sendable, Codable {
  /// The boot in which it happened.
  public let boot: BootID
  /// The line's number since the module was loaded, from 1, in one sequence with those of ``AuditRecord``.
  public let sequence: UInt64
  /// What became of it.
  public let verdict: AccessVerdict
  /// What kind of thing was done: `path`, `anonymous`, `mount` or another, also one that a newer module has.
  public let accessClass: String
  /// What the line says of the object, in its order: `kind`, `permission`, `path`, and keys that only some classes have.
  public let fields: [AccessField]
  /// The path of the program that did it, where the line has it.
  public let program: UntrustedText?
  /// The VM that did it.
  public let vm: UntrustedText
  /// The child domain in which it was done, by its number from 1; 0 is the VM's own.
  public let helper: UInt32
  /// The process's parent, where the line has it.
  public let parent: UInt32?
  /// The process, in the first pid namespace.
  public let pid: UInt32
  /// The time and serial number that audit gave it; nil where the log does not show them.
  public let stamp: AuditStamp?

  /// A record of these parts.
  public init(
    boot: BootID, sequence: UInt64, verdict: AccessVerdict, accessClass: String, fields: [AccessField],
    program: UntrustedText?, vm: UntrustedText, helper: UInt32 = 0, parent: UInt32? = nil, pid: UInt32,
    stamp: AuditStamp? = nil
  ) {
    self.boot = boot
    self.sequence = sequence
    self.verdict = verdict
    self.accessClass = accessClass
    self.fields = fields
    self.program = program
    self.vm = vm
    self.helper = helper
    self.parent = parent
    self.pid = pid
    self.stamp = stamp
  }

  /// What stands behind a key of ``fields``.
  public subscript(key: String) -> UntrustedText? { fields.first { $0.key == key }?.value }

  /// What kind of object it is, of the classes that have kinds.
  public var kind: String? { self["kind"].map(\.description) }

  /// The object's path; nil when none leads to it, or the class has none.
  public var path: UntrustedText? { self["path"] }

  /// The words of ``PathPermissions``, or of others: those that were missing, or are recorded.
  public var permissions: [String] {
    self["permission"].map { $0.description.split(separator: ",").map(String.init) } ?? []
  }

  /// The same without what audit put before it.
  var unstamped: Self {
    Self(
      boot: boot, sequence: sequence, verdict: verdict, accessClass: accessClass, fields: fields, program: program,
      vm: vm, helper: helper, parent: parent, pid: pid)
  }
}

extension AccessRecord {
  /// Keys of ``fields`` that a line may have; a line with more is damaged.
  private static let mostFields = 16
  /// Bytes of a value without a meaning here; two long paths in hex fit.
  private static let longestValue = 4 * Field.longestPath
  private static let longestWord = 32

  /// Reads what follows the line's number.
  ///
  /// Keys that are not known here are kept as they come: the module gets new classes of access, and with them new keys.
  init(_ text: inout AuditFields, _ head: AuditHead, _ verdict: AccessVerdict) throws(AuditLineError) {
    _ = try text.required("record", "a record's name") { $0 }
    let accessClass = try text.required("class", "a class's name") { Self.word($0) }
    var fields: [AccessField] = []
    var program: UntrustedText?
    var vm: UntrustedText?
    var helper: UInt32?
    var parent: UInt32?
    var pid: UInt32?
    while pid == nil, let (key, value) = try text.next() {
      switch key {
      case "program" where program == nil: program = try text.name(value, after: key, 1...Field.longestPath)
      case "vm" where vm == nil: vm = try text.name(value, after: key, 1...Field.longestVMName)
      case "helper" where helper == nil: helper = try text.number(value, after: key, "the number of a child domain")
      case "ppid" where parent == nil: parent = try text.number(value, after: key, "a process id")
      case "pid": pid = try text.number(value, after: key, "a process id")
      case "boot", "seq", "record", "class", "program", "vm", "helper", "ppid":
        throw text.error(at: value.startIndex - key.utf8.count - 1, "a key that was not there before", key.utf8)
      default:
        guard fields.count < Self.mostFields, !fields.contains(where: { $0.key == key }) else {
          throw text.error(at: value.startIndex - key.utf8.count - 1, "a key that was not there before", key.utf8)
        }
        fields.append(AccessField(key: key, value: try Self.value(value, of: key, in: text)))
      }
    }
    // Both are always there, and pid is last: without it the line was cut off.
    guard let pid else { throw text.error(expected: "pid=") }
    guard let vm else { throw text.error(expected: "vm=") }
    try text.finish()
    self.init(
      boot: head.boot, sequence: head.sequence, verdict: verdict, accessClass: accessClass, fields: fields,
      program: program, vm: vm, helper: helper ?? 0, parent: parent, pid: pid, stamp: head.stamp)
  }

  private static func value(
    _ value: ArraySlice<UInt8>, of key: String, in text: AuditFields
  ) throws(AuditLineError) -> UntrustedText {
    switch key {
    case "path", "name":
      return try text.name(value, after: key, 1...Field.longestPath)
    default:
      let inner = value.first == UInt8(ascii: "\"") ? value.dropFirst().dropLast() : value
      guard (1...longestValue).contains(value.count), inner.allSatisfy(AuditRecord.isPlain),
        inner.count == value.count || (value.count >= 2 && value.last == UInt8(ascii: "\""))
      else {
        throw text.error(at: value.startIndex, "a word or a quoted string after \(key)=", value)
      }
      return UntrustedText(inner)
    }
  }

  /// A name of the module's own.
  private static func word(_ text: ArraySlice<UInt8>) -> String? {
    guard (1...longestWord).contains(text.count), text.allSatisfy(AuditFields.isOfKey) else { return nil }
    return String(decoding: text, as: UTF8.self)
  }
}

extension AuditFields {
  func name(
    _ value: ArraySlice<UInt8>, after key: String, _ lengths: ClosedRange<Int>
  ) throws(AuditLineError) -> UntrustedText {
    if let text = Self.untrusted(value, lengths) { return text }
    throw error(at: value.startIndex, "\(Self.stringForm(lengths)) after \(key)=", value)
  }

  func number(_ value: ArraySlice<UInt8>, after key: String, _ expected: String) throws(AuditLineError) -> UInt32 {
    if let number = value.decimal(UInt32.self) { return number }
    throw error(at: value.startIndex, "\(expected) after \(key)=", value)
  }
}
