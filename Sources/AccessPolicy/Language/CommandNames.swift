// SPDX-License-Identifier: Apache-2.0

internal import CIoctl
internal import PolicyText

/// The ioctl commands that have a name in policies: those of the kernel's own headers.
public enum CommandNames {
  /// Every name with its number.
  public static let all: [(name: String, number: UInt32)] = (0..<Int(moor_ioctl_count)).compactMap { index in
    guard let entry = moor_ioctl_at(UInt32(index)), let name = entry.pointee.name else { return nil }
    return (String(cString: name), entry.pointee.number)
  }

  static let what = "an ioctl command, such as KVM_RUN, 0xae80 or any,"
  private static let numbers = Dictionary(all.map { ($0.name, $0.number) }, uniquingKeysWith: { first, _ in first })

  /// Reads names, numbers such as 0xae80, or `any`.
  static func read(_ arguments: [Argument]) throws(RuleProblem) -> CommandSet {
    var commands: Set<UInt32> = []
    for argument in arguments {
      if argument.isWord("any") {
        guard arguments.count == 1 else {
          throw RuleProblem(.contradiction, argument.location, "'any' stands beside other commands; expected it alone")
        }
        return .any
      }
      commands.insert(try number(argument))
    }
    return .some(commands.sorted())
  }

  private static func number(_ argument: Argument) throws(RuleProblem) -> UInt32 {
    let text = String(decoding: argument.bytes, as: UTF8.self)
    if let number = numbers[text], !argument.isQuoted { return number }
    if text.hasPrefix("0x"), text.utf8.count <= 10, let number = UInt32(text.dropFirst(2), radix: 16),
      text.utf8.dropFirst(2).first != UInt8(ascii: "+")
    {
      return number
    }
    throw RuleProblem(
      .unknownWord, argument.location,
      "'\(argument.shown)' is no ioctl command; expected a name such as KVM_RUN, a number such as 0xae80, or any",
      nearest: Nearest.match(argument.bytes, among: all.map(\.name)))
  }
}
