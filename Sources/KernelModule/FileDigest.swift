// SPDX-License-Identifier: Apache-2.0

internal import CCrypto
internal import CKernelModule
internal import Glibc

/// The digest of a file on disk, taken the ways that the module takes it.
public enum FileDigest {
  /// SHA-256 of a regular file's bytes.
  ///
  /// - Throws: ELOOP for a symbolic link, EINVAL for what is no regular file, and what open(2) and read(2) answer.
  public static func sha256(ofFile path: String) throws(KernelModuleError) -> [UInt8] {
    let descriptor = try open(path)
    defer { close(descriptor) }
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      throw .rejected(Rejection(.digest, "libcrypto cannot compute SHA-256 here"))
    }
    defer { EVP_MD_CTX_free(context) }
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 {
        let error = errno
        if error == EINTR { continue }
        throw .kernel(KernelRefusal(.readFile, SystemError(rawValue: error), detail: path))
      }
      if count == 0 { break }
      EVP_DigestUpdate(context, buffer, count)
    }
    var digest = [UInt8](repeating: 0, count: 32)
    guard EVP_DigestFinal_ex(context, &digest, nil) == 1 else {
      throw .rejected(Rejection(.digest, "libcrypto cannot compute SHA-256 here"))
    }
    return digest
  }

  /// The fs-verity file digest, which the filesystem keeps (Documentation/filesystems/fsverity.rst): 32 bytes for
  /// SHA-256, 64 for SHA-512; nil for a file without.
  public static func verity(ofFile path: String) throws(KernelModuleError) -> [UInt8]? {
    let descriptor = try open(path)
    defer { close(descriptor) }
    var digest = [UInt8](repeating: 0, count: 64)
    let length = moor_measure_verity(descriptor, &digest, digest.count)
    if [-ENODATA, -EOPNOTSUPP, -ENOTTY].contains(length) { return nil }
    guard length >= 0 else {
      throw .kernel(KernelRefusal(.readFile, SystemError(rawValue: -length), detail: path))
    }
    return Array(digest.prefix(Int(length)))
  }

  private static func open(_ path: String) throws(KernelModuleError) -> Int32 {
    // O_NONBLOCK: a FIFO in place of a file must not stall us before we see what it is.
    let descriptor = moor_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0)
    guard descriptor >= 0 else {
      throw .kernel(KernelRefusal(.readFile, SystemError(rawValue: -descriptor), detail: path))
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .kernel(KernelRefusal(.readFile, SystemError(rawValue: EINVAL), detail: "\(path) is no regular file"))
    }
    return descriptor
  }
}
