// SPDX-License-Identifier: Apache-2.0

internal import CKernelModule
internal import CMoor

/// The owner of one open /dev/moor. What is staged through it (links before arming, trust entries before the
/// commit) belongs to it, and the module drops it when this is gone.
///
/// All calls block, and those of an attachment must come from one thread: the module lets only the thread
/// that began load programs that call it.
public struct Device: ~Copyable {
  /// Where the module's device stands.
  public static let path = MOOR_DEVICE_PATH

  private let descriptor: Int32
  private let calls: any DeviceCalls

  /// Opens the device, which needs CAP_MAC_ADMIN in the first user namespace.
  public init(path: String = Device.path) throws(KernelModuleError) {
    try self.init(path: path, calls: KernelDeviceCalls())
  }

  package init(path: String, calls: any DeviceCalls) throws(KernelModuleError) {
    let descriptor = calls.open(path)
    guard descriptor >= 0 else {
      throw .kernel(KernelRefusal(.openDevice, SystemError(rawValue: -descriptor), detail: path))
    }
    self.descriptor = descriptor
    self.calls = calls
  }

  deinit {
    calls.close(descriptor)
  }

  /// Fills the header, which every request begins with, and makes the ioctl.
  ///
  /// - Returns: 0, or the error that the module answered with.
  private func request<Argument>(_ number: UInt, _ argument: inout Argument) -> SystemError? {
    let result = withUnsafeMutableBytes(of: &argument) { bytes -> Int32 in
      guard let base = bytes.baseAddress else { return 0 }
      let header = moor_header(size: UInt32(bytes.count), version: UInt32(MOOR_ABI_VERSION))
      base.storeBytes(of: header, as: moor_header.self)
      return calls.ioctl(descriptor, number, base)
    }
    return result < 0 ? SystemError(rawValue: -result) : nil
  }

  private func check(
    _ error: SystemError?, _ operation: KernelOperation, detail: @autoclosure () -> String = ""
  ) throws(KernelModuleError) {
    if let error {
      throw .kernel(KernelRefusal(operation, error, detail: detail()))
    }
  }

  private func simple(_ number: UInt, _ operation: KernelOperation) throws(KernelModuleError) {
    var argument = moor_simple()
    try check(request(number, &argument), operation)
  }
}

// MARK: - Attaching

extension Device {
  /// What the module says at the beginning of an attachment.
  public struct Attachment: Sendable, Equatable {
    /// The cookie that every link must carry.
    public let cookie: UInt64
    /// How many links make it whole.
    public let hookCount: Int

    /// Makes an attachment; only a module's answer is of use.
    public init(cookie: UInt64, hookCount: Int) {
      self.cookie = cookie
      self.hookCount = hookCount
    }
  }

  /// What the module answers to the wish to be armed.
  public enum Arming: Sendable, Equatable {
    /// It holds all links, each was seen to call it, and from now on it decides.
    case armed
    /// These hooks have no link.
    case missing(HookSet)
    /// The programs of these hooks have links, but were never seen to call the module.
    case unproven(HookSet)
  }

  /// Begins an attachment; it ends with ``arm()``, or when this device is closed.
  ///
  /// - Parameter withAccess: Whether the hooks of access rules are to be held as well.
  public func beginAttaching(withAccess: Bool) throws(KernelModuleError) -> Attachment {
    var argument = moor_attach_begin()
    argument.flags = withAccess ? UInt32(MOOR_ATTACH_ACCESS) : 0
    try check(request(moor_ioc_attach_begin, &argument), .attachBegin)
    return Attachment(cookie: argument.cookie, hookCount: Int(argument.hook_count))
  }

  /// Hands a BPF link over. The module takes its own reference: the descriptor stays the caller's.
  ///
  /// - Parameters:
  ///   - link: A descriptor that BPF_LINK_CREATE returned.
  ///   - name: What an error calls it.
  public func attach(link: Int32, named name: String) throws(KernelModuleError) {
    var argument = moor_attach()
    argument.link_fd = link
    try check(request(moor_ioc_attach, &argument), .attach, detail: name)
  }

  /// Asks the module to arm itself.
  public func arm() throws(KernelModuleError) -> Arming {
    var argument = moor_arm()
    let error = request(moor_ioc_arm, &argument)
    switch error?.name {
    case nil: return .armed
    case "ENOLINK": return .missing(HookSet(words: [argument.missing.0, argument.missing.1]))
    case "EPROTO": return .unproven(HookSet(words: [argument.unproven.0, argument.unproven.1]))
    default:
      try check(error, .arm)
      return .armed
    }
  }

  /// Gives all hooks back, after which the module can be unloaded. Refused once the host is locked.
  public func release() throws(KernelModuleError) {
    try simple(moor_ioc_release, .release)
  }
}

// MARK: - Trust policy

extension Device {
  /// Stages and commits a trust policy: after this the new one is in force, or the old one still is.
  public func commit(_ policy: TrustCommit) throws(KernelModuleError) {
    var begin = moor_trust_begin()
    begin.entry_count = UInt32(policy.image.count)
    begin.byte_count = UInt32(policy.image.bytes.count)
    try check(request(moor_ioc_trust_begin, &begin), .trustBegin)
    do throws(KernelModuleError) {
      for range in policy.image.chunks(of: TrustImage.chunkBytes) {
        try add(policy.image, range)
      }
      try commitStaged(policy)
    } catch {
      // The staged entries are useless now; why they could not be committed matters more than how this ends.
      var abort = moor_simple()
      _ = request(moor_ioc_trust_abort, &abort)
      throw error
    }
  }

  private func add(_ image: TrustImage, _ range: Range<Int>) throws(KernelModuleError) {
    var argument = moor_trust_add()
    argument.byte_count = UInt32(range.count)
    let error = image.bytes.withUnsafeBytes { bytes in
      argument.entries = UInt64(UInt(bitPattern: bytes.baseAddress)) + UInt64(range.lowerBound)
      return request(moor_ioc_trust_add, &argument)
    }
    try check(
      error, .trustAdd,
      detail: image.describeEntry(at: range.lowerBound + Int(argument.error_offset)))
  }

  private func commitStaged(_ policy: TrustCommit) throws(KernelModuleError) {
    var argument = moor_trust_commit()
    argument.flags = policy.isEnforcing ? UInt32(MOOR_COMMIT_ENFORCING) : 0
    argument.version = policy.version
    argument.generation = policy.generation
    withUnsafeMutableBytes(of: &argument.digest) { $0.copyBytes(from: policy.image.digest) }
    withUnsafeMutableBytes(of: &argument.name) { $0.copyBytes(from: policy.name.utf8) }
    try check(request(moor_ioc_trust_commit, &argument), .trustCommit, detail: policy.description)
  }
}

// MARK: - The rest

extension Device {
  /// Binds the calling thread's next exec to a VM. A binding is used up by that exec and not inherited.
  public func bind(to vm: VMName) throws(KernelModuleError) {
    var argument = moor_bind()
    withUnsafeMutableBytes(of: &argument.vm) { $0.copyBytes(from: vm.rawValue.utf8) }
    try check(request(moor_ioc_bind, &argument), .bind, detail: vm.rawValue)
  }

  /// Puts further device numbers behind the gate, where only guarded domains may open them.
  public func gate(_ devices: GatedDevices) throws(KernelModuleError) {
    var argument = moor_gate()
    argument.major = devices.major
    argument.minor_first = devices.minors.lowerBound
    argument.minor_last = devices.minors.upperBound
    try check(request(moor_ioc_gate, &argument), .gate, detail: devices.description)
  }

  /// Caps the PCR: what was sealed to its value before cannot be unsealed any more in this boot.
  public func cap() throws(KernelModuleError) {
    try simple(moor_ioc_cap, .cap)
  }

  /// Locks the host until it is rebooted: no mode change, no older policy, no release.
  public func lock() throws(KernelModuleError) {
    try simple(moor_ioc_lock, .lock)
  }

  /// Reads the log from a record on and the PCR, as of one instant.
  public func snapshot(from firstRecord: UInt64 = 0) throws(KernelModuleError) -> LogSnapshot {
    var room = 64 << 10
    // The log may grow between two calls; each answer says how much is needed then.
    for _ in 0..<16 {
      var argument = moor_snapshot()
      argument.first_record = firstRecord
      argument.buffer_size = UInt32(room)
      var bytes = [UInt8](repeating: 0, count: room)
      let error = bytes.withUnsafeMutableBytes { buffer in
        argument.buffer = UInt64(UInt(bitPattern: buffer.baseAddress))
        return request(moor_ioc_snapshot, &argument)
      }
      if error?.name == "ENOSPC" {
        // A quarter more than needed, so that a busy host does not outrun us for ever.
        room = Int(argument.log_bytes) + Int(argument.log_bytes) / 4 + 4096
        guard room <= MeasurementLogFile.limit else { break }
        continue
      }
      try check(error, .snapshot)
      return try LogSnapshot(argument, bytes)
    }
    throw .rejected(Rejection(.size, "the measurement log is larger than \(MeasurementLogFile.limit) bytes"))
  }
}
