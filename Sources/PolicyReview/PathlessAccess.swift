// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import EventLog
internal import Learning

/// What was done by another class than files, as rules can name it.
///
/// The classes and their keys are the module's (docs/formats.md, "Audit text"). What has no words in the language stays
/// what no rule can allow.
struct PathlessAccess {
  let object: Observation.Object
  var path: [UInt8]?
  var permissions: PathPermissions = []
  var command: UInt32?

  /// - Returns: nil for a class, or an object of it, that no rule names.
  ///
  /// - Parameter helpers: The names of the child domains, by number from 1.
  init?(class name: String, fields: [AccessField], helpers: [String] = []) {
    func value(_ key: String) -> UntrustedText? { fields.first { $0.key == key }?.value }
    let kind = value("kind")?.utf8
    switch name {
    case "capability":
      guard let kind, Capability.all.contains(where: { $0.name == kind }) else { return nil }
      object = .statement("capability \(kind)", class: .capability)
    case "identity":
      guard let name = AccessQuestion.identities[kind ?? ""] else { return nil }
      object = .statement("capability \(name)", class: .capability)
    case "signal":
      guard let kind, Signal.all.contains(where: { $0.name == kind }), let text = value("peer")?.utf8,
        let peer = Peer(logged: text, helpers: helpers)
      else { return nil }
      object = .statement("signal \(kind) to \(peer.word)", class: .signal)
    case "ptrace":
      guard
        case .trace(let attach, let peer) = AccessQuestion.trace(
          kind ?? "", value("permission")?.utf8, value("peer")?.utf8, helpers)
      else { return nil }
      object = .statement("ptrace \(attach ? "attach" : "read") to \(peer.word)", class: .signal)
    case "memory":
      guard kind == "exec" else { return nil }
      object = .statement("memory exec", class: .capability)
    case "descriptor":
      // Another VM's object no rule lets in.
      guard value("owner_vm") == nil, let kind, DescriptorKind(rawValue: kind) != nil,
        let way = value("permission")?.utf8, DescriptorWay(rawValue: way) != nil
      else { return nil }
      object = .statement("\(way) \(kind)", class: .descriptor)
    case "tcp", "udp":
      guard let statement = Self.network(name, value("permission")?.utf8, value("address")?.utf8, value("port")?.utf8)
      else { return nil }
      object = .statement(statement, class: .network)
    case "unix":
      guard let path = value("path")?.bytes, let use = Self.unixUses[value("permission")?.utf8 ?? ""] else {
        return nil
      }
      if path.first == UInt8(ascii: "@") {
        guard path.dropFirst().allSatisfy({ PathBytes.isAlphanumeric($0) || "._-/:".utf8.contains($0) }) else {
          return nil
        }
        let word = use == .unixListen ? "listen" : "connect"
        object = .statement("unix \(word) \(String(decoding: path, as: UTF8.self))", class: .socket)
      } else {
        guard PathBytes.isNameable(path) else { return nil }
        object = .path(OneOffNames.pattern(of: path, isCreated: use == .unixListen))
        self.path = path
        permissions = use
      }
    case "ioctl":
      guard let text = value("command")?.utf8, text.hasPrefix("0x"), let number = UInt32(text.dropFirst(2), radix: 16)
      else { return nil }
      command = number
      if let path = value("path")?.bytes {
        guard PathBytes.isNameable(path) else { return nil }
        object = .path(OneOffNames.pattern(of: path, isCreated: false))
        self.path = path
      } else {
        guard let known = kind.flatMap(AnonymousKind.init(rawValue:)) else { return nil }
        object = .anonymous(known)
      }
    default: return nil
    }
  }

  private static let unixUses: [String: PathPermissions] = ["listen": .unixListen, "connect": .unixConnect]

  /// `tcp connect 10.0.0.7:4444`; nil for a socket that was only made, whose use is another line.
  private static func network(_ transport: String, _ use: String?, _ address: String?, _ port: String?) -> String? {
    guard let use, ["listen", "connect", "bind"].contains(use), let address, let port, let number = UInt16(port),
      address.utf8.allSatisfy({ PathBytes.isAlphanumeric($0) || ".:".utf8.contains($0) })
    else { return nil }
    let place = address.utf8.contains(UInt8(ascii: ":")) ? "[\(address)]" : address
    return "\(transport) \(use) \(place):\(number == 0 ? "*" : port)"
  }
}
