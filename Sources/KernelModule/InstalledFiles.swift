// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Where a host has what moor loads into its kernel, unless the caller names another place.
public enum InstalledFiles {
  /// The object file with the hook programs: one for all kernels.
  public static let programs = "/usr/lib/moor/moor.bpf.o"

  /// The module that was built for the kernel of this release.
  public static func module(release: String) -> String { "/usr/lib/moor/\(release)/moor.ko" }

  /// The running kernel's release, as `uname -r` shows it.
  public static var runningRelease: String {
    var names = utsname()
    uname(&names)
    return withUnsafeBytes(of: names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
