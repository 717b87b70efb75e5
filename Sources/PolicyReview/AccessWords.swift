// SPDX-License-Identifier: Apache-2.0

public import AccessPolicy
internal import EventLog
public import Learning

/// What was done, in a few words: with what, and what of it was asked for. Safe to print.
public struct AccessWords: Sendable, Hashable {
  /// The object: a path, `10.0.0.7:4444`, a kind, a name.
  public let object: String
  /// What was asked for, in the words of rules; empty where the class says it.
  public let asked: [String]

  /// - Parameter missing: Of what has a path, the permissions to name; nil for all that the access has.
  public init(_ access: LearnedAccess, missing: PathPermissions? = nil) {
    let permissions = missing ?? access.permissions
    guard case .other(let name, let fields) = access.object else {
      object = Self.safe(access.object.label)
      asked = permissions.words
      return
    }
    func value(_ key: String) -> UntrustedText? { fields.first { $0.key == key }?.value }
    let path = value("path").map(Self.safe)
    let kind = value("kind")?.description
    let permission = value("permission").map { [$0.description] } ?? permissions.words
    switch name {
    case "path", "descriptor", "memory", "ptrace":
      let target = value("target_vm").map { "a process of \(Self.safe($0))" }
      object = path ?? value("peer")?.description ?? target ?? kind ?? "(no path)"
      asked = permission
    case "tcp", "udp":
      let address = value("address")?.description ?? kind ?? "an address that cannot be read"
      let place = address.contains(":") ? "[\(address)]" : address
      object = value("port").map { "\(place):\($0.description)" } ?? place
      asked = permission
    case "unix":
      object = path ?? "(no name)"
      asked = permission
    case "ioctl":
      object = path ?? kind ?? "(no path)"
      let number = value("command")?.utf8.flatMap { UInt32($0.dropFirst(2), radix: 16) }
      asked = number.map { RuleText.names(of: [$0]) } ?? []
    case "signal":
      let target = value("target_vm").map { "a process of \(Self.safe($0))" }
      object = value("peer")?.description ?? target ?? "another process"
      asked = [kind ?? "?"]
    case "capability", "identity", "process", "namespace", "kernel", "ipc", "socket":
      object = kind ?? "(no kind)"
      asked = name == "socket" ? permission : []
    default:
      object = Self.safe(access.object.label)
      asked = []
    }
  }

  /// A name as it stands, or in quotes where something in it could be taken for something else.
  private static func safe(_ name: UntrustedText) -> String {
    let text = name.description
    return text.utf8.count == name.bytes.count && !name.bytes.isEmpty && !name.bytes.contains(0x20) ? text : name.quoted
  }
}
