// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

/// Disks and their sources.
extension LibvirtDomain {
  mutating func readDisk(_ disk: XMLElement) {
    let device = disk.attribute("device") ?? "disk"
    guard ["disk", "cdrom", "floppy", "lun"].contains(device) else {
      noteUnknown(disk, "the kind of disk", device)
      return
    }
    let isShareable = disk.child("shareable") != nil
    let isReadOnly = disk.child("readonly") != nil || device == "cdrom"
    // Without a type libvirt takes a disk for raw.
    let format = disk.child("driver")?.attribute("type") ?? "raw"
    if disk.child("transient") != nil {
      note(disk, "the disk is transient: libvirt makes an image beside it at each start, which is in no rule")
    }
    for name in ["mirror"] {
      if let element = disk.child(name) { note(element, "<\(name)> is a copy under way, and in no rule") }
    }
    let isWritable = !isReadOnly && !isShareable
    guard let source = disk.child("source") else { return }
    guard
      var image = storage(source, type: disk.attribute("type") ?? "file", format: format, isWritable: isWritable)
    else { return }
    if isShareable, !isReadOnly {
      note(
        disk,
        "\(SafeText.render(image.path)) is shareable: 'shared' lets the VM only read it, since nothing of which two VMs "
          + "may change can belong to one")
    }
    image.backing = backing(disk, depth: 0)
    vm.add(image)
    if device == "lun" {
      note(disk, "SG_IO to \(SafeText.render(image.path)) is in no rule: it is learned, or asked for")
    }
  }

  /// What a disk's `<backingStore>` says: without one the image's header counts, an empty one ends the chain.
  private mutating func backing(_ element: XMLElement, depth: Int) -> VMImage.Backing {
    guard let store = element.child("backingStore"), depth < XMLDocument.deepest else { return .header }
    guard let source = store.child("source") else { return .nothing }
    let format = store.child("format")?.attribute("type") ?? "raw"
    guard
      var image = storage(source, type: store.attribute("type") ?? "file", format: format, isWritable: false)
    else { return .nothing }
    image.backing = backing(store, depth: depth + 1)
    return .image(image)
  }

  /// The image that a `<source>` names; nil, with a rule or a note, when it is no file or block device.
  mutating func storage(_ source: XMLElement, type: String?, format: String, isWritable: Bool) -> VMImage? {
    readDataStore(source, isWritable: isWritable)
    // What libvirt remembers of a private copy, and where slices begin, is nothing that QEMU opens by itself.
    let attribute: String
    switch type {
    case "file", nil: attribute = "file"
    case "block": attribute = "dev"
    case "dir":
      if let path = source.attribute("dir") {
        vm.add(
          .disks, "shared", "r", [.literal(Array(path.utf8)), .below], comment: "as a disk", at: place(source))
      }
      return nil
    case "network":
      readNetworkDisk(source)
      return nil
    case "nvme":
      readPCI(source, "an NVMe disk")
      return nil
    case "vhostuser":
      readUnix(source, .disks)
      return nil
    case "vhostvdpa":
      if let path = source.attribute("dev") { addVDPA(path, source) }
      return nil
    case "volume":
      let names = [source.attribute("pool"), source.attribute("volume")].map { SafeText.show($0 ?? "") }
      note(source, "the volume \(names[1]) of the pool \(names[0]) is in no rule: name its file with --vm")
      return nil
    default:
      noteUnknown(source, "the disk's type", type)
      return nil
    }
    guard let path = source.attribute(attribute) else { return nil }
    if source.attribute("fdgroup") != nil {
      note(source, "\(SafeText.render(path.utf8)) is handed in as a descriptor; its rule is that of its path")
    }
    return VMImage(
      path: Array(path.utf8), format: format == "aio" ? "raw" : format, isWritable: isWritable, place: place(source))
  }

  /// libvirt 10.10 and later: the guest's data in another file.
  private mutating func readDataStore(_ source: XMLElement, isWritable: Bool) {
    guard let store = source.child("dataStore"), let inner = store.child("source") else { return }
    if let data = storage(inner, type: store.attribute("type"), format: "raw", isWritable: isWritable) { vm.add(data) }
  }

  private mutating func readNetworkDisk(_ source: XMLElement) {
    let kind = source.attribute("protocol") ?? ""
    _ = source.attribute("name")
    var hasAll = !source.children("host").isEmpty
    for host in source.children("host") {
      if host.attribute("transport") == "unix" {
        if let path = host.attribute("socket") {
          vm.add(.disks, "unix connect", path: Array(path.utf8), at: place(host))
        }
        continue
      }
      if let end = NetworkRuleText(host: host.attribute("name"), port: host.attribute("port")) {
        vm.add(.disks, rule: "tcp connect \(end.text)", comment: "\(SafeText.show(kind)) disk", at: place(host))
      } else {
        hasAll = false
      }
    }
    if !hasAll {
      note(source, "a \(SafeText.show(kind)) disk is on the network: to which addresses the VM connects is in no rule")
    }
    if let cookies = source.child("cookies") { cookies.dismiss() }
    for name in ["config", "snapshot", "auth", "ssl", "initiator", "identity", "knownHosts"] {
      guard let element = source.child(name) else { continue }
      for key in ["file", "path", "keyfile"] {
        if let path = element.attribute(key) {
          vm.add(.disks, "file", "r", path: Array(path.utf8), at: place(element))
        }
      }
    }
  }
}
