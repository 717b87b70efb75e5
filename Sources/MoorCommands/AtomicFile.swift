// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Writes a file so that at every moment, a power cut included, either the old or the new one is there.
enum AtomicFile {
  /// Replaces a file's content; owner and mode stay, a new file gets mode 0644. A symbolic link is followed.
  static func write(_ bytes: [UInt8], to path: String) throws(CommandFailure) {
    let target = realpath(path, nil).map { pointer in
      defer { free(pointer) }
      return String(cString: pointer)
    }
    try write(bytes, target: target ?? path, shown: path, keepsOwner: true)
  }

  /// Puts a new file, the caller's with mode 0644, in the place of whatever has the name, a symbolic link included.
  static func replace(_ path: String, with bytes: [UInt8]) throws(CommandFailure) {
    try write(bytes, target: path, shown: path, keepsOwner: false)
  }

  private static func write(
    _ bytes: [UInt8], target: String, shown: String, keepsOwner: Bool
  ) throws(CommandFailure) {
    let folder = target.lastIndex(of: "/").map { $0 == target.startIndex ? "/" : String(target[..<$0]) } ?? "."
    var template = Array("\(target).XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0, fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { throw failure(shown) }
    let temporary = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    var isPlaced = false
    defer {
      close(descriptor)
      if !isPlaced { unlink(temporary) }
    }
    var status = stat()
    let isThere = keepsOwner && stat(target, &status) == 0
    guard fchmod(descriptor, isThere ? status.st_mode & 0o7777 : 0o644) == 0,
      !isThere || fchown(descriptor, status.st_uid, status.st_gid) == 0,
      put(bytes, descriptor), fsync(descriptor) == 0, rename(temporary, target) == 0
    else { throw failure(shown) }
    isPlaced = true
    // The new name is on disk only once the folder is.
    let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if directory >= 0 {
      fsync(directory)
      close(directory)
    }
  }

  private static func put(_ bytes: [UInt8], _ descriptor: Int32) -> Bool {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress.map { $0 + offset }, buffer.count - offset)
      }
      if count < 0, errno != EINTR { return false }
      offset += max(count, 0)
    }
    return true
  }

  private static func failure(_ path: String) -> CommandFailure {
    CommandFailure(.cannotCreate, "\(path) cannot be written: \(String(cString: strerror(errno)))")
  }
}
