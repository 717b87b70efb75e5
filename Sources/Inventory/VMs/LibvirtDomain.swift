// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import PolicyText
internal import TrustPolicy

/// Reads what a VM uses out of libvirt's domain XML (https://libvirt.org/formatdomain.html, as libvirt 9 writes it).
///
/// What it knows becomes rules. Elements and types that it does not know, and each path that it did not look at, become
/// notes: nothing is left out in silence.
struct LibvirtDomain {
  /// A document that describes no VM.
  struct NoDomain: Error, Hashable {
    /// In words; safe to print.
    let message: String
  }

  /// Folders of libvirt's system daemon, as distributions build it.
  static let library = "/var/lib/libvirt/qemu"
  static let runtime = "/run/libvirt/qemu"
  static let qemuNamespace = "http://libvirt.org/schemas/domain/qemu/1.0"

  let domain: XMLElement
  let file: String
  let root: FileRoot
  var vm: VMDescription

  /// Elements of a domain that name nothing of the host that QEMU opens.
  private static let plain: Set<String> = [
    "name", "uuid", "hwuuid", "genid", "title", "description", "metadata", "memory", "currentMemory", "maxMemory",
    "vcpu",
    "vcpus", "iothreads", "iothreadids", "defaultiothread", "cputune", "numatune", "blkiotune", "memtune", "resource",
    "fibrechannel", "features", "cpu", "clock", "on_poweroff", "on_reboot", "on_crash", "on_lockfailure", "pm", "perf",
    "seclabel", "throttlegroups", "iothreadsdefaults",
  ]

  /// Reads a document.
  ///
  /// - Parameter name: What messages call it; safe to print.
  static func read(
    _ document: XMLElement, name: String, root: FileRoot
  ) throws(NoDomain) -> VMDescription {
    guard document.name == "domain", document.namespace == nil else {
      let namespace = document.namespace.map { " of the namespace \(SafeText.show($0))" } ?? ""
      throw NoDomain(message: "it is a <\(SafeText.show(document.name))>\(namespace); expected a <domain>")
    }
    guard let title = document.child("name")?.content() else {
      throw NoDomain(message: "line \(document.line): the domain has no name")
    }
    var reader = LibvirtDomain(
      domain: document, file: name, root: root, vm: VMDescription(name: title, source: name))
    reader.readAll()
    return reader.vm
  }

  func place(_ element: XMLElement) -> VMPlace { VMPlace(file, line: element.line) }

  mutating func note(_ element: XMLElement, _ text: String) { vm.note(place(element), text) }

  /// Says that a word is not known, where rules would depend on it.
  mutating func noteUnknown(_ element: XMLElement, _ what: String, _ word: String?) {
    note(element, "\(what) '\(SafeText.show(word ?? ""))' is not known, and no rule is written for it")
  }

  /// `ID-NAME` as it is in names of folders and sockets, where libvirt cuts names to 20 characters.
  var shortName: [VMRule.Piece] { [.digits, .literal(Array("-\(String(vm.name.prefix(20)))".utf8))] }

  private mutating func readAll() {
    readKind()
    for element in domain.children {
      guard element.namespace == nil else {
        readForeign(element)
        continue
      }
      switch element.name {
      case _ where Self.plain.contains(element.name): element.dismiss()
      case "os": readOS(element)
      case "devices": readDevices(element)
      case "memoryBacking": readMemoryBacking(element)
      case "sysinfo": readSysinfo(element)
      case "launchSecurity": readLaunchSecurity(element)
      case "keywrap": element.dismiss()
      default: note(element, "the element <\(SafeText.show(element.name))> is not known, and no rule is written for it")
      }
    }
    addHypervisorRules()
    for left in domain.unreadPaths() {
      vm.note(
        VMPlace(file, line: left.line),
        "\(SafeText.render(left.value.utf8)) (\(SafeText.show(left.place))) is in no rule: what it is for is not known")
    }
  }

  private mutating func readKind() {
    switch domain.attribute("type") {
    case "kvm": vm.add(.machine, "device", "rw", path: Array("/dev/kvm".utf8), at: place(domain))
    case "qemu": break
    case let other:
      note(domain, "the domain's type is '\(SafeText.show(other ?? ""))', which is not QEMU; expected kvm or qemu")
    }
  }

  /// What libvirt itself makes: a folder for each start, a monitor, a pipe for what QEMU says.
  private mutating func addHypervisorRules() {
    let folder: [VMRule.Piece] = [.literal(Array("\(Self.library)/domain-".utf8))] + shortName
    let place = place(domain)
    vm.add(
      .hypervisor, "file", "r", folder + [.literal(Array("/master-key.aes".utf8))], at: place)
    vm.add(.hypervisor, "unix listen", "", folder + [.literal(Array("/monitor.sock".utf8))], at: place)
    vm.add(.hypervisor, rule: "inherit pipe unix file", at: place)
  }

  /// Says that an element is none of libvirt's own.
  mutating func noteForeign(_ element: XMLElement) {
    note(
      element,
      "the element <\(SafeText.show(element.name))> is of a namespace that is not known, and no rule is written for it")
    element.dismiss()
  }

  /// A UUID as libvirt writes it in names of files; nil when the text is none.
  static func uuid(_ text: String?) -> String? {
    text.flatMap { UUID(uuidString: $0) }.map { $0.uuidString.lowercased() }
  }

  private mutating func readForeign(_ element: XMLElement) {
    guard element.namespace == Self.qemuNamespace else {
      noteForeign(element)
      return
    }
    switch element.name {
    case "commandline":
      var arguments: [QEMUArguments.Argument] = []
      for child in element.children {
        let value = child.attribute(child.name == "arg" ? "value" : "name") ?? ""
        if child.name == "arg" {
          arguments.append(QEMUArguments.Argument(bytes: Array(value.utf8), place: place(child)))
        } else {
          _ = child.attribute("value")
          note(child, "the environment variable \(SafeText.show(value)) is in no rule")
        }
      }
      QEMUCommandLine.read(arguments, into: &vm, folder: nil, root: root)
    case "override", "capabilities", "deprecation":
      note(element, "<qemu:\(element.name)> changes what QEMU is told, and is in no rule")
      element.dismiss()
    default: note(element, "the element <qemu:\(SafeText.show(element.name))> is not known")
    }
  }
}

extension LibvirtDomain {
  private mutating func readOS(_ os: XMLElement) {
    let chooses = os.attribute("firmware")
    let loader = os.child("loader")
    let nvram = os.child("nvram")
    if let loader, let path = loader.content() {
      _ = loader.attribute("type")
      let isWritable = loader.attribute("readonly") == "no"
      vm.add(
        VMImage(
          path: Array(path.utf8), format: loader.attribute("format") ?? "raw", isWritable: isWritable, topic: .firmware,
          place: place(loader)))
      if !isWritable { vm.firmware.append(Array(path.utf8)) }
    } else if let chooses {
      note(
        os,
        "libvirt chooses the \(SafeText.show(chooses)) firmware when the VM starts: it is in no rule but that of its folder"
      )
    }
    // The variables are of the code's format, unless they say so themselves.
    let format = nvram?.attribute("format") ?? loader?.attribute("format") ?? "raw"
    if let nvram { readNVRAM(nvram, format) }
    if nvram?.content() == nil, nvram?.child("source") == nil,
      chooses == "efi" || loader?.attribute("type") == "pflash" && loader?.attribute("stateless") != "yes"
    {
      let ending = format == "raw" ? "fd" : format
      addNVRAM("\(Self.library)/nvram/\(vm.name)_VARS.\(SafeText.show(ending))", format, place(os))
    }
    for name in ["kernel", "initrd", "dtb"] {
      guard let element = os.child(name), let path = element.content() else { continue }
      vm.add(.firmware, "shared", "r", path: Array(path.utf8), at: place(element))
    }
    for table in os.child("acpi")?.children("table") ?? [] {
      guard let path = table.content() else { continue }
      vm.add(.firmware, "shared", "r", path: Array(path.utf8), at: place(table))
    }
    // What the guest's kernel is told may begin with a slash and be no path of the host.
    os.child("cmdline")?.dismiss()
    for name in ["init", "initarg", "initdir", "bootloader"] {
      if let element = os.child(name) { note(element, "<\(name)> is not for QEMU, and in no rule") }
    }
  }

  private mutating func readNVRAM(_ nvram: XMLElement, _ format: String) {
    // The template is libvirt's to copy; QEMU never opens it.
    _ = nvram.attribute("template")
    if let path = nvram.content() {
      addNVRAM(path, format, place(nvram))
    } else if let source = nvram.child("source"),
      var image = storage(source, type: nvram.attribute("type"), format: format, isWritable: true)
    {
      image.topic = .firmware
      vm.add(image)
    }
  }

  private mutating func addNVRAM(_ path: String, _ format: String, _ place: VMPlace) {
    vm.add(VMImage(path: Array(path.utf8), format: format, isWritable: true, topic: .firmware, place: place))
  }

  private mutating func readMemoryBacking(_ backing: XMLElement) {
    let source = backing.child("source")?.attribute("type")
    if source == "memfd" {
      vm.add(.machine, rule: "anon memfd", at: place(backing))
    } else if source == "file" {
      vm.add(
        .machine, "object", "rwcd",
        [.literal(Array("\(Self.library)/ram/".utf8))] + shortName + [.below], at: place(backing))
    } else if let source, source != "anonymous" {
      noteUnknown(backing, "the source of memory", source)
    }
    if backing.child("hugepages") != nil, source != "memfd" {
      vm.add(
        .machine, "object", "rwcd",
        [.literal(Array("/dev/hugepages/libvirt/qemu/".utf8))] + shortName + [.below], at: place(backing))
    }
  }

  private mutating func readSysinfo(_ info: XMLElement) {
    for entry in info.children("entry") {
      guard let path = entry.attribute("file") else { continue }
      vm.add(.firmware, "shared", "r", path: Array(path.utf8), at: place(entry))
    }
    info.dismiss()
  }

  private mutating func readLaunchSecurity(_ security: XMLElement) {
    switch security.attribute("type") {
    case "sev", "sev-snp":
      vm.add(.machine, "device", "rw", path: Array("/dev/sev".utf8), ioctl: ["any"], at: place(security))
    case "s390-pv": break
    case let other: noteUnknown(security, "the launch security", other)
    }
    // Base64, which may begin with a slash.
    security.dismiss()
  }
}
