// SPDX-License-Identifier: Apache-2.0

internal import CMoor
internal import PolicyText

/// Makes `struct moor_access_rule` of the rules about what has no path.
enum RulePacker {
  /// Packs them in the order of the text. What one statement says of several capabilities, descriptors or signals is one
  /// rule.
  ///
  /// - Parameters:
  ///   - helpers: The names of the helpers that rules may name, in the order of their numbers from 1.
  ///   - compiler: Numbers the sets of ioctl commands.
  ///   - text: Takes the paths of programs.
  static func pack(
    _ rules: [AccessRule], helpers: [String], _ compiler: inout PathCompiler, _ text: inout PackedText
  ) -> [moor_access_rule] {
    var packed: [moor_access_rule] = []
    var last: Location.Key?
    for rule in rules {
      guard var next = pack(rule.object, helpers, &compiler, &text) else { continue }
      next.effect = UInt8(rule.effect.packed.rawValue)
      let key = rule.location.key
      if let before = packed.last, last == key, before.differsInMaskAlone(from: next) {
        packed[packed.count - 1].mask |= next.mask
      } else {
        packed.append(next)
      }
      last = key
    }
    return packed
  }

  /// nil for a rule about paths.
  private static func pack(
    _ object: AccessObject, _ helpers: [String], _ compiler: inout PathCompiler, _ text: inout PackedText
  ) -> moor_access_rule? {
    switch object {
    case .path: return nil
    case .anonymous(let kind, let commands):
      var rule = moor_access_rule(MOOR_ACCESS_ANONYMOUS, mask: 1 << UInt64(kind.packed.rawValue))
      rule.detail = compiler.number(of: commands)
      return rule
    case .executableMemory: return moor_access_rule(MOOR_ACCESS_MEMORY)
    case .ownTerminal: return moor_access_rule(MOOR_ACCESS_TERMINAL)
    case .capability(let capability):
      return moor_access_rule(MOOR_ACCESS_CAPABILITY, mask: 1 << UInt64(capability.number))
    case .network(let network): return pack(network)
    case .signal(let signals, let peer):
      let mask = signals.reduce(into: UInt64(0)) { $0 |= 1 << UInt64($1.number) }
      var rule = moor_access_rule(MOOR_ACCESS_SIGNAL, mask: mask)
      rule.set(peer, helpers, &text)
      return rule
    case .ptrace(let isAttach, let peer):
      let mask = isAttach ? MOOR_PTRACE_ATTACH : MOOR_PTRACE_READ
      var rule = moor_access_rule(MOOR_ACCESS_PTRACE, mask: UInt64(mask))
      rule.set(peer, helpers, &text)
      return rule
    case .descriptor(let way, let kind):
      var rule = moor_access_rule(MOOR_ACCESS_DESCRIPTOR, mask: 1 << UInt64(kind.packed.rawValue))
      rule.way = UInt8(way == .inherit ? MOOR_WAY_INHERIT : MOOR_WAY_RECEIVE)
      return rule
    }
  }

  private static func pack(_ network: NetworkRule) -> moor_access_rule {
    var rule = moor_access_rule(network.transport == .tcp ? MOOR_ACCESS_TCP : MOOR_ACCESS_UDP)
    rule.way = UInt8(network.use == .listen ? MOOR_WAY_LISTEN : MOOR_WAY_CONNECT)
    rule.first_port = network.ports.lowerBound
    rule.last_port = network.ports.upperBound
    if case .network(let bytes, let bits) = network.address {
      rule.address_class = bytes.count == 4 ? 4 : 6
      rule.prefix = UInt8(bits)
      withUnsafeMutableBytes(of: &rule.address) { $0.copyBytes(from: bytes) }
    }
    return rule
  }
}

extension moor_access_rule {
  fileprivate init(_ kind: moor_access_class, mask: UInt64 = 0) {
    self.init()
    rule_class = UInt8(kind.rawValue)
    self.mask = mask
  }

  fileprivate mutating func set(_ peer: Peer, _ helpers: [String], _ text: inout PackedText) {
    switch peer {
    case .helper(let name):
      self.peer = UInt8(MOOR_PEER_HELPER.rawValue)
      detail = helpers.firstIndex(of: name).map { UInt32($0 + 1) } ?? 0
    case .vm: self.peer = UInt8(MOOR_PEER_VM.rawValue)
    case .hypervisor: self.peer = UInt8(MOOR_PEER_HYPERVISOR.rawValue)
    case .program(let path):
      self.peer = UInt8(MOOR_PEER_PROGRAM.rawValue)
      program = text.slice(of: path)
    }
  }

  fileprivate func differsInMaskAlone(from other: Self) -> Bool {
    var copy = other
    copy.mask = mask
    return withUnsafeBytes(of: self) { one in withUnsafeBytes(of: copy) { one.elementsEqual($0) } }
  }
}

extension AccessRule.Effect {
  fileprivate var packed: moor_effect {
    switch self {
    case .allow: MOOR_EFFECT_ALLOW
    case .audit: MOOR_EFFECT_AUDIT
    case .deny: MOOR_EFFECT_DENY
    case .denyQuietly: MOOR_EFFECT_QUIET
    }
  }
}

extension AnonymousKind {
  fileprivate var packed: moor_anonymous {
    switch self {
    case .kvmVM: MOOR_ANONYMOUS_KVM_VM
    case .kvmVCPU: MOOR_ANONYMOUS_KVM_VCPU
    case .eventfd: MOOR_ANONYMOUS_EVENTFD
    case .ioUring: MOOR_ANONYMOUS_IO_URING
    case .userfaultfd: MOOR_ANONYMOUS_USERFAULTFD
    case .memfd: MOOR_ANONYMOUS_MEMFD
    case .vfio: MOOR_ANONYMOUS_VFIO
    case .iommufd: MOOR_ANONYMOUS_IOMMUFD
    }
  }
}

extension DescriptorKind {
  fileprivate var packed: moor_descriptor {
    switch self {
    case .pipe: MOOR_DESCRIPTOR_PIPE
    case .unix: MOOR_DESCRIPTOR_UNIX
    case .tcp: MOOR_DESCRIPTOR_TCP
    case .udp: MOOR_DESCRIPTOR_UDP
    case .tun: MOOR_DESCRIPTOR_TUN
    case .vhost: MOOR_DESCRIPTOR_VHOST
    case .memfd: MOOR_DESCRIPTOR_MEMFD
    case .eventfd: MOOR_DESCRIPTOR_EVENTFD
    case .pty: MOOR_DESCRIPTOR_PTY
    case .file: MOOR_DESCRIPTOR_FILE
    case .device: MOOR_DESCRIPTOR_DEVICE
    }
  }
}
