// SPDX-License-Identifier: Apache-2.0

internal import CMoor

/// What the module says of itself in /sys/kernel/moor.
public struct ModuleState: Sendable, Equatable, Codable {
  /// How far the module is (`enum moor_state`).
  public enum State: String, Sendable, CaseIterable, Codable {
    /// It holds no hooks, and decides nothing.
    case unarmed
    /// It decides, has no policy yet, and refuses all that is guarded.
    case closed
    /// It decides by the policy in force.
    case open
    /// As open, and until a reboot nothing looser can come.
    case locked
    /// A TPM command's outcome is unknown: nothing guarded starts until a reboot.
    case broken
  }

  /// What the policy in force asks for (`enum moor_mode`).
  public enum Mode: String, Sendable, CaseIterable, Codable {
    /// There is no policy.
    case none
    /// Measure, record and allow.
    case learning
    /// Measure, record, and refuse what the policy does not allow.
    case enforcing
  }

  /// A counter of the module; exact since it was loaded.
  public struct Statistic: Sendable, Equatable, Codable {
    /// Its name.
    public let name: String
    /// Its value.
    public let value: UInt64
  }

  /// The trust policy in force.
  public struct Policy: Sendable, Equatable, Codable {
    /// Its name; untrusted, it is what was committed.
    public let name: String
    /// The person's number.
    public let version: UInt64
    /// The generation of the sealed bundle that it came in; 0 when it was not sealed.
    public let generation: UInt64
    /// How many entries it has.
    public let entries: UInt64
    /// SHA-256 of its packed entries, in hex.
    public let sha256: String
  }

  /// The access policy in force.
  public struct Access: Sendable, Equatable, Codable {
    /// Its name; untrusted, it is what was committed.
    public let name: String
    /// The person's number.
    public let version: UInt64
    /// The generation of the sealed bundle that it came in; 0 when it was not sealed.
    public let generation: UInt64
    /// How many VMs, templates and helpers it has.
    public let domains: UInt64
    /// What it asks for; single VMs may learn while it enforces.
    public let mode: Mode
    /// Its size in the module's form.
    public let bytes: UInt64
    /// SHA-256 of these bytes, in hex.
    public let sha256: String
  }

  /// How far the module is.
  public let state: State
  /// What the policy in force asks for.
  public let mode: Mode
  /// Whether the host is locked until it is rebooted.
  public let isLocked: Bool
  /// The PCR that it extends.
  public let pcr: UInt32
  /// Whether it has a TPM to extend.
  public let hasTPM: Bool
  /// The policy in force; nil before the first.
  public let policy: Policy?
  /// The access policy in force; nil before the first.
  public let access: Access?
  /// Whether it holds the hooks of access rules, without which no access policy comes into force.
  public let attachesAccess: Bool
  /// The version of its interface, MOOR_ABI_VERSION.
  public let version: String
  /// The id of this boot, as in /proc/sys/kernel/random/boot_id.
  public let boot: String
  /// The counters, in the module's order.
  public let statistics: [Statistic]

  /// Where the module shows its state.
  public static let folder = MOOR_SYSFS_PATH

  /// Whether there is a module to ask.
  public static func isPresent(folder: String = ModuleState.folder) -> Bool {
    (try? SmallFile.read("\(folder)/state", as: .readState)) != nil
  }

  /// Reads the state.
  ///
  /// - Throws: ENOENT with ``KernelOperation/readState`` when the module is not loaded, and
  ///   ``Rejection/Code/malformed`` for a text that is not what this tool expects.
  public init(folder: String = ModuleState.folder) throws(KernelModuleError) {
    func text(_ name: String) throws(KernelModuleError) -> String {
      let bytes = try SmallFile.read("\(folder)/\(name)", limit: 64 << 10, as: .readState)
      return String(String(decoding: bytes, as: UTF8.self).drop(while: \.isWhitespace).trimmedEnd)
    }
    func value<Value>(
      _ name: String, _ expected: String, _ parse: (String) -> Value?
    ) throws(KernelModuleError) -> Value {
      let found = try text(name)
      guard let value = parse(found) else {
        throw .rejected(
          Rejection(.malformed, "\(folder)/\(name) says “\(found.prefix(64))”, expected \(expected)"))
      }
      return value
    }
    state = try value("state", "unarmed, closed, open, locked or broken", State.init(rawValue:))
    mode = try value("mode", "none, learning or enforcing", Mode.init(rawValue:))
    isLocked = try value("locked", "0 or 1") { ["0": false, "1": true][$0] }
    pcr = try value("pcr", "a number") { UInt32($0) }
    hasTPM = try value("tpm", "0 or 1") { ["0": false, "1": true][$0] }
    policy = try value("policy", "nothing, or lines of a name and a value", Self.parse(policy:))
    access = try value("access/policy", "nothing, or lines of a name and a value", Self.parse(access:))
    attachesAccess = try value("access/attached", "0 or 1") { ["0": false, "1": true][$0] }
    version = try text("version")
    boot = try text("boot")
    statistics = try value("stats", "lines of a name and a number", Self.parse(statistics:))
  }

  /// Nil inside is an empty text: there is no policy. Nil outside is a text that cannot be read.
  private static func parse(policy text: String) -> Policy?? {
    if text.isEmpty { return .some(nil) }
    guard let fields = fields(text), let name = fields["name"], let sha256 = fields["sha256"],
      let version = fields["version"].flatMap(UInt64.init),
      let generation = fields["generation"].flatMap(UInt64.init), let entries = fields["entries"].flatMap(UInt64.init)
    else { return nil }
    return Policy(name: name, version: version, generation: generation, entries: entries, sha256: sha256)
  }

  /// As for the trust policy.
  private static func parse(access text: String) -> Access?? {
    if text.isEmpty { return .some(nil) }
    guard let fields = fields(text), let name = fields["name"], let sha256 = fields["sha256"],
      let version = fields["version"].flatMap(UInt64.init),
      let generation = fields["generation"].flatMap(UInt64.init), let domains = fields["domains"].flatMap(UInt64.init),
      let mode = fields["mode"].flatMap(Mode.init), let bytes = fields["bytes"].flatMap(UInt64.init)
    else { return nil }
    return Access(
      name: name, version: version, generation: generation, domains: domains, mode: mode, bytes: bytes, sha256: sha256)
  }

  /// Lines of a key and a value, each key once.
  private static func fields(_ text: String) -> [Substring: String]? {
    var fields: [Substring: String] = [:]
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      guard words.count == 2, fields.updateValue(String(words[1]), forKey: words[0]) == nil else { return nil }
    }
    return fields
  }

  private static func parse(statistics text: String) -> [Statistic]? {
    var statistics: [Statistic] = []
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 2, let value = UInt64(words[1]) else { return nil }
      statistics.append(Statistic(name: String(words[0]), value: value))
    }
    return statistics
  }
}

extension Substring {
  /// Without white space at the end.
  fileprivate var trimmedEnd: Substring {
    var text = self
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
