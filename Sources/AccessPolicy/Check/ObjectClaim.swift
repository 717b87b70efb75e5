// SPDX-License-Identifier: Apache-2.0

/// What a rule claims of its objects.
public enum ObjectClaim: Sendable, Hashable {
  /// They are the VM's alone.
  case own
  /// It makes files of its own there.
  case temporary
  /// It changes what others may have, too.
  case change
  /// It reads.
  case read

  /// The claim of a rule; nil where it claims nothing, as of devices, programs and sockets.
  public init?(_ path: PathRule) {
    switch path.verb {
    case .object: self = .own
    case .temp: self = .temporary
    case .file: self = path.permissions.isDisjoint(with: .changes) ? .read : .change
    case .shared: self = .read
    case .device, .exec, .unix, .delegate: return nil
    }
  }

  /// Whether two VMs may not both have such claims on one object.
  public static func exclude(_ one: Self, _ other: Self) -> Bool {
    switch (one, other) {
    case (.own, _), (_, .own): true
    case (.temporary, .temporary): false
    case (.temporary, _), (_, .temporary): true
    case (.change, .change): true
    default: false
    }
  }
}
