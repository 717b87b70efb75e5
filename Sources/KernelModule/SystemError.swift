// SPDX-License-Identifier: Apache-2.0

internal import CKernelModule
internal import Glibc

/// An error number of the kernel or the C library (errno(3)), always positive.
public struct SystemError: RawRepresentable, Sendable, Hashable {
  /// The number, as in `errno`.
  public let rawValue: Int32

  /// Takes the number as in `errno`.
  public init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// The symbol, such as `EPERM`, or `errno 4001` for a number without one.
  public var name: String {
    let name = String(cString: moor_errno_name(rawValue))
    return name.isEmpty ? "errno \(rawValue)" : name
  }

  /// The C library's words for it, such as "Operation not permitted".
  public var words: String {
    guard let text = strerror(rawValue) else { return name }
    return String(cString: text)
  }
}
