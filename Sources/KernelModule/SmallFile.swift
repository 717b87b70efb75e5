// SPDX-License-Identifier: Apache-2.0

internal import CKernelModule
internal import Glibc

/// Reads whole files of the kernel's filesystems, which have no size to ask for.
public enum SmallFile {
  /// Reads all of a file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - limit: How many bytes are too many.
  ///   - operation: What an error says that it was read for.
  ///   - waits: Whether to wait for somebody who writes, where the path leads to a pipe.
  public static func read(
    _ path: String, limit: Int = 1 << 20, as operation: KernelOperation = .readFile, waits: Bool = true
  ) throws(KernelModuleError) -> [UInt8] {
    let descriptor = moor_open(path, O_RDONLY | O_NOCTTY | (waits ? 0 : O_NONBLOCK), 0)
    guard descriptor >= 0 else {
      throw .kernel(KernelRefusal(operation, SystemError(rawValue: -descriptor), detail: path))
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0 {
        let error = errno
        if error == EINTR { continue }
        throw .kernel(KernelRefusal(operation, SystemError(rawValue: error), detail: path))
      }
      if count == 0 { return bytes }
      guard bytes.count + count <= limit else {
        throw .rejected(Rejection(.size, "\(path) has more than \(limit) bytes"))
      }
      bytes.append(contentsOf: buffer[0..<count])
    }
  }
}
