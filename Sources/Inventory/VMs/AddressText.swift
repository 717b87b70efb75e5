// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Numeric addresses, as inet_pton(3) knows them.
enum AddressText {
  static func isIPv4(_ text: String) -> Bool { isAddress(text, AF_INET, count: 4) }
  static func isIPv6(_ text: String) -> Bool { isAddress(text, AF_INET6, count: 16) }

  private static func isAddress(_ text: String, _ family: Int32, count: Int) -> Bool {
    var bytes = [UInt8](repeating: 0, count: count)
    return !text.utf8.contains(0) && inet_pton(family, text, &bytes) == 1
  }
}
