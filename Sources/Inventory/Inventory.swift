// SPDX-License-Identifier: Apache-2.0

internal import PolicyText
public import TrustPolicy

/// What is installed on a host of the files that a trust policy lists.
public struct Inventory: Sendable, Codable {
  /// What is looked for beyond what is always looked for.
  public struct Options: Sendable {
    /// Emulators at other places.
    public var emulators: [String] = []
    /// The kernel release whose modules are listed; nil for none.
    public var kernelRelease: String?
    /// Emulators that VMs are described to run; one that is none is told, and left out.
    public var describedEmulators: [[UInt8]] = []
    /// Firmware that VMs are described to have.
    public var firmware: [[UInt8]] = []

    /// Nothing beyond.
    public init() {}
  }

  /// Programs that run VMs.
  public var emulators: [TrustPath] = []
  /// Programs of the hypervisor, which are measured and start no domain.
  public var hypervisor: [TrustPath] = []
  /// Dynamic linkers and libraries that the emulators and their plug-ins load.
  public var libraries: [TrustPath] = []
  /// Plug-ins of QEMU.
  public var plugins: [TrustPath] = []
  /// Firmware and ROMs.
  public var firmware: [TrustPath] = []
  /// Kernel modules, in an order in which they can be loaded.
  public var modules: [TrustPath] = []
  /// Kernel modules that are compressed, and the unpacked copy that each needs.
  public var compressedModules: [CompressedModule] = []
  /// Emulators that were named and are none, and why.
  public var refusedEmulators: [String] = []
  /// What was not found or not understood.
  public var problems: [String] = []

  /// All paths that can be listed.
  public var paths: [TrustPath] { emulators + hypervisor + libraries + plugins + firmware + modules }

  /// A kernel module that must be unpacked before it can be measured by path.
  public struct CompressedModule: Sendable, Codable, Hashable {
    /// The module.
    public let file: TrustPath
    /// Where its unpacked copy is looked for.
    public let copy: TrustPath
  }

  private static let emulatorFolders = ["/usr/bin", "/usr/sbin", "/usr/libexec", "/usr/local/bin", "/usr/lib/qemu"]
  private static let hypervisorFolders = ["/usr/sbin", "/usr/libexec", "/usr/lib/libvirt"]
  private static let hypervisorNames = [
    "libvirtd", "virtqemud", "virtlogd", "virtlockd", "virtproxyd", "virtnetworkd", "virtstoraged", "virtsecretd",
    "virtnodedevd", "virtnwfilterd", "virtinterfaced",
  ]
  private static let firmwareFolders = [
    "/usr/share/qemu", "/usr/share/qemu-kvm", "/usr/share/seabios", "/usr/share/seavgabios", "/usr/share/vgabios",
    "/usr/lib/ipxe/qemu", "/usr/share/ipxe", "/usr/share/ipxe/qemu", "/usr/share/ipxe.efi", "/usr/share/OVMF",
    "/usr/share/ovmf", "/usr/share/AAVMF", "/usr/share/edk2/ovmf", "/usr/share/edk2/x64", "/usr/share/edk2/aarch64",
    "/usr/share/qemu-efi-aarch64",
  ]
  private static let firmwareEndings = [".bin", ".rom", ".fd", ".img", ".dtb", ".lid", ".elf", ".efi"]
  private static let firmwareBeginnings = ["openbios-", "palcode-", "edk2-"]

  /// Looks at a host's files.
  public init(_ root: FileRoot, _ options: Options = Options()) {
    emulators = findEmulators(root, options)
    hypervisor = Self.programs(root, Self.hypervisorFolders) { name in
      Self.hypervisorNames.contains { $0.utf8.elementsEqual(name) }
    }
    let folders = root.names(in: Array("/usr/lib".utf8)).map { Array("/usr/lib/".utf8) + $0 + Array("/qemu".utf8) }
    plugins = Self.paths(
      root, folders + [Array("/usr/lib64/qemu".utf8), Array("/usr/lib/qemu".utf8)]
    ) { $0.reversed().starts(with: ".so".utf8.reversed()) }
    findLibraries(root)
    firmware = Self.paths(root, Self.firmwareFolders.map { Array($0.utf8) }, Self.isFirmware)
    addFirmware(root, options.firmware)
    if let release = options.kernelRelease { findModules(root, release) }
  }

  private mutating func findEmulators(_ root: FileRoot, _ options: Options) -> [TrustPath] {
    var found = Self.programs(root, Self.emulatorFolders) { name in
      name.starts(with: "qemu-system-".utf8) || name.elementsEqual("qemu-kvm".utf8)
    }
    func add(_ bytes: [UInt8]) throws {
      let file = try root.resolve(bytes)
      let path = try TrustPath(file.path)
      _ = try ELFFile(try FileRoot.Handle(root, file))
      if !found.contains(path) { found.append(path) }
    }
    for text in options.emulators {
      do {
        try add(Array(text.utf8))
      } catch {
        refusedEmulators.append("the emulator \(SafeText.show(text)) cannot be listed: \(error)")
      }
    }
    for bytes in Set(options.describedEmulators) {
      do {
        // Relative ones are found by PATH, and not by anything that is known here.
        guard bytes.first == UInt8(ascii: "/") else { throw FileRoot.Problem.missing }
        try add(bytes)
      } catch {
        problems.append("the emulator \(SafeText.show(bytes)) of a VM is not listed: \(error)")
      }
    }
    problems.sort()
    return found.sorted()
  }

  private mutating func addFirmware(_ root: FileRoot, _ described: [[UInt8]]) {
    for bytes in Set(described).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      guard bytes.first == UInt8(ascii: "/"), let file = try? root.resolve(bytes), file.kind == .regular, file.size > 0,
        let path = try? TrustPath(file.path)
      else {
        problems.append("the firmware \(SafeText.show(bytes)) of a VM is not listed: there is no such file")
        continue
      }
      if !firmware.contains(path) { firmware.append(path) }
    }
    firmware.sort()
  }

  /// Plug-ins of other machines' QEMU than those that are installed are left out, as their emulators would.
  private mutating func findLibraries(_ root: FileRoot) {
    let programs = emulators.compactMap { path in Self.elf(root, path) }
    plugins = plugins.filter { plugin in
      guard let file = Self.elf(root, plugin) else { return false }
      return programs.contains { $0.format == file.format && $0.machine == file.machine }
    }
    let result = LibrarySearch(root).libraries(of: (emulators + plugins).map(\.bytes))
    problems += result.problems
    libraries = result.libraries.compactMap { try? TrustPath($0) }.filter { !plugins.contains($0) }
  }

  private mutating func findModules(_ root: FileRoot, _ release: String) {
    let found = KernelModules(root, release: release)
    modules = found.paths.compactMap { try? TrustPath($0) }
    compressedModules = found.compressed.compactMap { module in
      guard let file = try? TrustPath(module.file), let copy = try? TrustPath(module.copy) else { return nil }
      return CompressedModule(file: file, copy: copy)
    }
    problems += found.problems
  }

  /// ROMs and code; not the templates of a VM's variables, which are copied and written, and not descriptions.
  private static func isFirmware(_ name: [UInt8]) -> Bool {
    let text = String(decoding: name, as: UTF8.self)
    if text.contains("VARS") || text.contains("vars") { return false }
    return firmwareEndings.contains { text.hasSuffix($0) } || firmwareBeginnings.contains { text.hasPrefix($0) }
  }

  private static func programs(_ root: FileRoot, _ folders: [String], _ isWanted: ([UInt8]) -> Bool) -> [TrustPath] {
    // Scripts of the same names start the real program: only that is listed.
    paths(root, folders.map { Array($0.utf8) }, isWanted).filter { elf(root, $0) != nil }
  }

  /// The resolved paths of the regular, non-empty files with wanted names, each once, sorted.
  private static func paths(_ root: FileRoot, _ folders: [[UInt8]], _ isWanted: ([UInt8]) -> Bool) -> [TrustPath] {
    var found: Set<TrustPath> = []
    for folder in folders {
      for name in root.names(in: folder) where isWanted(name) {
        guard let file = try? root.resolve(folder + [UInt8(ascii: "/")] + name), file.kind == .regular, file.size > 0,
          let path = try? TrustPath(file.path)
        else { continue }
        found.insert(path)
      }
    }
    return found.sorted()
  }

  private static func elf(_ root: FileRoot, _ path: TrustPath) -> ELFFile? {
    guard let file = try? root.resolve(path.bytes), let handle = try? FileRoot.Handle(root, file) else { return nil }
    return try? ELFFile(handle)
  }
}
