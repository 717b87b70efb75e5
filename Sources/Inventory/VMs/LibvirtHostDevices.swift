// SPDX-License-Identifier: Apache-2.0

internal import PolicyText
internal import TrustPolicy

/// Network interfaces, and devices of the host that the VM has for its own.
extension LibvirtDomain {
  mutating func readInterface(_ interface: XMLElement) {
    let source = interface.child("source")
    let tap = interface.child("target")?.attribute("dev")
    let model = interface.child("model")?.attribute("type")
    let driver = interface.child("driver")?.attribute("name")
    // libvirt runs it, outside of the VM.
    _ = interface.child("script")?.attribute("path")
    _ = interface.child("downscript")?.attribute("path")
    let kind = interface.attribute("type")
    switch kind {
    case "network", "bridge", "ethernet", "direct":
      let network = ["network", "bridge", "dev"].compactMap { source?.attribute($0) }.first
      let words = [tap.map { "tap \($0)" }, network.map { "on \($0)" }].compactMap { $0 }
      vm.add(
        .network, "device", "rw", path: Array((interface.child("backend")?.attribute("tap") ?? "/dev/net/tun").utf8),
        ioctl: KernelCommands.tap,
        comment: words.isEmpty ? nil : SafeText.show(words.joined(separator: " ")), at: place(interface))
      vm.add(.network, rule: "inherit tun", at: place(interface))
      // Under KVM the host's kernel moves the packets, unless it is told not to.
      let isVhost = driver == "vhost" || driver == nil && domain.attribute("type") == "kvm"
      if model?.hasPrefix("virtio") == true, isVhost {
        vm.add(
          .network, "device", "rw",
          path: Array((interface.child("backend")?.attribute("vhost") ?? "/dev/vhost-net").utf8),
          ioctl: KernelCommands.vhost + ["VHOST_NET_SET_BACKEND"], at: place(interface))
        vm.add(.network, rule: "inherit vhost", at: place(interface))
      }
    case "vhostuser": if let source { readUnix(source, .network) }
    case "vdpa": if let source, let path = source.attribute("dev") { addVDPA(path, source) }
    case "hostdev":
      if let source { readPCI(source, "a network card") }
    case "user":
      note(interface, "to which addresses the guest's packets go by QEMU's own network is in no rule: it is learned")
    case "internal", "null": break
    case "server", "client", "mcast", "udp":
      note(interface, "the socket of an interface '\(kind ?? "")' is in no rule: its addresses are learned")
    case let other: noteUnknown(interface, "the interface", other)
    }
  }

  mutating func addVDPA(_ path: String, _ element: XMLElement) {
    vm.add(
      .network, "object", "rw", path: Array(path.utf8), ioctl: KernelCommands.vhost + KernelCommands.vdpa,
      at: place(element))
  }

  mutating func readHostDevice(_ device: XMLElement) {
    guard device.attribute("mode") ?? "subsystem" == "subsystem" else {
      noteUnknown(device, "the mode of a host's device", device.attribute("mode"))
      return
    }
    guard let source = device.child("source") else { return }
    switch device.attribute("type") {
    case "pci": readPCI(source, "a PCI device")
    case "usb": readUSB(source, device)
    case "mdev":
      guard let uuid = Self.uuid(source.child("address")?.attribute("uuid")) else {
        note(source, "a mediated device without a UUID is in no rule")
        return
      }
      addGroup(of: "/sys/bus/mdev/devices/\(uuid)", "the mediated device \(uuid)", source)
    case "scsi_host":
      vm.add(
        .devices, "device", "rw", path: Array("/dev/vhost-scsi".utf8),
        ioctl: KernelCommands.vhost + KernelCommands.scsi, at: place(source))
    case "scsi":
      note(source, "which node a SCSI device has (/dev/sgN) is known when the VM starts, and in no rule")
    case let other: noteUnknown(device, "the kind of a host's device", other)
    }
  }

  /// A PCI device by its address, in hexadecimal digits of fixed width as in sysfs.
  mutating func readPCI(_ source: XMLElement, _ what: String) {
    guard let address = source.child("address") else {
      note(source, "\(what) without an address is in no rule")
      return
    }
    let parts: [(name: String, width: Int)] = [("domain", 4), ("bus", 2), ("slot", 2), ("function", 1)]
    var texts: [String] = []
    for part in parts {
      let text = address.attribute(part.name) ?? "0"
      let number = text.hasPrefix("0x") ? UInt32(text.dropFirst(2), radix: 16) : UInt32(text)
      guard let number, number < UInt32(1) << UInt32(4 * part.width) else {
        note(address, "the \(part.name) '\(SafeText.show(text))' of \(what) is no number")
        return
      }
      let digits = String(number, radix: 16)
      texts.append(String(repeating: "0", count: part.width - digits.utf8.count) + digits)
    }
    let name = "\(texts[0]):\(texts[1]):\(texts[2]).\(texts[3])"
    addGroup(of: "/sys/bus/pci/devices/\(name)", "\(what) at \(name)", source)
  }

  private mutating func addGroup(of device: String, _ what: String, _ source: XMLElement) {
    VFIOGroup.add(device, SafeText.show(what), at: place(source), root, to: &vm)
  }

  private mutating func readUSB(_ source: XMLElement, _ device: XMLElement) {
    // Of a running VM the device's place is there; what was asked for may be any by its vendor.
    let address = source.child("address")
    guard let bus = address?.attribute("bus").flatMap({ UInt32($0) }),
      let number = address?.attribute("device").flatMap({ UInt32($0) }), bus < 1000, number < 1000
    else {
      note(device, "which node a USB device has is known when the VM starts, and in no rule")
      return
    }
    let digits = [bus, number].map { String(String(1000 + $0).dropFirst()) }
    vm.add(
      .devices, "object", "rw", path: Array("/dev/bus/usb/\(digits[0])/\(digits[1])".utf8), ioctl: ["any"],
      at: place(source))
  }
}

/// Devices that a VM has through VFIO, by the group that they are in: Documentation/driver-api/vfio.rst of the kernel.
enum VFIOGroup {
  /// Adds the rules for a device that sysfs has.
  ///
  /// - Parameter what: What messages call it; safe to print.
  static func add(_ device: String, _ what: String, at place: VMPlace, _ root: FileRoot, to vm: inout VMDescription) {
    vm.add(
      .devices, "device", "rw", path: Array("/dev/vfio/vfio".utf8), ioctl: KernelCommands.vfioContainer, at: place)
    vm.add(.devices, rule: "anon vfio ioctl \(KernelCommands.vfioDevice.joined(separator: " "))", at: place)
    guard let group = try? root.resolve(Array("\(device)/iommu_group".utf8)), group.kind == .folder,
      let folder = try? root.resolve(Array(device.utf8)), folder.path.starts(with: "/sys/devices/".utf8),
      UInt64(decimal: PathText.name(of: group.path)) != nil
    else {
      vm.note(place, "\(what) is not on this host, or without an IOMMU: its group, /dev/vfio/N, is in no rule")
      return
    }
    vm.add(
      .devices, "object", "rw", path: Array("/dev/vfio/".utf8) + PathText.name(of: group.path),
      ioctl: KernelCommands.vfioGroup, comment: what, at: place)
    vm.add(.devices, "file", "r", [.literal(folder.path), .below], comment: what, at: place)
  }
}

/// The ioctl commands that QEMU 7.2 sends to devices of a kind.
enum KernelCommands {
  static let tap = [
    "TUNGETFEATURES", "TUNGETIFF", "TUNSETOFFLOAD", "TUNSETQUEUE", "TUNSETSNDBUF", "TUNSETVNETBE", "TUNSETVNETHDRSZ",
    "TUNSETVNETLE",
  ]
  static let vhost = [
    "VHOST_GET_BACKEND_FEATURES", "VHOST_GET_FEATURES", "VHOST_GET_VRING_BASE", "VHOST_SET_BACKEND_FEATURES",
    "VHOST_SET_FEATURES", "VHOST_SET_LOG_BASE", "VHOST_SET_MEM_TABLE", "VHOST_SET_OWNER", "VHOST_SET_VRING_ADDR",
    "VHOST_SET_VRING_BASE", "VHOST_SET_VRING_BUSYLOOP_TIMEOUT", "VHOST_SET_VRING_CALL", "VHOST_SET_VRING_ENDIAN",
    "VHOST_SET_VRING_ERR", "VHOST_SET_VRING_KICK", "VHOST_SET_VRING_NUM",
  ]
  static let vsock = ["VHOST_VSOCK_SET_GUEST_CID", "VHOST_VSOCK_SET_RUNNING"]
  static let scsi = [
    "VHOST_SCSI_CLEAR_ENDPOINT", "VHOST_SCSI_GET_ABI_VERSION", "VHOST_SCSI_SET_ENDPOINT",
    "VHOST_SCSI_SET_EVENTS_MISSED",
  ]
  static let vdpa = [
    "VHOST_VDPA_GET_CONFIG", "VHOST_VDPA_GET_DEVICE_ID", "VHOST_VDPA_GET_IOVA_RANGE", "VHOST_VDPA_GET_STATUS",
    "VHOST_VDPA_GET_VRING_NUM", "VHOST_VDPA_SET_CONFIG", "VHOST_VDPA_SET_CONFIG_CALL", "VHOST_VDPA_SET_STATUS",
    "VHOST_VDPA_SET_VRING_ENABLE",
  ]
  static let vfioContainer = [
    "VFIO_CHECK_EXTENSION", "VFIO_GET_API_VERSION", "VFIO_IOMMU_DIRTY_PAGES", "VFIO_IOMMU_GET_INFO",
    "VFIO_IOMMU_MAP_DMA", "VFIO_IOMMU_UNMAP_DMA", "VFIO_SET_IOMMU",
  ]
  static let vfioGroup = [
    "VFIO_GROUP_GET_DEVICE_FD", "VFIO_GROUP_GET_STATUS", "VFIO_GROUP_SET_CONTAINER", "VFIO_GROUP_UNSET_CONTAINER",
  ]
  static let vfioDevice = [
    "VFIO_DEVICE_FEATURE", "VFIO_DEVICE_GET_INFO", "VFIO_DEVICE_GET_IRQ_INFO", "VFIO_DEVICE_GET_PCI_HOT_RESET_INFO",
    "VFIO_DEVICE_GET_REGION_INFO", "VFIO_DEVICE_PCI_HOT_RESET", "VFIO_DEVICE_QUERY_GFX_PLANE", "VFIO_DEVICE_RESET",
    "VFIO_DEVICE_SET_IRQS",
  ]
}
