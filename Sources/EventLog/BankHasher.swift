// SPDX-License-Identifier: Apache-2.0

import CCrypto

/// OpenSSL could not hash.
public struct HashingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was to be computed.
  public let algorithm: HashAlgorithm
  /// The OpenSSL function that failed, nil when moor does not know the algorithm.
  public let function: String?
  /// OpenSSL's own words, empty when it has none.
  public let reason: String

  /// Algorithm, function and reason in one line.
  public var description: String {
    guard let function else { return "the hash algorithm \(algorithm) is not known" }
    return "\(function) for \(algorithm) failed" + (reason.isEmpty ? "" : ": \(reason)")
  }
}

/// One bank's hash function with its OpenSSL handles, which it owns: fetched once, used for every record.
///
/// A method fetched explicitly spares the look-up that OpenSSL 3 does in each initialisation otherwise.
struct BankHasher: ~Copyable {
  let algorithm: HashAlgorithm
  private let digestLength: Int
  private let method: OpaquePointer
  private let context: OpaquePointer

  init(_ algorithm: HashAlgorithm) throws(HashingError) {
    guard let name = algorithm.openSSLName, let length = algorithm.digestLength else {
      throw HashingError(algorithm: algorithm, function: nil, reason: "")
    }
    guard let method = EVP_MD_fetch(nil, name, nil) else {
      throw Self.failure(of: "EVP_MD_fetch", algorithm)
    }
    guard Int(EVP_MD_get_size(method)) == length, let context = EVP_MD_CTX_new() else {
      EVP_MD_free(method)
      throw Self.failure(of: "EVP_MD_CTX_new", algorithm)
    }
    self.algorithm = algorithm
    self.digestLength = length
    self.method = method
    self.context = context
  }

  deinit {
    EVP_MD_CTX_free(context)
    EVP_MD_free(method)
  }

  /// The hash of these bytes.
  mutating func hash(_ content: [UInt8]) throws(HashingError) -> [UInt8] {
    try begin()
    try update(content)
    return try finish()
  }

  /// What a PCR with this value holds after TPM2_PCR_Extend with this digest: the hash of both, one after the other (TPM
  /// 2.0 Library, Part 3, section 22.2).
  mutating func extend(_ value: [UInt8], with digest: [UInt8]) throws(HashingError) -> [UInt8] {
    try begin()
    try update(value)
    try update(digest)
    return try finish()
  }

  private func begin() throws(HashingError) {
    guard EVP_DigestInit_ex2(context, method, nil) == 1 else { throw Self.failure(of: "EVP_DigestInit_ex2", algorithm) }
  }

  private func update(_ bytes: [UInt8]) throws(HashingError) {
    let done = bytes.withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    guard done == 1 else { throw Self.failure(of: "EVP_DigestUpdate", algorithm) }
  }

  private func finish() throws(HashingError) -> [UInt8] {
    var written: UInt32 = 0
    var done: Int32 = 0
    let digest = [UInt8](unsafeUninitializedCapacity: digestLength) { buffer, count in
      done = EVP_DigestFinal_ex(context, buffer.baseAddress, &written)
      count = done == 1 ? Int(written) : 0
    }
    guard done == 1 else { throw Self.failure(of: "EVP_DigestFinal_ex", algorithm) }
    return digest
  }

  private static func failure(of function: String, _ algorithm: HashAlgorithm) -> HashingError {
    var text = [CChar](repeating: 0, count: 256)
    let code = ERR_get_error()
    if code != 0 { ERR_error_string_n(code, &text, text.count) }
    let reason = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return HashingError(algorithm: algorithm, function: function, reason: reason)
  }
}
