// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import EventLog
internal import Learning

/// What was done, as the rules of a policy are asked about it.
enum AccessQuestion {
  /// Something with a path, or with the name of an abstract socket.
  case path(Glob, [UInt8], PathPermissions)
  /// An ioctl command, sent to what has a path.
  case command(UInt32, on: Glob, [UInt8])
  /// A file of a kind that has no path was made.
  case anonymous(AnonymousKind)
  /// An ioctl command, sent to a file of a kind that has no path.
  case anonymousCommand(UInt32, on: AnonymousKind)
  /// A socket was made.
  case socket(NetworkRule.Transport)
  /// An end of a socket.
  case network(NetworkEnd)
  /// A capability, or an identity that takes one.
  case capability(Capability)
  /// A signal to somebody whom a rule can name.
  case signal(Signal, to: Peer)
  /// A look into somebody whom a rule can name, or, to attach, a change of it.
  case trace(attach: Bool, Peer)
  /// Executable memory without a file behind it.
  case executableMemory
  /// A descriptor that came in.
  case descriptor(DescriptorWay, DescriptorKind)
  /// What no rule allows.
  case nothingNamesIt
  /// The log does not say enough of it.
  case untold

  /// - Parameter helpers: The names of the child domains, by number from 1.
  init(_ object: AccessedObject, _ permissions: PathPermissions, helpers: [String]) {
    switch object {
    case .path(let path): self = .path(Glob(literal: path.bytes), path.bytes, permissions)
    case .noPath, .mount: self = .nothingNamesIt
    case .anonymous(let kind): self = AnonymousKind(rawValue: kind).map { .anonymous($0) } ?? .untold
    case .other(let name, let fields):
      // `create` is a permission of paths, too, and then not among the fields.
      let words = permissions.words.map { AccessField(key: "permission", value: UntrustedText($0)) }
      self = Self.other(name, words + fields, helpers)
    }
  }

  /// The classes and their keys are the module's (docs/formats.md, "Audit text").
  private static func other(_ name: String, _ fields: [AccessField], _ helpers: [String]) -> Self {
    func value(_ key: String) -> UntrustedText? { fields.first { $0.key == key }?.value }
    let kind = value("kind")?.utf8 ?? ""
    // Another VM's object.
    if value("owner_vm") != nil { return .nothingNamesIt }
    switch name {
    case "tcp", "udp":
      let transport: NetworkRule.Transport = name == "tcp" ? .tcp : .udp
      return network(transport, value("permission")?.utf8, value("address")?.utf8, value("port")?.utf8)
    case "unix": return unix(value("path")?.bytes, value("permission")?.utf8)
    case "ioctl":
      guard let command = value("command")?.utf8.flatMap(Self.number) else { return .untold }
      if let path = value("path")?.bytes { return .command(command, on: Glob(literal: path), path) }
      return AnonymousKind(rawValue: kind).map { .anonymousCommand(command, on: $0) } ?? .nothingNamesIt
    case "capability": return Capability.all.first { $0.name == kind }.map { .capability($0) } ?? .untold
    case "identity": return identities[kind].flatMap { Self.capability($0) } ?? .untold
    case "signal":
      if kind == "owner" || kind == "realtime" { return .nothingNamesIt }
      guard let signal = Signal.all.first(where: { $0.name == kind }), let text = value("peer")?.utf8 else {
        return .untold
      }
      if text == "other" { return .nothingNamesIt }
      return Peer(logged: text, helpers: helpers).map { .signal(signal, to: $0) } ?? .untold
    case "ptrace": return trace(kind, value("permission")?.utf8, value("peer")?.utf8, helpers)
    case "descriptor":
      guard let way = value("permission")?.utf8.flatMap(DescriptorWay.init) else { return .untold }
      return DescriptorKind(rawValue: kind).map { .descriptor(way, $0) } ?? .nothingNamesIt
    case "memory": return kind == "exec" ? .executableMemory : .untold
    case "mount", "socket", "process", "namespace", "kernel", "ipc": return .nothingNamesIt
    default: return .untold
    }
  }

  /// What taking another identity takes.
  static let identities = ["user": "setuid", "group": "setgid", "capabilities": "setpcap"]

  private static func capability(_ name: String) -> Self? {
    Capability.all.first { $0.name == name }.map { .capability($0) }
  }

  private static func number(_ text: String) -> UInt32? {
    text.hasPrefix("0x") ? UInt32(text.dropFirst(2), radix: 16) : nil
  }

  private static func network(
    _ transport: NetworkRule.Transport, _ word: String?, _ address: String?, _ port: String?
  ) -> Self {
    if word == "create" { return .socket(transport) }
    let uses: [String: NetworkRule.Use] = ["listen": .listen, "bind": .listen, "connect": .connect]
    guard let use = word.flatMap({ uses[$0] }) else { return .untold }
    // An address that the kernel could not read is none that a rule has.
    guard let address, let port = port.flatMap({ UInt16($0) }) else { return .nothingNamesIt }
    return NetworkEnd(transport, use, address: address, port: port).map { .network($0) } ?? .untold
  }

  static func trace(_ direction: String, _ use: String?, _ peer: String?, _ helpers: [String]) -> Self {
    guard direction == "to", let use, ["read", "attach"].contains(use), let peer else { return .untold }
    if peer == "other" { return .nothingNamesIt }
    return Peer(logged: peer, helpers: helpers).map { .trace(attach: use == "attach", $0) } ?? .untold
  }

  private static func unix(_ path: [UInt8]?, _ word: String?) -> Self {
    let uses: [String: PathPermissions] = ["listen": .unixListen, "connect": .unixConnect]
    guard let use = word.flatMap({ uses[$0] }) else { return .untold }
    guard let path else { return .nothingNamesIt }
    if path.first == UInt8(ascii: "@") {
      let name = Array(path.dropFirst())
      return .path(Glob(literal: name, root: .abstract), name, use)
    }
    return .path(Glob(literal: path), path, use)
  }
}

extension AccessQuestion {
  /// Whether a rule says something of it.
  func concerns(_ rule: AccessRule) -> Bool {
    switch (self, rule.object) {
    case (.path(let glob, _, let permissions), .path(let path)):
      !path.permissions.withImplied.isDisjoint(with: permissions) && path.glob.matches(glob)
    case (.command(let command, let glob, _), .path(let path)):
      !rule.isDenial && path.commands.contains(command) && path.glob.matches(glob)
    case (.anonymous(let kind), .anonymous(let named, _)): kind == named
    case (.anonymousCommand(let command, let kind), .anonymous(let named, let commands)):
      kind == named && (rule.isDenial || commands.contains(command))
    case (.socket(let transport), .network(let network)): network.transport == transport && !rule.isDenial
    case (.network(let end), .network(let network)): network.isAbout(end, isDenial: rule.isDenial)
    case (.capability(let capability), .capability(let named)): capability == named
    case (.signal(let signal, let peer), .signal(let named, let other)): named.contains(signal) && peer == other
    // Who may attach may look, and who may not look may not attach.
    case (.trace(let attach, let peer), .ptrace(let named, let other)):
      peer == other && (attach == named || rule.isDenial == attach)
    case (.executableMemory, .executableMemory): true
    case (.descriptor(let way, let kind), .descriptor(let named, let other)): way == named && kind == other
    default: false
    }
  }
}

extension Peer {
  /// The word that rules have for it.
  var word: String {
    switch self {
    case .helper(let name): name
    case .vm: "vm"
    case .hypervisor: "hypervisor"
    case .program(let path): path
    }
  }

  /// Reads what a line says of the other end: `helper:2`, `vm` or `hypervisor`; nil for what no rule can name.
  init?(logged text: String, helpers: [String]) {
    switch text {
    case "vm": self = .vm
    case "hypervisor": self = .hypervisor
    default:
      guard text.hasPrefix("helper:"), let number = Int(text.dropFirst(7)), helpers.indices.contains(number - 1) else {
        return nil
      }
      self = .helper(helpers[number - 1])
    }
  }
}
