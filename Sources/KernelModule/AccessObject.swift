// SPDX-License-Identifier: Apache-2.0

internal import CKernelModule
internal import CMoor
internal import Glibc

/// An object that a policy says is one VM's alone, and no other's by whatever path.
public struct AccessObject: Sendable, Equatable {
  /// Its path, from the root of the process that loads the policy.
  public let path: [UInt8]
  /// The VM.
  public let vm: String
  /// The rule that says so, with its place, for messages.
  public let rule: String

  /// Describes an object.
  public init(path: [UInt8], vm: String, rule: String) {
    self.path = path
    self.vm = vm
    self.rule = rule
  }
}

extension AccessFiles {
  /// Hands in, as open descriptors, those objects of a staged policy that are there. Links are followed: a rule whose path
  /// leads to another VM's object has that object.
  ///
  /// - Throws: EEXIST with ``KernelOperation/accessObject`` and both rules when two VMs have one object, else what the module
  ///   answers, or why an object that is there cannot be opened.
  func claim(_ objects: [AccessObject], token: UInt64) throws(KernelModuleError) {
    guard !objects.isEmpty else { return }
    let device = calls.open(Device.path, isRead: true)
    guard device >= 0 else {
      throw .kernel(KernelRefusal(.openDevice, SystemError(rawValue: -device), detail: Device.path))
    }
    defer { calls.close(device) }
    for (number, object) in objects.enumerated() {
      let descriptor = calls.openObject(object.path)
      if [-ENOENT, -ENOTDIR].contains(descriptor) { continue }
      guard descriptor >= 0 else {
        throw .kernel(KernelRefusal(.accessObject, SystemError(rawValue: -descriptor), detail: object.rule))
      }
      defer { calls.close(descriptor) }
      var claim = moor_access_object()
      claim.header = moor_header(
        size: UInt32(MemoryLayout<moor_access_object>.size), version: UInt32(MOOR_ABI_VERSION))
      claim.token = token
      claim.fd = descriptor
      claim.number = UInt32(number)
      withUnsafeMutableBytes(of: &claim.vm) { $0.copyBytes(from: object.vm.utf8.prefix(Int(MOOR_VM_NAME_MAX))) }
      let result = withUnsafeMutableBytes(of: &claim) { calls.ioctl(device, moor_ioc_access_object, $0) }
      guard result < 0 else { continue }
      let other = result == -EEXIST ? Int(claim.number) : objects.count
      let rules = [object.rule] + (objects.indices.contains(other) ? [objects[other].rule] : [])
      throw .kernel(
        KernelRefusal(.accessObject, SystemError(rawValue: -result), detail: rules.joined(separator: "\n")))
    }
  }
}
