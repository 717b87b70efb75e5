// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import MoorCommands

@Suite struct DoctorHostTests {
  @Test func findsNothingWrongOnAGoodHost() throws {
    let tree = try FixtureTree()
    let report = DoctorHost(root: tree.folder.path, tcti: nil).examine()
    #expect(report.kernel == FixtureTree.release)
    // The TPM itself is not among the files.
    #expect(report.findings.filter { $0.status != .ok }.map(\.check) == ["tpm-banks"])
    #expect(report.status == .warn)
    #expect(report.exitStatus == .success)
    #expect(Set(report.findings.map(\.check)).count == report.findings.count)
  }

  @Test func anEmptyRootFailsEverywhereAndTrapsNowhere() throws {
    let report = DoctorHost(root: "/nonexistent", tcti: nil).examine()
    #expect(report.kernel == "")
    #expect(report.exitStatus == .difference)
    #expect(!report.findings.contains { $0.status == .ok })
    #expect(report.findings.allSatisfy { $0.advice?.isEmpty == false })
  }

  /// One thing that is wrong, and the finding that must follow.
  struct Row: Sendable, CustomTestStringConvertible {
    let path: String
    let content: [UInt8]?
    let finding: DoctorFinding
    var testDescription: String { "\(finding.check): \(finding.found)" }

    init(_ path: String, _ content: [UInt8]?, _ finding: DoctorFinding) {
      self.path = path
      self.content = content
      self.finding = finding
    }

    init(_ path: String, _ content: String, _ finding: DoctorFinding) {
      self.init(path, Array(content.utf8), finding)
    }
  }

  private static let release = FixtureTree.release
  private static let configuration = "/boot/config-\(release)"
  private static let module = "/usr/lib/moor/\(release)/moor.ko"

  static let rows: [Row] = [
    Row(
      "/proc/sys/kernel/osrelease", nil,
      .fail("kernel-release", "/proc/sys/kernel/osrelease cannot be read", "Mount /proc.")),
    Row(
      "/proc/sys/kernel/osrelease", "5.10.0-8-amd64\n",
      .warn(
        "kernel-release", "5.10.0-8-amd64 is of a series that moor is not tested on",
        "Use a kernel of the series 6.1 or 6.12.")),
    Row(
      "/proc/sys/kernel/osrelease", "6.120.1\n",
      .warn(
        "kernel-release", "6.120.1 is of a series that moor is not tested on",
        "Use a kernel of the series 6.1 or 6.12.")),
    Row(
      configuration, nil,
      .warn(
        "kernel-config", "none of /boot/config-\(release), /lib/modules/\(release)/config, /proc/config.gz can be read",
        "Install the kernel's package with its configuration; the checks below still tell what runs.")),
    Row(
      configuration, FixtureTree.configuration(without: ["BPF_LSM"]),
      .fail(
        "kernel-config", "/boot/config-\(release) lacks CONFIG_BPF_LSM",
        "Use Debian's stock kernel, or set what is missing: the module is called from BPF-LSM programs.")),
    Row(
      configuration, FixtureTree.configuration(without: ["AUDIT", "TCG_TPM"]),
      .fail(
        "kernel-config", "/boot/config-\(release) lacks CONFIG_TCG_TPM, CONFIG_AUDIT",
        "Use Debian's stock kernel, or set what is missing: measurements go into the TPM.")),
    Row(
      configuration, FixtureTree.configuration(without: ["FS_VERITY"]),
      .warn(
        "kernel-config", "/boot/config-\(release) lacks CONFIG_FS_VERITY",
        "Use Debian's stock kernel, or set what is missing: without it large files are hashed whole.")),
    Row(
      "/sys/kernel/security/lsm", "lockdown,capability,apparmor",
      .fail(
        "lsm", "lockdown,capability,apparmor: bpf is not among them",
        "Boot with lsm=lockdown,capability,apparmor,bpf on the kernel command line.")),
    Row(
      "/sys/kernel/security/lsm", "capability,notbpf,bpfnot",
      .fail(
        "lsm", "capability,notbpf,bpfnot: bpf is not among them",
        "Boot with lsm=capability,notbpf,bpfnot,bpf on the kernel command line.")),
    Row(
      "/sys/kernel/security/lsm", nil,
      .fail(
        "lsm", "/sys/kernel/security/lsm cannot be read",
        "Run as root, and mount securityfs: mount -t securityfs none /sys/kernel/security")),
    Row(
      "/sys/kernel/btf/vmlinux", nil,
      .fail("btf", "/sys/kernel/btf/vmlinux is missing", "Use a kernel built with CONFIG_DEBUG_INFO_BTF.")),
    Row(
      "/sys/kernel/btf/vmlinux", "ELF",
      .fail("btf", "/sys/kernel/btf/vmlinux is not BTF", "Use a kernel built with CONFIG_DEBUG_INFO_BTF.")),
    Row(
      "/proc/sys/kernel/ftrace_enabled", "0\n",
      .fail(
        "ftrace", "kernel.ftrace_enabled is 0: attached BPF-LSM programs are silently off",
        "sysctl kernel.ftrace_enabled=1, and see who switched it off.")),
    Row(
      "/proc/sys/kernel/ftrace_enabled", nil,
      .fail(
        "ftrace", "/proc/sys/kernel/ftrace_enabled cannot be read",
        "Use a kernel built with CONFIG_DYNAMIC_FTRACE, and run outside of containers.")),
    Row(
      "/sys/kernel/security/lockdown", "[none] integrity confidentiality\n",
      .warn(
        "lockdown", "none: root can load unsigned modules and change the kernel, and moor with it",
        "Turn on Secure Boot, or boot with lockdown=integrity; moor.ko must then be signed.")),
    Row(
      "/sys/kernel/security/lockdown", "\u{1B}[31mnone\n",
      .warn(
        "lockdown", "/sys/kernel/security/lockdown says \"?[31mnone\"", "Compare with the kernel's documentation.")),
    Row(
      "/sys/class/tpm/tpm0", nil,
      .fail(
        "tpm-device", "the kernel has found no TPM",
        "Turn the TPM on in the firmware (also called PTT or fTPM), or give the virtual machine one.")),
    Row(
      "/sys/class/tpm/tpm0/tpm_version_major", "1\n",
      .fail("tpm-device", "the TPM is of family 1, not 2", "Change the TPM to version 2.0 in the firmware.")),
    Row(
      "/dev/tpmrm0", nil,
      .fail("tpm-device", "/dev/tpmrm0 is missing", "Let udev make it, or run outside of containers.")),
    Row(
      "/sys/kernel/security/tpm0/binary_bios_measurements", nil,
      .warn(
        "firmware-log", "/sys/kernel/security/tpm0/binary_bios_measurements is missing",
        "Boot with UEFI firmware that measures: without its log no state can be explained.")),
    Row(
      "/sys/kernel/security/tpm0/binary_bios_measurements",
      FirmwareLogBuilder().event(pcr: 0).event(pcr: 13).event(pcr: 13).bytes,
      .warn(
        "firmware-log", "3 events, 2 of them in PCR 13",
        "systemd-stub extends PCR 13 with system extensions: choose another PCR for moor with --pcr.")),
    Row(
      "/sys/kernel/security/tpm0/binary_bios_measurements", "",
      .warn(
        "firmware-log",
        "/sys/kernel/security/tpm0/binary_bios_measurements: record 0, byte 0: expected the Spec ID event's PCR, 4 bytes needed, 0 left",
        "Look for a firmware update.")),
    Row(
      module, nil,
      .fail(
        "module-file", "\(module) is missing",
        "Install moor's module for this kernel, or name the file with --module.")),
    Row(
      module, FixtureTree.module(for: "6.1.0-56-cloud-amd64"),
      .fail(
        "module-file", "\(module) was built for 6.1.0-56-cloud-amd64, not for \(release)",
        "Build the module for this kernel.")),
    Row(
      module, FixtureTree.module(for: release + "x"),
      .fail(
        "module-file", "\(module) was built for \(release)x, not for \(release)", "Build the module for this kernel.")),
    Row(
      module, "\0vermagic=\(release) ",
      .fail("module-file", "\(module) is no kernel module", "Install moor's module again, not compressed.")),
    Row(
      module, "\u{7F}ELF",
      .fail("module-file", "\(module) is no kernel module", "Install moor's module again, not compressed.")),
    Row(
      "/usr/lib/moor/moor.bpf.o", nil,
      .fail(
        "hook-programs", "/usr/lib/moor/moor.bpf.o is missing",
        "Install moor, or name the file with --programs.")),
    Row(
      "/usr/lib/moor/moor.bpf.o", FixtureTree.programs.map { $0 == 247 ? 62 : $0 },
      .fail("hook-programs", "/usr/lib/moor/moor.bpf.o is no BPF object", "Install moor again.")),
    Row(
      "/usr/lib/moor/moor.bpf.o", "\u{7F}ELF",
      .fail("hook-programs", "/usr/lib/moor/moor.bpf.o is no BPF object", "Install moor again.")),
    Row(
      "/sys/kernel/moor", nil,
      .warn("module-state", "moor is not loaded: nothing is measured", "moor load --mode learning")),
    Row(
      "/sys/kernel/moor/state", nil,
      .fail(
        "module-state", "moor is loaded, but /sys/kernel/moor/state cannot be read", "moor unload, and load it again.")),
    Row(
      "/sys/kernel/moor/state", "unarmed\n",
      .fail("module-state", "unarmed: loaded, but it decides nothing", "moor unload, and moor load again.")),
    Row(
      "/sys/kernel/moor/state", "closed\n",
      .warn("module-state", "closed: armed, and all that is guarded is refused", "Load a policy: moor load.")),
    Row(
      "/sys/kernel/moor/state", "broken\n",
      .fail(
        "module-state", "broken: the outcome of a TPM command is unknown, nothing guarded starts",
        "See the kernel log, and reboot.")),
    Row(
      "/sys/kernel/moor/state", "ajar\n",
      .fail("module-state", "unknown state \"ajar\"", "Install module and tools of one version.")),
    Row(
      "/proc/self/status", "CapEff:\t0000000000000000\n",
      .fail(
        "permissions", "without CAP_SYS_MODULE, CAP_SYS_ADMIN, CAP_MAC_ADMIN, CAP_PERFMON, CAP_BPF", "Run as root.")),
    Row(
      "/proc/self/status", "CapEff:\t000001fdffffffff\n", .fail("permissions", "without CAP_MAC_ADMIN", "Run as root.")),
    Row(
      "/proc/self/status", "CapEff:\tnonsense\n",
      .fail("permissions", "/proc/self/status does not tell the capabilities", "Mount /proc.")),
    Row(
      "/proc/self/uid_map", "         0     100000      65536\n",
      .fail("permissions", "inside a user namespace", "Run as root of the host, outside of containers.")),
  ]

  @Test(arguments: rows) func saysWhatIsWrongAndWhatToDo(row: Row) throws {
    let tree = try FixtureTree()
    try tree.write(row.content, to: row.path)
    #expect(tree.finding(row.finding.check) == row.finding)
  }

  @Test(arguments: [("open\n", "open, mode learning"), ("locked\n", "locked, mode learning")])
  func acceptsAnArmedModuleWithPolicy(state: String, found: String) throws {
    let tree = try FixtureTree()
    try tree.write(state, to: "/sys/kernel/moor/state")
    #expect(tree.finding("module-state") == .ok("module-state", found))
  }

  /// Packs with gzip(1).
  private static func packed(_ bytes: [UInt8]) throws -> [UInt8] {
    let plain = FileManager.default.temporaryDirectory.appendingPathComponent("moor-doctor-" + UUID().uuidString)
    try Data(bytes).write(to: plain)
    defer { try? FileManager.default.removeItem(at: plain.appendingPathExtension("gz")) }
    let gzip = try Process.run(URL(fileURLWithPath: "/usr/bin/gzip"), arguments: [plain.path])
    gzip.waitUntilExit()
    return Array(try Data(contentsOf: plain.appendingPathExtension("gz")))
  }

  @Test func readsThePackedConfiguration() throws {
    let tree = try FixtureTree()
    try tree.write(nil, to: Self.configuration)
    try tree.write(Self.packed(FixtureTree.configuration(without: ["BPF_JIT"])), to: "/proc/config.gz")
    #expect(tree.finding("kernel-config")?.found == "/proc/config.gz lacks CONFIG_BPF_JIT")
  }

  @Test func aPackedConfigurationThatIsNoneIsToldNotTrusted() throws {
    let tree = try FixtureTree()
    try tree.write(nil, to: Self.configuration)
    let good = try Self.packed(FixtureTree.configuration())
    let tooLong = try Self.packed([UInt8](repeating: 0x0A, count: (4 << 20) + 1))
    var damaged = good
    damaged[damaged.count - 6] ^= 1
    for bytes in [[], Array("this is not gzip".utf8), Array(good.dropLast(20)), damaged, tooLong] {
      try tree.write(bytes, to: "/proc/config.gz")
      #expect(tree.finding("kernel-config")?.status == .warn)
    }
    try tree.write(good, to: "/proc/config.gz")
    #expect(tree.finding("kernel-config")?.status == .ok)
  }

  @Test func looksAtTheFilesThatAreNamed() throws {
    let tree = try FixtureTree()
    try tree.write(FixtureTree.module(for: Self.release), to: "/srv/m.ko")
    try tree.write(FixtureTree.programs, to: "/srv/p.o")
    let host = DoctorHost(root: tree.folder.path, module: "/srv/m.ko", programs: "/srv/p.o")
    #expect(host.checkModuleFile() == .ok("module-file", "/srv/m.ko"))
    #expect(host.checkPrograms() == .ok("hook-programs", "/srv/p.o"))
    try tree.write("\u{FD}7zXZ", to: "/srv/m.ko")
    #expect(host.checkModuleFile().found == "/srv/m.ko is no kernel module")
  }

  @Test func anotherPCRIsNotConcernedByEventsInPCR13() throws {
    let tree = try FixtureTree()
    let log = FirmwareLogBuilder().event(pcr: 13).bytes
    try tree.write(log, to: "/sys/kernel/security/tpm0/binary_bios_measurements")
    #expect(tree.finding("firmware-log", pcr: 13)?.status == .warn)
    #expect(tree.finding("firmware-log", pcr: 12) == .ok("firmware-log", "1 events, none in PCR 12"))
  }
}
