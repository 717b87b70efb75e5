// SPDX-License-Identifier: Apache-2.0

internal import PolicyText
internal import TrustPolicy

/// The devices of a domain, by kind.
extension LibvirtDomain {
  /// Devices that QEMU makes out of nothing of the host.
  private static let virtual: Set<String> = [
    "controller", "memballoon", "hub", "panic", "iommu", "watchdog", "sound", "lease", "redirfilter",
  ]

  mutating func readDevices(_ devices: XMLElement) {
    for device in devices.children {
      guard device.namespace == nil else {
        noteForeign(device)
        continue
      }
      switch device.name {
      case "emulator": if let path = device.content() { vm.emulators.append(Array(path.utf8)) }
      case "disk": readDisk(device)
      case "interface": readInterface(device)
      case "serial", "parallel", "console", "channel", "redirdev":
        readCharacterDevice(device, type: device.attribute("type"))
      case "smartcard":
        if device.attribute("mode") == "passthrough" {
          readCharacterDevice(device, type: device.attribute("type"))
        }
        if let database = device.child("database"), let path = database.content() {
          vm.add(.devices, "file", "r", [.literal(Array(path.utf8)), .below], at: place(database))
        }
      case "graphics": readGraphics(device)
      case "video":
        for model in device.children("model") {
          addRenderNode(model.child("acceleration")?.attribute("rendernode"), model)
        }
      case "filesystem": readFilesystem(device)
      case "hostdev": readHostDevice(device)
      case "tpm": readTPM(device)
      case "rng": readRandom(device)
      case "memory": readMemoryDevice(device)
      case "shmem": readSharedMemory(device)
      case "input": readInput(device)
      case "vsock": addVsock(device)
      case "audio": readAudio(device)
      case "crypto":
        if device.child("backend")?.attribute("model") == "lkcf" {
          note(device, "crypto of the kernel (AF_ALG) is in no rule, and denied")
        }
      case "pstore":
        if let path = device.child("path"), let text = path.content() {
          vm.add(.devices, "object", "rwc", path: Array(text.utf8), at: place(path))
        }
      case _ where Self.virtual.contains(device.name): device.child("target")?.dismiss()
      default: note(device, "the device <\(SafeText.show(device.name))> is not known, and no rule is written for it")
      }
      for rom in device.children("rom") {
        if let path = rom.attribute("file") {
          vm.add(.firmware, "shared", "r", path: Array(path.utf8), at: place(rom))
        }
      }
    }
  }

  private mutating func readFilesystem(_ folder: XMLElement) {
    // A tag that the guest mounts by, though it often looks like a path.
    folder.child("target")?.dismiss()
    guard let source = folder.child("source") else { return }
    let driver = folder.child("driver")?.attribute("type")
    switch (folder.attribute("type") ?? "mount", driver) {
    case ("mount", "virtiofs"):
      if source.attribute("socket") != nil {
        readUnix(source, .folders)
      } else {
        let path = source.attribute("dir") ?? ""
        note(
          folder,
          "\(SafeText.render(path.utf8)) is shared by virtiofsd, which runs outside of QEMU: the VM's rules do not hold it"
        )
        vm.add(
          .folders, "unix connect", "",
          [.literal(Array("\(Self.library)/domain-".utf8))] + shortName + [.below], at: place(folder))
      }
      if let binary = folder.child("binary") { _ = binary.attribute("path") }
    case ("mount", _):
      guard let path = source.attribute("dir") else { return }
      let isReadOnly = folder.child("readonly") != nil
      let verb = isReadOnly ? "shared" : "object"
      let letters = isReadOnly ? "rk" : "rwcdlk rename truncate chmod"
      vm.add(.folders, verb, letters, path: Array(path.utf8), at: place(source))
      vm.add(.folders, verb, letters, [.literal(Array(path.utf8)), .below], at: place(source))
    case (let other, _): noteUnknown(folder, "the kind of shared folder", other)
    }
  }

  private mutating func readTPM(_ tpm: XMLElement) {
    guard let backend = tpm.child("backend") else { return }
    switch backend.attribute("type") {
    case "passthrough":
      let device = backend.child("device")
      let path = device?.attribute("path") ?? "/dev/tpm0"
      vm.add(.tpm, "object", "rw", path: Array(path.utf8), at: place(device ?? backend))
    case "external":
      if let source = backend.child("source") { readUnix(source, .tpm) }
    case "emulator":
      vm.add(
        .tpm, "unix connect", "",
        [.literal(Array("\(Self.runtime)/swtpm/".utf8))] + shortName + [.literal(Array("-swtpm.sock".utf8))],
        at: place(tpm))
      readTPMState(backend, tpm)
    case let other: noteUnknown(tpm, "the TPM", other)
    }
  }

  /// The state is swtpm's, which libvirt starts beside QEMU: it is named so that no other VM may have it.
  private mutating func readTPMState(_ backend: XMLElement, _ tpm: XMLElement) {
    let letters = "rwcdk rename truncate chmod"
    let source = backend.child("source")
    if let source, let path = source.attribute("path") {
      if source.attribute("type") == "file" {
        vm.add(.tpm, "object", "rwck", path: Array(path.utf8), helper: "swtpm", at: place(source))
      } else {
        vm.add(.tpm, "object", letters, [.literal(Array(path.utf8)), .below], helper: "swtpm", at: place(source))
      }
    } else if let uuid = Self.uuid(domain.child("uuid")?.content()) {
      vm.add(
        .tpm, "object", letters, [.literal(Array("/var/lib/libvirt/swtpm/\(uuid)".utf8)), .below], helper: "swtpm",
        at: place(backend))
    } else {
      note(tpm, "where the TPM's state is, is in no rule: the domain has no UUID")
    }
    vm.add(
      .tpm, "object", "wac", path: Array("/var/log/swtpm/libvirt/qemu/\(vm.name)-swtpm.log".utf8), helper: "swtpm",
      at: place(backend))
  }

  private mutating func readRandom(_ rng: XMLElement) {
    guard let backend = rng.child("backend") else { return }
    switch backend.attribute("model") {
    case "random", nil:
      let path = backend.content() ?? "/dev/urandom"
      vm.add(.devices, "device", "r", path: Array(path.utf8), at: place(backend))
    case "egd": readCharacterDevice(backend, type: backend.attribute("type"))
    case "builtin": break
    case let other: noteUnknown(rng, "the source of random numbers", other)
    }
  }

  private mutating func readMemoryDevice(_ memory: XMLElement) {
    guard let source = memory.child("source"), let path = source.child("path"), let text = path.content() else {
      return
    }
    let isReadOnly = memory.child("target")?.child("readonly") != nil
    vm.add(.machine, isReadOnly ? "shared" : "object", isReadOnly ? "r" : "rw", path: Array(text.utf8), at: place(path))
  }

  private mutating func readSharedMemory(_ memory: XMLElement) {
    if let server = memory.child("server") {
      if let path = server.attribute("path") {
        vm.add(.devices, "unix connect", path: Array(path.utf8), at: place(server))
      } else {
        note(server, "where the server of shared memory listens is in no rule")
      }
      return
    }
    guard let name = memory.attribute("name") else { return }
    guard !name.utf8.contains(PathText.slash), name != ".", name != ".." else {
      note(memory, "shared memory of the name '\(SafeText.show(name))' is in no rule: it is no name of a file")
      return
    }
    // Made to be shared, whoever else has it; two VMs that change it are an error, as they should be.
    vm.add(.devices, "file", "rwc", path: Array("/dev/shm/\(name)".utf8), at: place(memory))
  }

  private mutating func readInput(_ input: XMLElement) {
    switch input.attribute("type") {
    case "passthrough", "evdev":
      guard let source = input.child("source") else { return }
      if let path = source.attribute("evdev") ?? source.attribute("dev") {
        vm.add(.devices, "object", "rw", path: Array(path.utf8), ioctl: ["any"], at: place(source))
      }
    case "mouse", "keyboard", "tablet": break
    case let other: noteUnknown(input, "the input device", other)
    }
  }

  private mutating func readAudio(_ audio: XMLElement) {
    switch audio.attribute("type") {
    case "none", "spice", nil: break
    case "file":
      if let path = audio.attribute("path") {
        vm.add(.devices, "object", "wc", path: Array(path.utf8), at: place(audio))
      }
    case let other:
      note(audio, "sound by \(SafeText.show(other ?? "")) is in no rule: what it opens is learned")
    }
  }

  private mutating func addVsock(_ vsock: XMLElement) {
    vm.add(
      .devices, "device", "rw", path: Array("/dev/vhost-vsock".utf8),
      ioctl: KernelCommands.vhost + KernelCommands.vsock,
      at: place(vsock))
  }
}
