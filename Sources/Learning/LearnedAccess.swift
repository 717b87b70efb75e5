// SPDX-License-Identifier: Apache-2.0

public import AccessPolicy
public import EventLog

/// Who did something: a domain, and the program in it.
public struct AccessSubject: Hashable, Sendable, Codable {
  /// The VM.
  public let vm: UntrustedText
  /// Its child domain, by number from 1; 0 is the VM's own.
  public let helper: UInt32
  /// The path of the program; nil where the log does not say it.
  public let program: UntrustedText?

  /// A subject of these parts.
  public init(vm: UntrustedText, helper: UInt32 = 0, program: UntrustedText?) {
    self.vm = vm
    self.helper = helper
    self.program = program
  }
}

/// What it was done with.
public enum AccessedObject: Hashable, Sendable {
  /// What has a path.
  case path(UntrustedText)
  /// Something in the file system to which no path leads.
  case noPath
  /// A file without a path: `io_uring`, `kvm-vcpu`.
  case anonymous(kind: String)
  /// What would make paths lead elsewhere, and where, if the log says it.
  case mount(UntrustedText?)
  /// An access of another class, with all that the log says of it, in its order.
  case other(class: String, fields: [AccessField])

  /// The class, as the log names it.
  public var accessClass: String {
    switch self {
    case .path, .noPath: "path"
    case .anonymous: "anonymous"
    case .mount: "mount"
    case .other(let name, _): name
    }
  }

  /// The path, where there is one.
  public var path: UntrustedText? {
    switch self {
    case .path(let path): path
    case .mount(let path): path
    case .noPath, .anonymous: nil
    case .other(_, let fields): fields.first { $0.key == "path" }?.value
    }
  }

  /// The other VM whose own it is; nil where it is nobody's, or the VM's that did it.
  public var owner: UntrustedText? {
    guard case .other(_, let fields) = self else { return nil }
    return fields.first { $0.key == "owner_vm" }?.value
  }
}

/// One thing that was learned, however often it was done: subject, object, permission.
public struct LearnedAccess: Hashable, Sendable {
  /// Who.
  public let subject: AccessSubject
  /// What with.
  public let object: AccessedObject
  /// What was missing, or is recorded; empty for classes that have none.
  public let permissions: PathPermissions

  /// An access of these parts.
  public init(subject: AccessSubject, object: AccessedObject, permissions: PathPermissions) {
    self.subject = subject
    self.object = object
    self.permissions = permissions
  }

  /// What a line of the access log says, without what differs each time.
  ///
  /// A line of a known class that says more than is known of that class is kept whole, as ``AccessedObject/other``.
  public init(_ record: AccessRecord) {
    subject = AccessSubject(vm: record.vm, helper: record.helper, program: record.program)
    let words = record.permissions.map { PathPermissions(word: $0) }
    let isKnown = words.allSatisfy { $0 != nil }
    permissions = words.reduce(into: PathPermissions()) { $0.formUnion($1 ?? []) }
    object = Self.object(record, dropping: isKnown ? "permission" : nil)
  }

  private static func object(_ record: AccessRecord, dropping key: String?) -> AccessedObject {
    let fields = record.fields.filter { $0.key != key }
    switch (record.accessClass, fields.map(\.key)) {
    case ("path", ["path"]): return .path(fields[0].value)
    case ("path", []): return .noPath
    case ("anonymous", ["kind"]): return .anonymous(kind: fields[0].value.description)
    case ("mount", ["path"]): return .mount(fields[0].value)
    case ("mount", []): return .mount(nil)
    default: return .other(class: record.accessClass, fields: fields)
    }
  }
}
