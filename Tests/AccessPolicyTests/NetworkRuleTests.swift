// SPDX-License-Identifier: Apache-2.0

import PolicyVectors
import Testing

@testable import AccessPolicy

/// Rules about the network as a person writes them, and what the module makes of them.
@Suite struct NetworkRuleTests {
  struct Row: CustomTestStringConvertible, Sendable {
    let rules: String
    let transport: NetworkRule.Transport
    let use: NetworkRule.Use
    let allowed: [String]
    let denied: [String]
    var testDescription: String { rules }
  }

  static let rows = [
    Row(
      rules: "tcp connect 127.0.0.1:5901", transport: .tcp, use: .connect,
      allowed: ["127.0.0.1 5901", "::ffff:127.0.0.1 5901"],
      denied: ["127.0.0.1 5900", "127.0.0.1 5902", "127.0.0.2 5901", "0.0.0.0 5901", "::1 5901", "::7f00:1 5901"]),
    Row(
      rules: "tcp connect 127.0.0.1:5901", transport: .udp, use: .connect, allowed: [], denied: ["127.0.0.1 5901"]),
    Row(
      rules: "tcp connect 127.0.0.1:5901", transport: .tcp, use: .listen, allowed: [], denied: ["127.0.0.1 5901"]),
    Row(
      rules: "udp bind 10.0.0.0/9:49152-49215", transport: .udp, use: .listen,
      allowed: ["10.0.0.1 49152", "10.127.255.255 49215"],
      denied: ["10.128.0.0 49152", "10.0.0.1 49151", "10.0.0.1 49216"]),
    Row(
      rules: "udp connect [fd00::/8]:53", transport: .udp, use: .connect,
      allowed: ["fd00::1 53", "fdff:ffff::1 53"], denied: ["fc00::1 53", "::ffff:10.0.0.1 53", "10.0.0.1 53"]),
    Row(
      rules: "tcp listen *:*", transport: .tcp, use: .listen,
      allowed: ["0.0.0.0 0", ":: 0", "127.0.0.1 65535", "fd00::1 1"], denied: []),
    Row(
      rules: "tcp listen *:22", transport: .tcp, use: .listen,
      allowed: ["0.0.0.0 22", ":: 22", "127.0.0.1 22"], denied: ["0.0.0.0 0", "127.0.0.1 23"]),
    Row(
      rules: "tcp connect *:*\ndeny tcp connect 10.0.0.0/8:4444", transport: .tcp, use: .connect,
      allowed: ["11.0.0.1 4444", "10.0.0.1 4445", "0.0.0.0 4445"],
      denied: ["10.0.0.1 4444", "::ffff:10.9.9.9 4444", "0.0.0.0 4444", ":: 4444"]),
    Row(
      rules: "audit tcp connect [::1]:0-1023", transport: .tcp, use: .connect, allowed: ["::1 0", "::1 1023"],
      denied: ["::1 1024", "127.0.0.1 1"]),
  ]

  @Test(arguments: rows) func meanWhatTheModuleMakesOfThem(row: Row) throws {
    let policy = try readPolicy("vm web1 {\n\(row.rules)\n}\n")
    let kernel = try KernelAccess(PackedAccessPolicy(policy).bytes)
    for (ends, isAllowed) in [(row.allowed, true), (row.denied, false)] {
      for end in ends {
        let parts = end.split(separator: " ").map(String.init)
        let port = try #require(UInt16(parts[1]))
        #expect(kernel.allows(row.transport, row.use, parts[0], port) == isAllowed, "\(end)")
      }
    }
  }
}
