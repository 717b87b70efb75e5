// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import Inventory
internal import KernelModule
internal import PolicyText
internal import TrustPolicy

/// `moor init`: writes the first policy of a host: what it trusts, and what its VMs may touch.
struct InitCommand: MoorSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Write a first policy from what is installed on this host and from its VMs.",
    discussion: """
      Finds the emulators, the libraries that they and QEMU's plug-ins are linked with, firmware and ROMs, the \
      programs of libvirt, and the kernel modules behind KVM, vhost and VFIO, all by the resolved paths that the kernel \
      sees. Nothing found is run, and nothing but the policy is written, and with --unpack-modules copies of the \
      kernel modules that are compressed: without a file of their own they cannot be measured. Run it again after an \
      update of the kernel's package (with --output - the policy stays as it is).

      Without --measure the policy has no digests: load it in learning mode, run the VMs, and let `moor trust update` \
      fill them in.

      Each VM gets a block of rules about what it is described to use: disks with all images that lie behind them, \
      firmware, consoles, screen, network, devices and folders of the host. Without --xml, --command-line and --vm these \
      are the VMs in /etc/libvirt/qemu. What is not understood is told and is in no rule; what else a VM needs is \
      learned. Two VMs that meet in one object are an error, and nothing is written then.
      """)

  @OptionGroup var output: OutputOptions

  @Option(help: ArgumentHelp("Look at the system below this folder.", valueName: "FOLDER"))
  var root = "/"

  @Option(
    name: .customLong("output"), help: ArgumentHelp("Where the policy goes; - for standard output.", valueName: "FILE"))
  var file = TrustPolicy.defaultPath

  @Option(help: ArgumentHelp("An emulator at another place, as a path below the root; repeatable.", valueName: "PATH"))
  var emulator: [String] = []

  @Option(help: ArgumentHelp("List the modules of this kernel (default: the running one).", valueName: "RELEASE"))
  var kernelRelease: String?

  @Option(help: ArgumentHelp("The policy's name (default: hosts/ and the host's name).", valueName: "NAME"))
  var name: String?

  @Flag(help: "Take digests from the disk as it is now, instead of learning them.")
  var measure = false

  @Flag(help: "Permit the emulators anonymous executable memory, which QEMU needs without KVM.")
  var memoryExec = false

  @Flag(
    help: ArgumentHelp(
      "Unpack compressed kernel modules into \(KernelModules.copies)/RELEASE, and list the copies."))
  var unpackModules = false

  @Option(
    help: ArgumentHelp(
      "Describe VMs by libvirt's domain XML: a file, or all *.xml in a folder; repeatable.", valueName: "PATH"))
  var xml: [String] = []

  @Option(
    help: ArgumentHelp(
      "Describe a VM by QEMU's arguments: /proc/PID/cmdline, one a line, or as in a script; repeatable.",
      valueName: "FILE"))
  var commandLine: [String] = []

  @Option(
    help: ArgumentHelp(
      "Describe a VM by its disks, as paths below the root (a comma of a path doubled); repeatable.",
      valueName: "NAME=DISK,..."))
  var vm: [String] = []

  @Flag(name: .customLong("no-vms"), help: "Write no rules for VMs.")
  var leavesVMsOut = false

  @Flag(help: "Replace a policy that is there already.")
  var force = false

  func validate() throws {
    guard root.hasPrefix("/") else { throw ValidationError("The root \"\(root)\" is not an absolute path.") }
    for path in emulator where !path.hasPrefix("/") {
      throw ValidationError("The emulator \"\(path)\" is not an absolute path.")
    }
    if let kernelRelease, !KernelModules.isRelease(kernelRelease) {
      throw ValidationError("\"\(kernelRelease)\" is no kernel release, such as 6.1.0-18-amd64.")
    }
    if let name, let problem = PolicyHeader.problem(ofName: name) { throw ValidationError("The name: \(problem).") }
    if leavesVMsOut, !(xml + commandLine + vm).isEmpty {
      throw ValidationError("--no-vms leaves out the VMs that --xml, --command-line and --vm describe.")
    }
    for text in vm {
      // An argument that is no UTF-8 comes with this in place of what is wrong: a disk of another name.
      guard !text.unicodeScalars.contains("\u{FFFD}") else {
        throw ValidationError("The VM \"\(text)\" is not UTF-8: describe it with --command-line.")
      }
      guard let (_, disks) = VMSources.split(text) else {
        throw ValidationError("The VM \"\(text)\" is not of the form NAME=DISK,...")
      }
      for disk in disks where disk.first != UInt8(ascii: "/") {
        throw ValidationError("The disk \"\(SafeText.render(disk))\" is not an absolute path.")
      }
    }
  }

  func run(_ context: CommandContext) throws {
    if file != "-", !force { try requireAbsent() }
    let files = FileRoot(root)
    var options = Inventory.Options()
    options.emulators = emulator
    options.kernelRelease = kernelRelease ?? defaultRelease(files)
    var vms = try InitVMs(try sources(files), root: root)
    options.describedEmulators = vms.vms.flatMap(\.emulators)
    options.firmware = vms.vms.flatMap(\.firmware)
    let unpacked = try unpackModules ? unpack(options.kernelRelease, files) : []
    let inventory = Inventory(files, options)
    // Who names an emulator wants it in the policy: without it there is none.
    if let problem = inventory.refusedEmulators.first { throw CommandFailure(.noInput, problem) }
    guard !inventory.emulators.isEmpty else {
      throw CommandFailure(.noInput, "no emulator was found below \(root): install one, or name it with --emulator")
    }
    var first = FirstPolicy(name: name ?? "hosts/\(hostName(files))")
    first.allowsMemoryExec = memoryExec
    var problems = inventory.problems
    if options.kernelRelease == nil {
      problems.append("no kernel's modules are listed: name one with --kernel-release")
    }
    if measure { first.digests = digests(inventory, files, &problems) }
    // What does not load must not be written: a fault of ours would otherwise be found at the next boot.
    let (text, tree) = try vms.appended(to: first.text(of: inventory), name: file)
    let policy = try TrustPolicy(tree)
    problems += vms.notes
    try write(text)
    try context.show(
      InitReport(
        policy: file == "-" ? nil : file, text: file == "-" ? text : nil, name: policy.header.name,
        entries: policy.rules.count, unmeasured: policy.unmeasured.count, inventory: inventory, problems: problems,
        unpackedModules: unpacked.compactMap { try? TrustPath($0) },
        vms: vms.vms.map { InitReport.VM(name: $0.name, source: $0.source) }))
    if file == "-" { for problem in problems { context.progress("moor: \(problem)") } }
  }

  /// The VMs that somebody describes, or those that libvirt has.
  private func sources(_ files: FileRoot) throws(CommandFailure) -> VMSources {
    var sources = VMSources(root: files)
    if leavesVMsOut { return sources }
    for path in xml { sources.add(xml: try absolute(path)) }
    for path in commandLine { sources.add(commandLine: try absolute(path)) }
    for text in vm {
      if let (name, disks) = VMSources.split(text) { sources.add(name: name, disks: disks) }
    }
    if (xml + commandLine + vm).isEmpty { sources.addLibvirt() }
    return sources
  }

  private func absolute(_ path: String) throws(CommandFailure) -> [UInt8] {
    if path.hasPrefix("/") { return Array(path.utf8) }
    guard let folder = getcwd(nil, 0) else {
      throw CommandFailure(.io, "the working folder is not known: \(String(cString: strerror(errno)))")
    }
    defer { free(folder) }
    return Array(String(cString: folder).utf8) + [UInt8(ascii: "/")] + Array(path.utf8)
  }

  /// Before the inventory is taken, which lists a module by its copy where there is one.
  private func unpack(_ release: String?, _ files: FileRoot) throws(CommandFailure) -> [[UInt8]] {
    guard let release else {
      throw CommandFailure(.noInput, "no kernel's modules can be unpacked: name one with --kernel-release")
    }
    return try ModuleCopies(files: files).write(KernelModules(files, release: release).packed)
  }

  private func requireAbsent() throws(CommandFailure) {
    var status = stat()
    if lstat(file, &status) == 0 {
      throw CommandFailure(.cannotCreate, "\(file) is there already; --force replaces it")
    }
  }

  private func write(_ text: String) throws(CommandFailure) {
    if file == "-" { return }
    // The folder of the default is made when it is missing; others are the caller's.
    if file == TrustPolicy.defaultPath, let slash = file.lastIndex(of: "/") { mkdir(String(file[..<slash]), 0o755) }
    try AtomicFile.write(Array(text.utf8), to: file)
  }

  /// The running kernel's release; below another root, the only one that has modules there.
  private func defaultRelease(_ files: FileRoot) -> String? {
    if root == "/" { return InstalledFiles.runningRelease }
    let releases = files.names(in: Array("/lib/modules".utf8)).map { String(decoding: $0, as: UTF8.self) }
    return releases.count == 1 ? releases.first { KernelModules.isRelease($0) } : nil
  }

  private func hostName(_ files: FileRoot) -> String {
    let text = (try? files.read(Array("/etc/hostname".utf8), limit: 4096)).map { String(decoding: $0, as: UTF8.self) }
    let name = text?.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
    return PolicyHeader.problem(ofName: "hosts/\(name)") == nil && !name.isEmpty ? name : "unnamed"
  }

  /// Hashes every file on disk; what cannot be hashed stays unmeasured.
  private func digests(
    _ inventory: Inventory, _ files: FileRoot, _ problems: inout [String]
  ) -> [TrustPath: TrustDigest] {
    var digests: [TrustPath: TrustDigest] = [:]
    for path in inventory.paths {
      do {
        let place = files.systemPath(try files.resolve(path.bytes))
        let text = String(decoding: place, as: UTF8.self)
        guard text.utf8.elementsEqual(place) else {
          problems.append("\(path) was not hashed: its name is not UTF-8")
          continue
        }
        digests[path] = TrustDigest(.sha256, try FileDigest.sha256(ofFile: text))
      } catch {
        problems.append("\(path) was not hashed: \(error)")
      }
    }
    return digests
  }
}

/// What `moor init` found and wrote.
struct InitReport: Report {
  let policy: String?
  /// The policy itself, when it goes to standard output.
  let text: String?
  let name: String
  let entries: Int
  let unmeasured: Int
  let inventory: Inventory
  let problems: [String]
  /// Copies that were written; those that were right before are not among them.
  let unpackedModules: [TrustPath]
  /// The VMs that have a block, and what describes each.
  let vms: [VM]

  struct VM: Encodable {
    let name: String
    let source: String
  }

  func text(_ style: Style) -> String {
    if let text { return text.hasSuffix("\n") ? String(text.dropLast()) : text }
    let counts: [(Int, String, String)] = [
      (inventory.emulators.count, "emulator", "emulators"),
      (inventory.hypervisor.count, "program of the hypervisor", "programs of the hypervisor"),
      (inventory.libraries.count, "library", "libraries"), (inventory.plugins.count, "plug-in", "plug-ins"),
      (inventory.firmware.count, "firmware file", "firmware files"),
      (inventory.modules.count, "kernel module", "kernel modules"),
    ]
    var lines = inventory.emulators.map { "emulator \($0)" }
    lines.append(counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.0 == 1 ? $0.1 : $0.2)" }.joined(separator: ", "))
    lines += vms.sorted { $0.name < $1.name }.map { "VM \($0.name), by \($0.source)" }
    lines += problems.map { style.careful("note: \($0)") }
    if !unpackedModules.isEmpty {
      lines.append("unpacked \(unpackedModules.count) kernel modules below \(KernelModules.copies)")
    }
    if !inventory.compressedModules.isEmpty {
      let count = inventory.compressedModules.count
      lines.append(
        style.careful("note: \(count) kernel modules are compressed and not listed; --unpack-modules does both"))
    }
    lines.append(style.good("wrote \(policy ?? "")") + ", \(entries) entries, \(unmeasured) without a digest")
    lines.append(
      unmeasured > 0
        ? "next: read it, then `moor load --mode learning`, run the VMs, and `moor trust update`"
          + (vms.isEmpty ? "" : " and `moor review`")
        : "next: read it, then `moor load --mode enforcing`")
    return lines.joined(separator: "\n")
  }
}
