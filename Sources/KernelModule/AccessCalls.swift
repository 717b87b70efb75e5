// SPDX-License-Identifier: Apache-2.0

internal import CKernelModule
internal import Glibc

/// The system calls behind ``AccessFiles``, so that tests can replay what a kernel answers.
package protocol AccessCalls: Sendable {
  /// open(2) for writing, and for reading where that is wanted: a descriptor, or -errno.
  func open(_ path: String, isRead: Bool) -> Int32
  /// pwrite(2): how many bytes were taken, or -errno.
  func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int
  /// pread(2): how many bytes came, or -errno.
  func read(_ descriptor: Int32, _ bytes: UnsafeMutableRawBufferPointer, at offset: Int) -> Int
  /// ioctl(2): 0 or more, or -errno.
  func ioctl(_ descriptor: Int32, _ request: UInt, _ argument: UnsafeMutableRawBufferPointer) -> Int32
  /// open(2) with O_PATH, which needs no right on the object: a descriptor, or -errno.
  func openObject(_ path: [UInt8]) -> Int32
  /// close(2).
  func close(_ descriptor: Int32)
}

/// The real system calls.
struct KernelAccessCalls: AccessCalls {
  func open(_ path: String, isRead: Bool) -> Int32 {
    moor_open(path, isRead ? O_RDWR : O_WRONLY, 0)
  }

  func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int {
    repeating { pwrite(descriptor, bytes.baseAddress, bytes.count, offset) }
  }

  func read(_ descriptor: Int32, _ bytes: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
    repeating { pread(descriptor, bytes.baseAddress, bytes.count, offset) }
  }

  func ioctl(_ descriptor: Int32, _ request: UInt, _ argument: UnsafeMutableRawBufferPointer) -> Int32 {
    moor_ioctl(descriptor, request, argument.baseAddress)
  }

  func openObject(_ path: [UInt8]) -> Int32 {
    (path.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { moor_open_path($0.baseAddress) }
  }

  func close(_ descriptor: Int32) {
    _ = Glibc.close(descriptor)
  }

  private func repeating(_ call: () -> Int) -> Int {
    while true {
      let result = call()
      if result >= 0 { return result }
      let error = errno
      if error != EINTR { return -Int(error) }
    }
  }
}
