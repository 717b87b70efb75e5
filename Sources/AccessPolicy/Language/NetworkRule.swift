// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import PolicyText

/// A socket of the internet families with its address.
public struct NetworkRule: Sendable, Hashable {
  /// The protocol.
  public enum Transport: String, Sendable, Hashable { case tcp, udp }

  /// What is done with the address.
  public enum Use: String, Sendable, Hashable {
    /// Bind to it, and for tcp listen at it.
    case listen
    /// Connect or send to it.
    case connect
  }

  /// Which addresses.
  public enum Address: Sendable, Hashable {
    /// All of both families.
    case any
    /// Those whose first bits are these; 4 bytes for IPv4, 16 for IPv6.
    case network([UInt8], bits: Int)
  }

  /// The protocol.
  public let transport: Transport
  /// What is done.
  public let use: Use
  /// The addresses.
  public let address: Address
  /// The ports.
  public let ports: ClosedRange<UInt16>
}

/// Reads `ADDRESS:PORT`: `127.0.0.1:5901`, `10.0.0.0/8:*`, `[::1]:49152-49215`, `*:22`.
enum NetworkReader {
  private static let form = "ADDRESS:PORT, such as 127.0.0.1:5901, [::1]:49152-49215 or 10.0.0.0/8:*"

  static func read(
    _ argument: Argument, _ transport: NetworkRule.Transport, _ use: NetworkRule.Use
  ) throws(RuleProblem) -> NetworkRule {
    let text = String(decoding: argument.bytes, as: UTF8.self)
    guard let colon = text.lastIndex(of: ":"), !argument.isQuoted else {
      throw RuleProblem(.address, argument.location, "'\(argument.shown)' has no port; expected \(form)")
    }
    let address = try self.address(String(text[..<colon]), argument)
    let ports = try self.ports(String(text[text.index(after: colon)...]), argument)
    return NetworkRule(transport: transport, use: use, address: address, ports: ports)
  }

  private static func address(_ text: String, _ argument: Argument) throws(RuleProblem) -> NetworkRule.Address {
    if text == "*" { return .any }
    let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
    if !isBracketed, text.contains(":") {
      throw RuleProblem(
        .address, argument.location, "an IPv6 address stands in brackets; expected \(form)", nearest: "[\(text)]:PORT")
    }
    let inner = isBracketed ? String(text.dropFirst().dropLast()) : text
    let parts = inner.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    var bytes = [UInt8](repeating: 0, count: isBracketed ? 16 : 4)
    guard inet_pton(isBracketed ? AF_INET6 : AF_INET, parts[0], &bytes) == 1 else {
      throw RuleProblem(
        .address, argument.location,
        "'\(SafeText.render(inner.utf8))' is no IPv\(isBracketed ? 6 : 4) address; expected \(form)")
    }
    let width = 8 * bytes.count
    guard parts.count == 2 else { return .network(bytes, bits: width) }
    guard let bits = UInt64(decimal: Array(parts[1].utf8)), bits <= UInt64(width) else {
      throw RuleProblem(
        .address, argument.location,
        "'/\(SafeText.render(parts[1].utf8))' is no length of a network; expected 0 to \(width)")
    }
    for bit in Int(bits)..<max(Int(bits), width) where bytes[bit / 8] & (0x80 >> UInt8(bit % 8)) != 0 {
      throw RuleProblem(
        .address, argument.location, "the address has bits set behind the first \(bits); expected a network's",
        nearest: "\(parts[0])/\(width)")
    }
    return .network(bytes, bits: Int(bits))
  }

  private static func ports(_ text: String, _ argument: Argument) throws(RuleProblem) -> ClosedRange<UInt16> {
    if text == "*" { return 0...UInt16.max }
    let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let numbers = parts.map { UInt64(decimal: Array($0.utf8)) }
    guard let first = numbers[0], let last = numbers[numbers.count - 1], last <= 65535, first <= last else {
      throw RuleProblem(
        .address, argument.location,
        "'\(SafeText.render(text.utf8))' is no port; expected a number to 65535, two with '-' between them, or *")
    }
    return UInt16(first)...UInt16(last)
  }
}

extension Diagnostic.Code {
  /// An address, a network or a port that is none.
  static let address = Self(rawValue: "address")
}
