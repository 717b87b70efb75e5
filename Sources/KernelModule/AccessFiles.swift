// SPDX-License-Identifier: Apache-2.0

internal import CMoor

/// The module's files through which one process stages an access policy and puts it in force: `begin`, `data`, `commit`
/// and `error` in /sys/kernel/moor/access.
///
/// Each call blocks. A policy comes into force whole, or the one before stays.
public struct AccessFiles: Sendable {
  /// Where they are.
  public static let folder = ModuleState.folder + "/access"

  private let folder: String
  let calls: any AccessCalls

  /// The files of the loaded module.
  public init() {
    self.init(folder: Self.folder, calls: KernelAccessCalls())
  }

  package init(folder: String, calls: any AccessCalls) {
    self.folder = folder
    self.calls = calls
  }

  /// Makes sure that the loaded module takes access policies.
  ///
  /// - Throws: ENOENT with ``KernelOperation/openAccess`` when it does not, as one that is older.
  public func requirePresent() throws(KernelModuleError) {
    _ = try open("begin", isRead: true)
  }

  /// Stages and commits a policy: after this the new one is in force, or the one before still is.
  public func commit(_ policy: AccessCommit) throws(KernelModuleError) {
    // All of them first: nothing is staged when one is not there.
    let begin = try open("begin", isRead: true)
    let data = try open("data")
    let commit = try open("commit")
    let token = try stage(policy.image.bytes.count, begin)
    do throws(KernelModuleError) {
      try send(policy.image.bytes, data)
      try claim(policy.objects, token: token)
    } catch {
      // A commit that is refused ends the staging, so that nobody has to wait for its end.
      try? put(policy, token, commit, isWithdrawn: true)
      throw error
    }
    try put(policy, token, commit)
  }

  private func open(_ name: String, isRead: Bool = false) throws(KernelModuleError) -> AccessFile {
    let path = "\(folder)/\(name)"
    let descriptor = calls.open(path, isRead: isRead)
    guard descriptor >= 0 else {
      throw .kernel(KernelRefusal(.openAccess, SystemError(rawValue: -descriptor), detail: path))
    }
    return AccessFile(descriptor: descriptor, calls: calls)
  }

  /// Announces so many bytes.
  ///
  /// - Returns: The token that the commit names.
  private func stage(_ count: Int, _ file: borrowing AccessFile) throws(KernelModuleError) -> UInt64 {
    var begin = moor_access_begin()
    begin.header = header(of: begin)
    begin.byte_count = UInt64(count)
    try check(
      withUnsafeBytes(of: &begin) { file.write($0, at: 0) }, MemoryLayout<moor_access_begin>.size, .accessBegin)
    var token: UInt64 = 0
    try check(
      withUnsafeMutableBytes(of: &token) { file.read($0, at: 0) }, MemoryLayout<UInt64>.size, .accessBegin)
    return token
  }

  private func send(_ bytes: [UInt8], _ file: borrowing AccessFile) throws(KernelModuleError) {
    var offset = 0
    while offset < bytes.count {
      let chunk = offset..<min(bytes.count, offset + AccessImage.chunkBytes)
      let taken = bytes.withUnsafeBytes { file.write(UnsafeRawBufferPointer(rebasing: $0[chunk]), at: offset) }
      guard taken >= 0 else { throw refusal(.accessData, -taken, "at byte \(offset) of \(bytes.count)") }
      guard taken > 0 else { throw Self.cut(.accessData, taken, chunk.count) }
      offset += taken
    }
  }

  private func put(
    _ policy: AccessCommit, _ token: UInt64, _ file: borrowing AccessFile, isWithdrawn: Bool = false
  ) throws(KernelModuleError) {
    var commit = moor_access_commit()
    commit.header = header(of: commit)
    commit.flags = policy.isEnforcing ? UInt32(MOOR_COMMIT_ENFORCING) : 0
    commit.token = token
    commit.version = policy.version
    commit.generation = policy.generation
    // All may have been handed over: a digest that no policy has is one that is not put in force.
    if !isWithdrawn { withUnsafeMutableBytes(of: &commit.digest) { $0.copyBytes(from: policy.image.digest) } }
    withUnsafeMutableBytes(of: &commit.name) { $0.copyBytes(from: policy.name.utf8) }
    try check(
      withUnsafeBytes(of: &commit) { file.write($0, at: 0) }, MemoryLayout<moor_access_commit>.size, .accessCommit,
      policy.description)
  }

  private func header<Argument>(of argument: Argument) -> moor_header {
    moor_header(size: UInt32(MemoryLayout<Argument>.size), version: UInt32(MOOR_ABI_VERSION))
  }

  private func check(
    _ result: Int, _ expected: Int, _ operation: KernelOperation, _ detail: String = ""
  ) throws(KernelModuleError) {
    guard result >= 0 else { throw refusal(operation, -result, detail) }
    guard result == expected else { throw Self.cut(operation, result, expected) }
  }

  /// A refusal with what the module says of it: only of what it cannot read it says more than the errno does.
  private func refusal(_ operation: KernelOperation, _ error: Int, _ detail: String) -> KernelModuleError {
    let error = SystemError(rawValue: Int32(clamping: error))
    let said = error.name == "EINVAL" ? (try? SmallFile.read("\(folder)/error", limit: 4096)) ?? [] : []
    let words = String(decoding: said, as: UTF8.self).split(separator: "\n").map { "the module says: \($0)" }
    return .kernel(
      KernelRefusal(
        operation, error, detail: ([detail] + words).filter { !$0.isEmpty }.joined(separator: "\n")))
  }

  private static func cut(_ operation: KernelOperation, _ count: Int, _ expected: Int) -> KernelModuleError {
    .rejected(
      Rejection(.malformed, "\(operation.words): the module took \(count) bytes of \(expected) where it takes all"))
  }
}

/// The owner of one open file of the module.
private struct AccessFile: ~Copyable {
  let descriptor: Int32
  let calls: any AccessCalls

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int { calls.write(descriptor, bytes, at: offset) }
  func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int) -> Int { calls.read(descriptor, bytes, at: offset) }

  deinit { calls.close(descriptor) }
}
