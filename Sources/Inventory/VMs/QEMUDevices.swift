// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

/// Devices, networks, shared folders and objects of a command line.
extension QEMUCommandLine {
  /// - Returns: Whether the option is one that has a value.
  mutating func readDeviceOption(_ option: String, _ value: QEMUArguments.Argument) -> Bool {
    let place = value.place
    switch option {
    case "device": with(value, "driver") { line, options in line.readDevice(options, place) }
    case "netdev", "nic", "net": with(value, "type") { line, options in line.readNetwork(options, place) }
    case "fsdev", "virtfs": with(value, "fsdriver") { line, options in line.readFolder(options, place) }
    case "object": with(value, "qom-type") { line, options in line.readObject(options, place) }
    case "tpmdev": with(value, "type") { line, options in line.readTPM(options, place) }
    case "M", "machine": with(value, "type") { line, options in line.readMachine(options, place) }
    case "accel":
      with(value, "accel") { line, options in
        if options.text("accel") == "kvm" { line.addKVM(place) }
        options.dismiss()
      }
    case "smbios", "acpitable", "fw_cfg":
      with(value, "name") { line, options in line.readTable(options, isList: option == "acpitable", place) }
    case "audiodev":
      with(value, "driver") { line, options in
        switch options.text("driver") {
        case "none", "spice": break
        case "wav":
          line.vm.add(
            .devices, "object", "wc", path: line.absolute(options.bytes("path") ?? Array("qemu.wav".utf8)), at: place)
        default: line.vm.note(place, "what sound opens is in no rule: it is learned")
        }
      }
    case "trace":
      with(value, "enable") { line, options in
        if let path = options.bytes("events") {
          line.vm.add(.consoles, "file", "r", path: line.absolute(path), at: place)
        }
        if let path = options.bytes("file") {
          line.vm.add(.consoles, "object", "wc", path: line.absolute(path), at: place)
        }
      }
    case "plugin":
      with(value, "file") { line, options in
        if let path = options.bytes("file") {
          line.vm.add(.machine, "file", "rm", path: line.absolute(path), at: place)
        }
      }
    case "incoming": readIncoming(value)
    case "readconfig", "writeconfig", "chroot", "iscsi", "T":
      vm.note(place, "-\(option) \(SafeText.render(value.bytes)) is not followed, and in no rule")
    default: return false
    }
    return true
  }

  /// What the guest finds in its firmware's tables; those of ACPI take several files with `:` between them.
  private mutating func readTable(_ options: QEMUOptions, isList: Bool, _ place: VMPlace) {
    // The name of what the guest is to see, and what it reads there, may be any text.
    for key in ["name", "string", "value"] { _ = options.all(key) }
    for path in ["file", "data", "path"].flatMap({ options.all($0) }) {
      let parts = isList ? path.split(separator: UInt8(ascii: ":")).map(Array.init) : [path]
      for part in parts { vm.add(.firmware, "shared", "r", path: absolute(part), at: place) }
    }
  }

  private mutating func readDevice(_ options: QEMUOptions, _ place: VMPlace) {
    let driver = options.text("driver") ?? ""
    if let rom = options.bytes("romfile") { addROM(rom, place) }
    switch driver {
    case "vfio-pci", "vfio-pci-nohotplug", "vfio-ap", "vfio-ccw", "vfio-platform", "vfio-amd-xgbe":
      let device =
        options.text("sysfsdev")
        ?? options.text("host").map { host in
          "/sys/bus/pci/devices/" + (host.split(separator: ":").count == 2 ? "0000:" + host : host)
        }
      guard let device else {
        vm.note(place, "\(SafeText.show(driver)) without a device is in no rule")
        return
      }
      VFIOGroup.add(
        device, "\(driver) \(SafeText.show(PathText.name(of: Array(device.utf8))))", at: place, root, to: &vm)
    case "loader", "guest-loader":
      for key in ["file", "kernel", "initrd"] {
        if let path = options.bytes(key) { vm.add(.firmware, "shared", "r", path: absolute(path), at: place) }
      }
    case _ where driver.hasPrefix("vhost-vsock"):
      if options.has("vhostfd") {
        vm.add(.devices, rule: "inherit vhost", at: place)
      }
      vm.add(
        .devices, "device", "rw", path: Array("/dev/vhost-vsock".utf8),
        ioctl: KernelCommands.vhost + KernelCommands.vsock, at: place)
    case _ where driver.hasPrefix("vhost-scsi"):
      vm.add(
        .devices, "device", "rw", path: Array("/dev/vhost-scsi".utf8),
        ioctl: KernelCommands.vhost + KernelCommands.scsi, at: place)
    case _ where driver.hasPrefix("virtio-input-host"):
      if let path = options.bytes("evdev") {
        vm.add(.devices, "object", "rw", path: path, ioctl: ["any"], at: place)
      }
    case "usb-host": readUSB(options, place)
    case "usb-mtp":
      if let path = options.bytes("rootdir", "x-root") {
        vm.add(.folders, "object", "rwcd", [.literal(absolute(path)), .below], at: place)
      }
    default: break
    }
  }

  private mutating func addROM(_ name: [UInt8], _ place: VMPlace) {
    guard name.contains(PathText.slash) else { return }
    vm.add(.firmware, "shared", "r", path: absolute(name), at: place)
  }

  private mutating func readUSB(_ options: QEMUOptions, _ place: VMPlace) {
    if let path = options.bytes("hostdevice") {
      vm.add(.devices, "object", "rw", path: path, ioctl: ["any"], at: place)
    } else if let bus = options.text("hostbus").flatMap({ UInt32($0) }),
      let number = options.text("hostaddr").flatMap({ UInt32($0) }), bus < 1000, number < 1000
    {
      let digits = [bus, number].map { String(String(1000 + $0).dropFirst()) }
      vm.add(
        .devices, "object", "rw", path: Array("/dev/bus/usb/\(digits[0])/\(digits[1])".utf8), ioctl: ["any"], at: place)
    } else {
      vm.note(place, "which node a USB device has is known when the VM starts, and in no rule")
    }
  }

  private mutating func readNetwork(_ options: QEMUOptions, _ place: VMPlace) {
    switch options.text("type") {
    case "tap":
      let name = options.text("ifname")
      let isHandedIn = options.has("fd") || options.has("fds")
      vm.add(
        .network, "device", "rw", path: Array("/dev/net/tun".utf8),
        ioctl: KernelCommands.tap + (isHandedIn ? [] : ["TUNSETIFF"]),
        comment: name.map { "tap \(SafeText.show($0))" }, at: place)
      if isHandedIn { vm.add(.network, rule: "inherit tun", at: place) }
      for (key, usual) in [("script", "/etc/qemu-ifup"), ("downscript", "/etc/qemu-ifdown")] where !isHandedIn {
        let script = options.bytes(key) ?? Array(usual.utf8)
        if script.elementsEqual("no".utf8) || script.isEmpty { continue }
        vm.note(
          place, "the script \(SafeText.render(script)), and what it runs, is in no rule: \(key)=no leaves it out")
      }
      if options.flag("vhost") == true || options.has("vhostfd") || options.has("vhostfds") {
        vm.add(
          .network, "device", "rw", path: Array("/dev/vhost-net".utf8),
          ioctl: KernelCommands.vhost + ["VHOST_NET_SET_BACKEND"], at: place)
        if options.has("vhostfd") || options.has("vhostfds") { vm.add(.network, rule: "inherit vhost", at: place) }
      }
      if let helper = options.bytes("helper") { noteHelper(helper, place) }
    case "bridge": noteHelper(options.bytes("helper") ?? Array("/usr/lib/qemu/qemu-bridge-helper".utf8), place)
    case "vhost-vdpa":
      if let path = options.bytes("vhostdev") {
        vm.add(
          .network, "object", "rw", path: path, ioctl: KernelCommands.vhost + KernelCommands.vdpa, at: place)
      }
    case "user": readUserNetwork(options, place)
    case "none", "nic", "hubport", "vhost-user": break
    case "l2tpv3", "socket", "vde", "netmap", "stream", "dgram", "af-xdp":
      vm.note(place, "what the network '\(options.text("type") ?? "")' reaches is in no rule: it is learned")
    case let other:
      vm.note(place, "the network '\(SafeText.show(other ?? ""))' is not known, and no rule is written for it")
    }
  }

  private mutating func noteHelper(_ helper: [UInt8], _ place: VMPlace) {
    vm.note(
      place,
      "\(SafeText.render(helper)) makes the network's interface, and is in no rule: give QEMU one that is there already"
    )
  }

  private mutating func readUserNetwork(_ options: QEMUOptions, _ place: VMPlace) {
    if let path = options.bytes("tftp") {
      vm.add(.network, "shared", "r", [.literal(absolute(path)), .below], at: place)
    }
    if let path = options.bytes("smb") {
      vm.note(place, "\(SafeText.render(path)) is shared by smbd, which is in no rule")
    }
    for forward in options.all("hostfwd") { readForward(String(decoding: forward, as: UTF8.self), place) }
    for target in options.all("guestfwd") {
      vm.note(place, "what the guest reaches by guestfwd=\(SafeText.show(target)) is in no rule")
    }
    vm.note(place, "to which addresses the guest's packets go by QEMU's own network is in no rule: it is learned")
  }

  /// `[tcp|udp]:[HOST]:PORT-[GUEST]:PORT`
  private mutating func readForward(_ forward: String, _ place: VMPlace) {
    let host = forward.split(separator: "-", maxSplits: 1).first.map(String.init) ?? ""
    let parts = host.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    if parts.count == 3, let end = NetworkRuleText(host: parts[1], port: parts[2]) {
      vm.add(.network, rule: parts[0] == "udp" ? "udp bind \(end.text)" : "tcp listen \(end.text)", at: place)
    } else {
      vm.note(place, "the forwarded port \(SafeText.show(forward)) is in no rule: expected numbers")
    }
  }

  private mutating func readFolder(_ options: QEMUOptions, _ place: VMPlace) {
    // A tag that the guest mounts by, though it often looks like a path.
    _ = options.bytes("mount_tag")
    switch options.text("fsdriver") {
    case "local":
      guard let path = options.bytes("path") else { return }
      let isReadOnly = options.flag("readonly") ?? false
      let verb = isReadOnly ? "shared" : "object"
      let letters = isReadOnly ? "rk" : "rwcdlk rename truncate chmod"
      vm.add(.folders, verb, letters, path: absolute(path), at: place)
      vm.add(.folders, verb, letters, [.literal(absolute(path)), .below], at: place)
    case "proxy":
      if let path = options.bytes("socket") { vm.add(.folders, "unix connect", path: absolute(path), at: place) }
    case "synth": break
    case let other:
      vm.note(place, "the shared folder '\(SafeText.show(other ?? ""))' is not known, and no rule is written for it")
    }
  }

  private mutating func readObject(_ options: QEMUOptions, _ place: VMPlace) {
    switch options.text("qom-type") {
    case "memory-backend-file":
      guard let path = options.bytes("mem-path") else { return }
      if options.flag("readonly") == true {
        vm.add(.machine, "shared", "r", path: absolute(path), at: place)
      } else {
        addMemoryPath(absolute(path), place, isShared: options.flag("share") ?? false)
      }
    case "memory-backend-memfd": vm.add(.machine, rule: "anon memfd", at: place)
    case "rng-random":
      vm.add(.devices, "device", "r", path: options.bytes("filename") ?? Array("/dev/urandom".utf8), at: place)
    case "secret":
      if let path = options.bytes("file") { vm.add(.machine, "file", "r", path: absolute(path), at: place) }
    case "tls-creds-x509", "tls-creds-psk", "tls-creds-anon":
      if let path = options.bytes("dir") {
        vm.add(.machine, "file", "r", [.literal(absolute(path)), .below], at: place)
      }
    case "input-linux":
      if let path = options.bytes("evdev") {
        vm.add(.devices, "object", "rw", path: path, ioctl: ["any"], at: place)
      }
    case "sev-guest":
      vm.add(
        .machine, "device", "rw", path: options.bytes("sev-device") ?? Array("/dev/sev".utf8), ioctl: ["any"], at: place
      )
    case "iommufd": vm.add(.devices, rule: "anon iommufd", at: place)
    case "filter-dump":
      if let path = options.bytes("file") { vm.add(.network, "object", "wc", path: absolute(path), at: place) }
    default: break
    }
  }

  private mutating func readTPM(_ options: QEMUOptions, _ place: VMPlace) {
    switch options.text("type") {
    case "passthrough":
      vm.add(.tpm, "object", "rw", path: options.bytes("path") ?? Array("/dev/tpm0".utf8), at: place)
      if let path = options.bytes("cancel-path") { vm.add(.tpm, "file", "w", path: path, at: place) }
    // Its socket is that of its character device; where swtpm keeps its state, its own command line says.
    case "emulator": break
    case let other:
      vm.note(place, "the TPM '\(SafeText.show(other ?? ""))' is not known, and no rule is written for it")
    }
  }

  private mutating func readMachine(_ options: QEMUOptions, _ place: VMPlace) {
    let accelerators = options.text("accel")?.split(separator: ":") ?? []
    if accelerators.contains("kvm") { addKVM(place) }
    for key in ["pflash0", "pflash1"] { if let name = options.text(key) { firmwareNodes.insert(name) } }
    for key in ["kernel", "initrd", "dtb"] {
      if let path = options.bytes(key) { vm.add(.firmware, "shared", "r", path: absolute(path), at: place) }
    }
    if let name = options.bytes("firmware") { addFirmware(name, place) }
    if let path = options.bytes("dumpdtb") { vm.add(.firmware, "object", "wc", path: absolute(path), at: place) }
    _ = options.bytes("append")
  }

  private mutating func readIncoming(_ value: QEMUArguments.Argument) {
    let text = String(decoding: value.bytes, as: UTF8.self)
    if value.bytes.starts(with: "unix:".utf8) {
      vm.add(.machine, "unix listen", path: absolute(Array(value.bytes.dropFirst(5))), at: value.place)
    } else if text.hasPrefix("tcp:"), let colon = text.lastIndex(of: ":") {
      let host = String(text.dropFirst(4).prefix(upTo: max(colon, text.index(text.startIndex, offsetBy: 4))))
      addTCP(host, String(text[text.index(after: colon)...]), isServer: true, .machine, value.place)
    } else if text != "defer", !text.hasPrefix("fd:") {
      vm.note(value.place, "-incoming \(SafeText.show(text)) is in no rule")
    }
  }
}
