// SPDX-License-Identifier: Apache-2.0

import CCrypto
import TPM
import Testing

/// What a PCR must hold, computed without the TPM: OpenSSL hashes, and the extend operation is done here.
enum Replay {
  static func digest(_ bank: TPMAlgorithm, _ bytes: [UInt8]) throws -> [UInt8] {
    let hash = try #require(EVP_get_digestbyname(bank.name), "OpenSSL has no \(bank)")
    var result = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    try #require(EVP_Digest(bytes, bytes.count, &result, &count, hash, nil) == 1)
    return Array(result.prefix(Int(count)))
  }

  /// TPM 2.0 Library Part 1, section 17.2: new = H(old || digest), from zeros.
  static func extend(_ bank: TPMAlgorithm, with digests: [[UInt8]]) throws -> [UInt8] {
    let size = try #require(bank.digestSize)
    return try digests.reduce([UInt8](repeating: 0, count: size)) { try digest(bank, $0 + $1) }
  }
}

/// The error a body throws; fails the test when it throws none.
func failure<Result>(
  of body: () throws(TPMError) -> Result, at location: SourceLocation = #_sourceLocation
) throws -> TPMError {
  var thrown: TPMError?
  do throws(TPMError) {
    _ = try body()
  } catch {
    thrown = error
  }
  return try #require(thrown, "no error was thrown", sourceLocation: location)
}
