// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import PolicyText

/// An address with a port, as a rule of the network has it, when both are known as numbers.
struct NetworkRuleText {
  /// `ADDRESS:PORT`.
  let text: String

  /// - Parameters:
  ///   - host: An IPv4 or IPv6 address, in brackets or not, empty for all; a name is none, since who it is may be another
  ///     tomorrow.
  ///   - port: A number, or two with `-` between them.
  init?(host: String?, port: String?) {
    guard let host, let port, let address = Self.address(host), Self.isPort(port) else { return nil }
    text = "\(address):\(port)"
  }

  private static func address(_ host: String) -> String? {
    var host = host
    if host.hasPrefix("["), host.hasSuffix("]"), host.utf8.count > 1 { host = String(host.dropFirst().dropLast()) }
    switch host {
    case "": return "*"
    case "localhost": return "127.0.0.1"
    // As getaddrinfo(3) takes it.
    case "0": return "0.0.0.0"
    default: break
    }
    if bytes(host, AF_INET, count: 4) != nil { return host }
    guard let address = bytes(host, AF_INET6, count: 16) else { return nil }
    // Rules in brackets are not about IPv4 addresses in IPv6 form.
    let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
    if address.starts(with: mapped) { return address.suffix(4).map(String.init).joined(separator: ".") }
    return "[\(host)]"
  }

  /// An address by inet_pton(3).
  private static func bytes(_ text: String, _ family: Int32, count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    return !text.utf8.contains(0) && inet_pton(family, text, &bytes) == 1 ? bytes : nil
  }

  private static func isPort(_ text: String) -> Bool {
    let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map {
      UInt64(decimal: Array($0.utf8))
    }
    guard let first = parts[0], let last = parts[parts.count - 1] else { return false }
    return first <= last && last <= 65535
  }
}
