// SPDX-License-Identifier: Apache-2.0

internal import CCrypto

/// SHA-256 of bytes in memory: what a policy is committed, logged and extended by.
enum SHA256 {
  static func digest(of bytes: [UInt8]) throws(KernelModuleError) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    var length: UInt32 = 0
    guard EVP_Digest(bytes, bytes.count, &digest, &length, EVP_sha256(), nil) == 1, length == 32 else {
      throw .rejected(Rejection(.digest, "libcrypto cannot compute SHA-256 here"))
    }
    return digest
  }
}
