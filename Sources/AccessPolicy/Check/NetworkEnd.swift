// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// One end of a socket, to be asked about: its own end where it listens, the other where it connects.
public struct NetworkEnd: Sendable, Hashable {
  /// The protocol.
  public let transport: NetworkRule.Transport
  /// What is done with the address.
  public let use: NetworkRule.Use
  /// 4 bytes for IPv4, 16 for IPv6.
  public let address: [UInt8]
  /// The port; 0 is one that the kernel chooses.
  public let port: UInt16

  /// Reads an address as the kernel writes it, without brackets; nil for what is none.
  public init?(_ transport: NetworkRule.Transport, _ use: NetworkRule.Use, address text: String, port: UInt16) {
    let isSix = text.utf8.contains(UInt8(ascii: ":"))
    var bytes = [UInt8](repeating: 0, count: isSix ? 16 : 4)
    guard inet_pton(isSix ? AF_INET6 : AF_INET, text, &bytes) == 1 else { return nil }
    self.transport = transport
    self.use = use
    address = bytes
    self.port = port
  }
}

extension NetworkRule {
  /// Whether a rule is about an end, as the module has it (`moor_access_judge_network`): a denial is also about 0.0.0.0 and
  /// `::`, which stand for every address of the host.
  public func isAbout(_ end: NetworkEnd, isDenial: Bool) -> Bool {
    guard transport == end.transport, use == end.use, ports.contains(end.port) else { return false }
    if isDenial, end.address.allSatisfy({ $0 == 0 }) { return true }
    guard case .network(let bytes, let bits) = address else { return true }
    guard bytes.count == end.address.count else { return false }
    return zip(bytes, end.address).enumerated().allSatisfy { index, pair in
      let left = min(max(bits - 8 * index, 0), 8)
      return left == 0 || (pair.0 ^ pair.1) >> UInt8(8 - left) == 0
    }
  }
}
