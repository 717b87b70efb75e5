// SPDX-License-Identifier: Apache-2.0

internal import CKernelModule
internal import Glibc

/// The system calls behind ``Device``, so that tests can replay what a kernel answers.
package protocol DeviceCalls: Sendable {
  /// open(2) for reading and writing: a descriptor, or -errno.
  func open(_ path: String) -> Int32
  /// ioctl(2): 0 or more, or -errno.
  func ioctl(_ descriptor: Int32, _ request: UInt, _ argument: UnsafeMutableRawPointer) -> Int32
  /// close(2).
  func close(_ descriptor: Int32)
}

/// The real system calls.
struct KernelDeviceCalls: DeviceCalls {
  func open(_ path: String) -> Int32 {
    moor_open(path, O_RDWR, 0)
  }

  func ioctl(_ descriptor: Int32, _ request: UInt, _ argument: UnsafeMutableRawPointer) -> Int32 {
    moor_ioctl(descriptor, request, argument)
  }

  func close(_ descriptor: Int32) {
    _ = Glibc.close(descriptor)
  }
}
