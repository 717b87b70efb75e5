// SPDX-License-Identifier: Apache-2.0

internal import KernelModule

extension DoctorHost {
  func checkModuleFile() -> DoctorFinding {
    let check = "module-file"
    guard !release.isEmpty else {
      return .fail(check, "which kernel runs is not known", "Mount /proc.")
    }
    let path = module ?? InstalledFiles.module(release: release)
    switch read(path, limit: 64 << 20) {
    case .missing:
      return .fail(
        check, "\(path) is missing", "Install moor's module for this kernel, or name the file with --module.")
    case .unreadable(let reason):
      return .fail(check, "\(path): \(reason)", "Run as root, and install moor's module again.")
    case .bytes(let bytes):
      guard bytes.starts(with: Self.elfMagic), let built = Self.vermagic(of: bytes) else {
        return .fail(check, "\(path) is no kernel module", "Install moor's module again, not compressed.")
      }
      guard built == release else {
        return .fail(
          check, "\(path) was built for \(built.printable), not for \(release)", "Build the module for this kernel.")
      }
      return .ok(check, path)
    }
  }

  private static let elfMagic: [UInt8] = [0x7F, 0x45, 0x4C, 0x46]

  /// The release in a module's `vermagic=` (kernel, scripts/mod/modpost.c): what stands before the first space.
  private static func vermagic(of bytes: [UInt8]) -> String? {
    let key = Array("\0vermagic=".utf8)
    guard let begin = bytes.firstRange(of: key)?.upperBound else { return nil }
    return String(decoding: bytes[begin...].prefix(128).prefix { $0 != 0x20 && $0 != 0 }, as: UTF8.self)
  }

  func checkPrograms() -> DoctorFinding {
    let check = "hook-programs"
    let path = programs
    switch read(path, limit: 16 << 20) {
    case .missing:
      return .fail(check, "\(path) is missing", "Install moor, or name the file with --programs.")
    case .unreadable(let reason):
      return .fail(check, "\(path): \(reason)", "Run as root, and install moor again.")
    case .bytes(let bytes):
      // e_machine, the half-word at offset 18, is EM_BPF, 247 (elf(5)).
      guard bytes.starts(with: Self.elfMagic), bytes.count > 19, bytes[18...19].contains(247) else {
        return .fail(check, "\(path) is no BPF object", "Install moor again.")
      }
      return .ok(check, path)
    }
  }

  func checkState() -> DoctorFinding {
    let check = "module-state"
    guard exists("/sys/module/moor") || exists("/sys/kernel/moor") else {
      return .warn(check, "moor is not loaded: nothing is measured", "moor load --mode learning")
    }
    guard let state = text("/sys/kernel/moor/state")?.printable else {
      return .fail(
        check, "moor is loaded, but /sys/kernel/moor/state cannot be read", "moor unload, and load it again.")
    }
    let mode = text("/sys/kernel/moor/mode").map { ", mode \($0.printable)" } ?? ""
    switch state {
    case "open", "locked": return .ok(check, state + mode)
    case "closed":
      return .warn(check, "closed: armed, and all that is guarded is refused", "Load a policy: moor load.")
    case "unarmed":
      return .fail(check, "unarmed: loaded, but it decides nothing", "moor unload, and moor load again.")
    case "broken":
      return .fail(
        check, "broken: the outcome of a TPM command is unknown, nothing guarded starts",
        "See the kernel log, and reboot.")
    default:
      return .fail(check, "unknown state \"\(state)\"", "Install module and tools of one version.")
    }
  }

  /// The capabilities that `moor load` needs (capability.h): number and name.
  private static let capabilities: [(number: Int, name: String)] = [
    (16, "CAP_SYS_MODULE"), (21, "CAP_SYS_ADMIN"), (33, "CAP_MAC_ADMIN"), (38, "CAP_PERFMON"), (39, "CAP_BPF"),
  ]

  func checkPermissions() -> DoctorFinding {
    let check = "permissions"
    guard
      let line = text("/proc/self/status")?.split(separator: "\n").first(where: { $0.hasPrefix("CapEff:") }),
      let effective = UInt64(String(line.dropFirst("CapEff:".count)).trimmed, radix: 16)
    else {
      return .fail(check, "/proc/self/status does not tell the capabilities", "Mount /proc.")
    }
    let missing = Self.capabilities.filter { effective & 1 << UInt64($0.number) == 0 }.map(\.name)
    guard missing.isEmpty else {
      return .fail(check, "without \(missing.joined(separator: ", "))", "Run as root.")
    }
    // The first user namespace maps all of 0 to 2^32-2 onto itself (user_namespaces(7)).
    let map = text("/proc/self/uid_map")?.split(whereSeparator: \.isWhitespace).map(String.init)
    guard map == ["0", "0", "4294967295"] else {
      return .fail(check, "inside a user namespace", "Run as root of the host, outside of containers.")
    }
    return .ok(check, "all that loading needs")
  }
}
