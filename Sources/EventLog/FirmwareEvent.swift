// SPDX-License-Identifier: Apache-2.0

/// What a firmware event says, by its number (TCG PC Client Platform Firmware Profile 1.06, section 10.4.1).
///
/// The number is not measured: whoever changes the log can relabel an event. Only its digest, and for some kinds its data,
/// is bound to a PCR.
public struct FirmwareEventType: RawRepresentable, Hashable, Sendable, Codable {
  /// The number in the log.
  public let rawValue: UInt32

  /// The type of this number, named or not.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Says something and extends nothing.
  public static let noAction = Self(rawValue: 0x0000_0003)
  /// Ends the firmware's measurements into a PCR.
  public static let separator = Self(rawValue: 0x0000_0004)

  private static let names: [UInt32: String] = [
    0x0000_0000: "EV_PREBOOT_CERT", 0x0000_0001: "EV_POST_CODE", 0x0000_0002: "EV_UNUSED",
    0x0000_0003: "EV_NO_ACTION", 0x0000_0004: "EV_SEPARATOR", 0x0000_0005: "EV_ACTION", 0x0000_0006: "EV_EVENT_TAG",
    0x0000_0007: "EV_S_CRTM_CONTENTS", 0x0000_0008: "EV_S_CRTM_VERSION", 0x0000_0009: "EV_CPU_MICROCODE",
    0x0000_000A: "EV_PLATFORM_CONFIG_FLAGS", 0x0000_000B: "EV_TABLE_OF_DEVICES", 0x0000_000C: "EV_COMPACT_HASH",
    0x0000_000D: "EV_IPL", 0x0000_000E: "EV_IPL_PARTITION_DATA", 0x0000_000F: "EV_NONHOST_CODE",
    0x0000_0010: "EV_NONHOST_CONFIG", 0x0000_0011: "EV_NONHOST_INFO", 0x0000_0012: "EV_OMIT_BOOT_DEVICE_EVENTS",
    0x0000_0013: "EV_POST_CODE2", 0x8000_0000: "EV_EFI_EVENT_BASE", 0x8000_0001: "EV_EFI_VARIABLE_DRIVER_CONFIG",
    0x8000_0002: "EV_EFI_VARIABLE_BOOT", 0x8000_0003: "EV_EFI_BOOT_SERVICES_APPLICATION",
    0x8000_0004: "EV_EFI_BOOT_SERVICES_DRIVER", 0x8000_0005: "EV_EFI_RUNTIME_SERVICES_DRIVER",
    0x8000_0006: "EV_EFI_GPT_EVENT", 0x8000_0007: "EV_EFI_ACTION", 0x8000_0008: "EV_EFI_PLATFORM_FIRMWARE_BLOB",
    0x8000_0009: "EV_EFI_HANDOFF_TABLES", 0x8000_000A: "EV_EFI_PLATFORM_FIRMWARE_BLOB2",
    0x8000_000B: "EV_EFI_HANDOFF_TABLES2", 0x8000_000C: "EV_EFI_VARIABLE_BOOT2", 0x8000_000D: "EV_EFI_GPT_EVENT2",
    0x8000_0010: "EV_EFI_HCRTM_EVENT", 0x8000_00E0: "EV_EFI_VARIABLE_AUTHORITY",
    0x8000_00E1: "EV_EFI_SPDM_FIRMWARE_BLOB", 0x8000_00E2: "EV_EFI_SPDM_FIRMWARE_CONFIG",
    0x8000_00E3: "EV_EFI_SPDM_DEVICE_POLICY", 0x8000_00E4: "EV_EFI_SPDM_DEVICE_AUTHORITY",
  ]
}

extension FirmwareEventType: CustomStringConvertible {
  /// The specification's name, or the number in hex.
  public var description: String { Self.names[rawValue] ?? "0x" + String(rawValue, radix: 16) }
}

/// One event of the firmware's log.
public struct FirmwareEvent: Hashable, Sendable {
  /// Its place in the log; 0 is the Spec ID event, which is not among ``FirmwareEventLog/events``.
  public let number: Int
  /// Where it begins: bytes from the begin of the log.
  public let offset: Int
  /// The PCR; in an event that extends nothing it may be any number.
  public let pcr: UInt32
  /// What it says it is. Untrusted.
  public let type: FirmwareEventType
  /// A digest for each bank of the log, in the order of the event.
  public let digests: [Digest]
  /// What stands beside the digests. Untrusted, unless ``isHash(in:)`` says that the digest covers it.
  public let data: HexBytes

  /// Whether the event extends its PCR.
  public var isExtended: Bool { type != .noAction }

  /// The digest of one bank.
  public func digest(_ algorithm: HashAlgorithm) -> Digest? {
    digests.first { $0.algorithm == algorithm }
  }

  /// Whether this bank's digest is the hash of the event's data. True for separators, actions, variables; false for
  /// events that describe what was measured, such as a file's path.
  public func isHash(in bank: HashAlgorithm) throws(HashingError) -> Bool {
    guard let digest = digest(bank) else { return false }
    return try Digest(hashing: data.bytes, with: bank) == digest
  }
}

extension FirmwareEvent: CustomStringConvertible {
  /// One line: number, PCR, type, digests, and how much data there is.
  public var description: String {
    let digests = digests.map(\.description).joined(separator: ",")
    return "event=\(number) pcr=\(pcr) type=\(type) digests=\(digests) bytes=\(data.bytes.count)"
  }
}
