// SPDX-License-Identifier: Apache-2.0

extension DoctorHost {
  /// The kernels that moor is tested on.
  private static let testedSeries = ["6.1", "6.12"]

  func checkRelease() -> DoctorFinding {
    let check = "kernel-release"
    guard !release.isEmpty else {
      return .fail(check, "/proc/sys/kernel/osrelease cannot be read", "Mount /proc.")
    }
    let series = release.split { $0 == "." || $0 == "-" || $0 == "+" }.prefix(2).joined(separator: ".")
    guard Self.testedSeries.contains(series) else {
      return .warn(
        check, "\(release) is of a series that moor is not tested on",
        "Use a kernel of the series \(Self.testedSeries.joined(separator: " or ")).")
    }
    return .ok(check, release)
  }

  /// An option of the kernel's configuration, and why it is needed.
  private struct Option {
    let name: String
    let reason: String
    let isRequired: Bool
  }

  private static let options = [
    Option(name: "BPF_SYSCALL", reason: "hook programs are BPF", isRequired: true),
    Option(name: "BPF_JIT", reason: "BPF-LSM programs are called by compiled code", isRequired: true),
    Option(name: "BPF_LSM", reason: "the module is called from BPF-LSM programs", isRequired: true),
    Option(name: "DEBUG_INFO_BTF", reason: "hooks are found by their types", isRequired: true),
    Option(name: "DEBUG_INFO_BTF_MODULES", reason: "the module's functions are found by their types", isRequired: true),
    Option(name: "DYNAMIC_FTRACE_WITH_DIRECT_CALLS", reason: "programs attach through ftrace", isRequired: true),
    Option(name: "MODULES", reason: "moor is a module", isRequired: true),
    Option(name: "SECURITYFS", reason: "the measurement log is read there", isRequired: true),
    Option(name: "TCG_TPM", reason: "measurements go into the TPM", isRequired: true),
    Option(name: "FS_VERITY", reason: "without it large files are hashed whole", isRequired: false),
    Option(name: "AUDIT", reason: "without it records in the system log are rate limited", isRequired: false),
    Option(name: "MODULE_SIG", reason: "without it any root process can load any module", isRequired: false),
  ]

  func checkConfiguration() -> DoctorFinding {
    let check = "kernel-config"
    guard let (path, text) = configuration() else {
      let places = (release.isEmpty ? [] : configurationFiles) + [Self.packedConfiguration]
      return .warn(
        check, "none of \(places.joined(separator: ", ")) can be read",
        "Install the kernel's package with its configuration; the checks below still tell what runs.")
    }
    var enabled: Set<Substring> = []
    for line in text.split(separator: "\n") where line.hasPrefix("CONFIG_") {
      let name = line.dropFirst("CONFIG_".count).prefix { $0 != "=" }
      let value = line.dropFirst("CONFIG_".count + name.count + 1)
      if value == "y" || value == "m" { enabled.insert(name) }
    }
    let absent = Self.options.filter { !enabled.contains($0.name[...]) }
    guard let worst = absent.first(where: \.isRequired) ?? absent.first else {
      return .ok(check, "\(path) has all \(Self.options.count) options that matter")
    }
    let names = absent.map { "CONFIG_" + $0.name }.joined(separator: ", ")
    let advice = "Use Debian's stock kernel, or set what is missing: \(worst.reason)."
    return worst.isRequired
      ? .fail(check, "\(path) lacks \(names)", advice) : .warn(check, "\(path) lacks \(names)", advice)
  }

  /// Where distributions put the configuration of a kernel.
  private var configurationFiles: [String] {
    ["/boot/config-\(release)", "/lib/modules/\(release)/config"]
  }

  private static let packedConfiguration = "/proc/config.gz"

  private func configuration() -> (path: String, text: String)? {
    if !release.isEmpty {
      for path in configurationFiles {
        if let text = text(path) { return (path, text) }
      }
    }
    // A kernel's configuration has some 300 kB.
    guard exists(Self.packedConfiguration),
      let bytes = try? Unpacker.gzip.unpacked(located(Self.packedConfiguration), limit: 4 << 20)
    else { return nil }
    return (Self.packedConfiguration, String(decoding: bytes, as: UTF8.self))
  }

  func checkSecurityModules() -> DoctorFinding {
    let check = "lsm"
    guard let list = text("/sys/kernel/security/lsm")?.printable, !list.isEmpty else {
      return .fail(
        check, "/sys/kernel/security/lsm cannot be read",
        "Run as root, and mount securityfs: mount -t securityfs none /sys/kernel/security")
    }
    guard list.split(separator: ",").contains("bpf") else {
      return .fail(check, "\(list): bpf is not among them", "Boot with lsm=\(list),bpf on the kernel command line.")
    }
    return .ok(check, list)
  }

  func checkTypes() -> DoctorFinding {
    let check = "btf"
    let path = "/sys/kernel/btf/vmlinux"
    switch read(path, limit: 64 << 20) {
    // The magic of BTF in either byte order (kernel, Documentation/bpf/btf.rst, section 2.1).
    case .bytes(let bytes) where bytes.starts(with: [0x9F, 0xEB]) || bytes.starts(with: [0xEB, 0x9F]):
      return .ok(check, "\(path), \(bytes.count >> 10) KiB")
    case .bytes: return .fail(check, "\(path) is not BTF", "Use a kernel built with CONFIG_DEBUG_INFO_BTF.")
    case .missing: return .fail(check, "\(path) is missing", "Use a kernel built with CONFIG_DEBUG_INFO_BTF.")
    case .unreadable(let reason): return .fail(check, "\(path): \(reason)", "Run as root.")
    }
  }

  func checkTracing() -> DoctorFinding {
    let check = "ftrace"
    let path = "/proc/sys/kernel/ftrace_enabled"
    switch text(path) {
    case "1": return .ok(check, "kernel.ftrace_enabled is 1")
    case "0":
      return .fail(
        check, "kernel.ftrace_enabled is 0: attached BPF-LSM programs are silently off",
        "sysctl kernel.ftrace_enabled=1, and see who switched it off.")
    case let other:
      return .fail(
        check, "\(path) \(other.map { "says \"\($0.printable)\"" } ?? "cannot be read")",
        "Use a kernel built with CONFIG_DYNAMIC_FTRACE, and run outside of containers.")
    }
  }

  func checkLockdown() -> DoctorFinding {
    let check = "lockdown"
    let path = "/sys/kernel/security/lockdown"
    guard let levels = text(path)?.printable else {
      return .warn(check, "\(path) cannot be read", "Run as root, on a kernel with CONFIG_SECURITY_LOCKDOWN_LSM.")
    }
    switch levels.split(separator: " ").first(where: { $0.hasPrefix("[") }) {
    case "[none]":
      return .warn(
        check, "none: root can load unsigned modules and change the kernel, and moor with it",
        "Turn on Secure Boot, or boot with lockdown=integrity; moor.ko must then be signed.")
    case "[integrity]", "[confidentiality]": return .ok(check, levels)
    default: return .warn(check, "\(path) says \"\(levels)\"", "Compare with the kernel's documentation.")
    }
  }
}
