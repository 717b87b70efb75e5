// SPDX-License-Identifier: Apache-2.0

internal import CMoor

/// The name of a VM as the module binds it: 1 to 63 bytes of letters, digits, `.`, `_` and `-`, and the first
/// of them a letter or a digit.
public struct VMName: RawRepresentable, Sendable, Hashable {
  /// The name.
  public let rawValue: String

  /// Takes a name that keeps the rules; nil for any other.
  public init?(rawValue: String) {
    guard (1...Int(MOOR_VM_NAME_MAX)).contains(rawValue.utf8.count),
      let first = rawValue.utf8.first, Self.isAlphanumeric(first),
      rawValue.utf8.allSatisfy({ Self.isAlphanumeric($0) || [0x2D, 0x2E, 0x5F].contains($0) })
    else { return nil }
    self.rawValue = rawValue
  }

  /// Takes a name, or says why it is none.
  public init(_ name: String) throws(KernelModuleError) {
    guard let valid = VMName(rawValue: name) else {
      throw .rejected(
        Rejection(
          .vmName,
          "“\(name)” is no name of a VM: expected 1 to \(MOOR_VM_NAME_MAX) letters, digits, '.', '_' or '-', "
            + "beginning with a letter or a digit"))
    }
    self = valid
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    default: false
    }
  }
}
