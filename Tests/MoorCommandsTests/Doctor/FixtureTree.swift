// SPDX-License-Identifier: Apache-2.0

import Foundation

@testable import MoorCommands

/// A folder that stands for a host's root, with the files of a host on which moor can run.
final class FixtureTree {
  static let release = "6.12.117+deb12-cloud-amd64"
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("moor-doctor-" + UUID().uuidString)
    for (path, content) in Self.good { try write(content, to: path) }
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  /// Puts a file into the tree; nil takes it away, with its folder when the path ends with a slash.
  func write(_ content: [UInt8]?, to path: String) throws {
    let file = folder.appendingPathComponent(path)
    guard let content else { return try FileManager.default.removeItem(at: file) }
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(content).write(to: file)
  }

  func write(_ text: String, to path: String) throws {
    try write(Array(text.utf8), to: path)
  }

  /// The findings of one check.
  func finding(_ check: String, pcr: Int = 13) -> DoctorFinding? {
    DoctorHost(root: folder.path, tcti: nil, pcr: pcr).examine().findings.first { $0.check == check }
  }

  static let options = [
    "BPF_SYSCALL", "BPF_JIT", "BPF_LSM", "DEBUG_INFO_BTF", "DEBUG_INFO_BTF_MODULES",
    "DYNAMIC_FTRACE_WITH_DIRECT_CALLS", "MODULES", "SECURITYFS", "TCG_TPM", "FS_VERITY", "AUDIT", "MODULE_SIG",
  ]

  static func configuration(without absent: Set<String> = []) -> [UInt8] {
    let lines = options.map { absent.contains($0) ? "# CONFIG_\($0) is not set" : "CONFIG_\($0)=y" }
    return Array((["# Automatically generated file", "CONFIG_LSM=\"bpf\""] + lines).joined(separator: "\n").utf8)
  }

  static func module(for release: String) -> [UInt8] {
    [0x7F] + Array("ELF....\0license=GPL\0vermagic=\(release) SMP preempt mod_unload \0name=moor\0".utf8)
  }

  static let programs: [UInt8] =
    [0x7F] + Array("ELF".utf8) + [2, 1, 1] + [UInt8](repeating: 0, count: 9) + [1, 0, 247, 0]

  private static let good: [String: [UInt8]] = [
    "/proc/sys/kernel/osrelease": Array("\(release)\n".utf8),
    "/proc/sys/kernel/ftrace_enabled": Array("1\n".utf8),
    "/proc/self/status": Array("Name:\tmoor\nCapPrm:\t0000000000000000\nCapEff:\t000001ffffffffff\n".utf8),
    "/proc/self/uid_map": Array("         0          0 4294967295\n".utf8),
    "/boot/config-\(release)": configuration(),
    "/sys/kernel/security/lsm": Array("capability,landlock,lockdown,apparmor,bpf".utf8),
    "/sys/kernel/security/lockdown": Array("none [integrity] confidentiality\n".utf8),
    "/sys/kernel/security/tpm0/binary_bios_measurements": FirmwareLogBuilder().event(pcr: 0).event(pcr: 7).bytes,
    "/sys/kernel/btf/vmlinux": [0x9F, 0xEB, 1, 0],
    "/sys/class/tpm/tpm0/tpm_version_major": Array("2\n".utf8),
    "/dev/tpmrm0": [],
    "/usr/lib/moor/\(release)/moor.ko": module(for: release),
    "/usr/lib/moor/moor.bpf.o": programs,
    "/sys/kernel/moor/state": Array("open\n".utf8),
    "/sys/kernel/moor/mode": Array("learning\n".utf8),
  ]
}

/// Writes a crypto-agile firmware log (TCG PC Client Platform Firmware Profile, section 10.2).
struct FirmwareLogBuilder {
  private(set) var bytes: [UInt8]
  private let banks: [(id: UInt16, size: Int)]

  init(banks: [(id: UInt16, size: Int)] = [(0x000B, 32), (0x000C, 48)]) {
    self.banks = banks
    var header = Array("Spec ID Event03\0".utf8) + Self.little(0, 4) + [0, 2, 0, 2] + Self.little(banks.count, 4)
    for bank in banks { header += Self.little(Int(bank.id), 2) + Self.little(bank.size, 2) }
    header += [0]
    bytes = Self.little(0, 4) + Self.little(3, 4) + [UInt8](repeating: 0, count: 20) + Self.little(header.count, 4)
    bytes += header
  }

  func event(pcr: Int, type: Int = 0x8000_0001, data: [UInt8] = [1, 2, 3]) -> FirmwareLogBuilder {
    var next = self
    next.bytes += Self.little(pcr, 4) + Self.little(type, 4) + Self.little(banks.count, 4)
    for bank in banks { next.bytes += Self.little(Int(bank.id), 2) + [UInt8](repeating: 0xAA, count: bank.size) }
    next.bytes += Self.little(data.count, 4) + data
    return next
  }

  static func little(_ value: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
