// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import KernelModule

/// Finding and becoming another program, in this very thread: a binding belongs to the thread that made it.
enum Executable {
  /// The path of a program: as it is when it has a slash, else the first in PATH that can be executed.
  static func find(_ program: String) -> String? {
    if program.contains("/") { return access(program, F_OK) == 0 ? program : nil }
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/sbin:/usr/bin:/sbin:/bin"
    return path.split(separator: ":", omittingEmptySubsequences: true)
      .map { "\($0)/\(program)" }
      .first { access($0, X_OK) == 0 }
  }

  /// execve(2) with this process's environment; returns only when it failed.
  static func become(_ path: String, arguments: [String]) -> SystemError {
    var pointers = arguments.map { strdup($0) } + [nil]
    execv(path, &pointers)
    let error = SystemError(rawValue: errno)
    for pointer in pointers { free(pointer) }
    return error
  }
}
