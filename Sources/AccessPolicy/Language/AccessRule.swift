// SPDX-License-Identifier: Apache-2.0

public import PolicyText

/// One rule of a domain: a statement, or one of several that its variables stand for.
public struct AccessRule: Sendable {
  /// What happens when it applies.
  public enum Effect: Sendable, Hashable {
    /// It is allowed.
    case allow
    /// It is allowed and recorded.
    case audit
    /// It is denied, whatever else allows it, and recorded.
    case deny
    /// It is denied and only counted.
    case denyQuietly
  }

  /// What happens.
  public let effect: Effect
  /// To what.
  public let object: AccessObject
  /// Where the statement stands.
  public let location: Location
  /// Whether it came from an included file and says nothing of one VM: domains share it.
  let isShared: Bool

  /// Whether it forbids.
  public var isDenial: Bool { effect == .deny || effect == .denyQuietly }
  /// Whether the module holds domains to it, and records what nothing like it allows; the others are handed over for later.
  public var isEnforced: Bool {
    switch object {
    case .path(let path): path.verb != .delegate
    case .anonymous(let kind, let commands): kind == .ioUring || commands != .some([])
    case .network, .capability, .signal, .ptrace, .executableMemory, .descriptor: true
    case .ownTerminal: false
    }
  }
  /// The rule about paths that it is.
  public var path: PathRule? { if case .path(let rule) = object { rule } else { nil } }
  /// The statement as it stands in the text, for messages.
  public var text: String { SafeText.render(location.source.bytes[location.range]) }
}

/// What a rule is about.
public enum AccessObject: Sendable, Hashable {
  /// What has a path.
  case path(PathRule)
  /// A file without a path that the kernel makes, and its ioctl commands.
  case anonymous(AnonymousKind, CommandSet)
  /// Memory that is executable without a file behind it.
  case executableMemory
  /// A pseudo terminal that the domain opened itself.
  case ownTerminal
  /// A capability.
  case capability(Capability)
  /// A socket with an address.
  case network(NetworkRule)
  /// Sending signals.
  case signal([Signal], to: Peer)
  /// Looking into another process, or being looked into.
  case ptrace(attach: Bool, Peer)
  /// Descriptors that come in over an exec or a unix socket.
  case descriptor(DescriptorWay, DescriptorKind)
}

/// A rule about what has a path.
public struct PathRule: Sendable, Hashable {
  /// The word that the rule begins with.
  public enum Verb: String, Sendable, Hashable, CaseIterable {
    case object, shared, file, temp, device, exec, unix, delegate
  }

  /// The word.
  public let verb: Verb
  /// What it is about.
  public let glob: Glob
  /// What it permits or forbids.
  public let permissions: PathPermissions
  /// The same as the kernel has it, which knows what is the VM's own.
  var packedPermissions: PathPermissions { verb == .temp ? [.temporary, .own] : permissions }
  /// Of a device: its ioctl commands.
  public var commands = CommandSet.some([])
  /// Of `exec`: the child domain that the program runs in.
  public var helper: String?
  /// Of `delegate`: the program that may attach.
  public var program: String?

  init(_ verb: Verb, _ glob: Glob, _ permissions: PathPermissions) {
    self.verb = verb
    self.glob = glob
    self.permissions = permissions
  }
}

/// Files without a path, by the name that the kernel gives their inodes.
public enum AnonymousKind: String, Sendable, Hashable, CaseIterable {
  case kvmVM = "kvm-vm"
  case kvmVCPU = "kvm-vcpu"
  case eventfd
  case ioUring = "io_uring"
  case userfaultfd
  case memfd
  case vfio
  case iommufd
}

/// How a descriptor comes in.
public enum DescriptorWay: String, Sendable, Hashable, CaseIterable {
  /// It was open when the program was started.
  case inherit
  /// It came over a unix socket.
  case receive
}

/// What a descriptor that comes in may be.
public enum DescriptorKind: String, Sendable, Hashable, CaseIterable {
  case pipe, unix, tcp, udp, tun, vhost, memfd, eventfd, pty, file, device
}

/// The other end of a signal or of tracing.
public enum Peer: Sendable, Hashable {
  /// A child domain of the same VM.
  case helper(String)
  /// From a child domain: the VM's own.
  case vm
  /// The hypervisor that started the VM.
  case hypervisor
  /// A program outside of any domain, which looks in.
  case program(String)
}
