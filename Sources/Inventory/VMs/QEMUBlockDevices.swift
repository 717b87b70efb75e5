// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

extension QEMUCommandLine {
  /// How a node is used by what stands upon it.
  private struct Use {
    var isWritable: Bool
    var topic = VMRule.Topic.disks
    var depth = 0
  }

  private static let files: Set<String> = ["file", "host_device", "host_cdrom"]
  private static let formats: Set<String> = [
    "raw", "qcow2", "qcow", "qed", "vmdk", "vdi", "vhdx", "vpc", "parallels", "luks", "dmg", "bochs", "cloop",
  ]
  private static let filters: Set<String> = [
    "throttle", "copy-on-read", "blkdebug", "blklogwrites", "preallocate", "compress", "snapshot-access",
  ]
  private static let nothing: Set<String> = ["null-co", "null-aio"]
  private static let remote: Set<String> = [
    "nbd", "rbd", "iscsi", "ssh", "http", "https", "ftp", "ftps", "gluster", "nfs", "curl", "sheepdog",
  ]

  /// Rules for all nodes that nothing else stands upon; those below them follow.
  mutating func addBlockDevices() {
    let used = nodes.used
    let tops = nodes.all.filter { $0.name.isEmpty || !used.contains($0.name) }
    for (name, node) in tops {
      let isReadOnly = node.options.flag("read-only") ?? false
      let isFirmware = firmwareNodes.contains(name)
      guard
        var image = image(node, "", Use(isWritable: !isReadOnly, topic: isFirmware ? .firmware : .disks))
      else { continue }
      if isFirmware { image.topic = .firmware }
      if isFirmware, isReadOnly { vm.firmware.append(image.path) }
      vm.add(image)
    }
    let visited = nodes.visited.union(tops.map(\.name))
    for (name, node) in nodes.all {
      if !visited.contains(name) {
        vm.note(
          node.place, "the block node '\(SafeText.show(name))' is in no rule: no disk that is known stands upon it")
      }
      tellUnread(node.options, node.place)
    }
  }

  /// The image that a node, or one within it, is: nil, with a rule or a note, where it is no file.
  private mutating func image(_ node: QEMUBlockNodes.Definition, _ prefix: String, _ use: Use) -> VMImage? {
    let options = node.options
    let driver = options.text(prefix + "driver") ?? ""
    guard nodes.mayVisit(depth: use.depth) else {
      vm.note(node.place, "block nodes stand upon each other too deep, or too many times")
      return nil
    }
    var use = use
    if options.flag(prefix + "read-only") == true { use.isWritable = false }
    use.depth += 1
    switch driver {
    case _ where Self.files.contains(driver):
      guard let path = options.bytes(prefix + "filename") else { return nil }
      return file(path, format: "raw", use, node.place)
    case _ where Self.formats.contains(driver):
      guard var image = child("file", of: node, prefix, use) else { return nil }
      image.format = driver
      image.backing = backing(of: node, prefix, use)
      var data = use
      data.topic = image.topic
      if options.has(prefix + "data-file") || options.hasKeys(below: prefix + "data-file"),
        let file = child("data-file", of: node, prefix, data)
      {
        vm.add(file)
      }
      return image
    case _ where Self.filters.contains(driver):
      return child(options.has(prefix + "image") ? "image" : "file", of: node, prefix, use)
    case _ where Self.nothing.contains(driver): return nil
    case _ where Self.remote.contains(driver):
      addRemote(driver, options, prefix, node.place)
      return nil
    case "nvme":
      if let device = options.text(prefix + "device") {
        VFIOGroup.add(
          "/sys/bus/pci/devices/\(device)", "an NVMe disk at \(SafeText.show(device))", at: node.place, root, to: &vm)
      }
      return nil
    case "vvfat":
      if let path = options.bytes(prefix + "dir") { addFolder(path, use, node.place) }
      return nil
    default:
      vm.note(node.place, "the block driver '\(SafeText.show(driver))' is not known, and no rule is written for it")
      options.dismiss(below: prefix)
      return nil
    }
  }

  private mutating func child(
    _ key: String, of node: QEMUBlockNodes.Definition, _ prefix: String, _ use: Use
  ) -> VMImage? {
    let options = node.options
    if options.hasKeys(below: prefix + key) { return image(node, prefix + key + ".", use) }
    guard let name = options.text(prefix + key) else { return nil }
    guard let other = nodes.visit(name) else {
      vm.note(node.place, "there is no block node '\(SafeText.show(name))'")
      return nil
    }
    return image(other, "", use)
  }

  private mutating func backing(of node: QEMUBlockNodes.Definition, _ prefix: String, _ use: Use) -> VMImage.Backing {
    let key = prefix + "backing"
    if node.options.isNull(key) { return .nothing }
    guard node.options.has(key) || node.options.hasKeys(below: key) else { return .header }
    var use = use
    use.isWritable = false
    return child("backing", of: node, prefix, use).map { .image($0) } ?? .nothing
  }

  private mutating func addRemote(_ driver: String, _ options: QEMUOptions, _ prefix: String, _ place: VMPlace) {
    let server = prefix + (options.hasKeys(below: prefix + "server") ? "server." : "")
    if let path = options.bytes(server + "path"), options.text(server + "type") == "unix" || driver == "nbd" {
      vm.add(.disks, "unix connect", path: absolute(path), at: place)
    } else if let end = NetworkRuleText(host: options.text(server + "host"), port: options.text(server + "port")) {
      vm.add(.disks, rule: "tcp connect \(end.text)", comment: "\(driver) disk", at: place)
    } else {
      vm.note(place, "a disk is on the network (\(driver)): to which addresses the VM connects is in no rule")
    }
  }

  private mutating func addFolder(_ path: [UInt8], _ use: Use, _ place: VMPlace) {
    vm.add(.disks, "shared", "r", [.literal(absolute(path)), .below], comment: "as a disk", at: place)
  }

  private mutating func file(_ path: [UInt8], format: String?, _ use: Use, _ place: VMPlace) -> VMImage? {
    var path = path
    if path.starts(with: "file:".utf8) { path.removeFirst(5) }
    return VMImage(
      path: absolute(path), format: format, isWritable: use.isWritable, topic: use.topic, place: place)
  }

  /// A disk by its file's name alone; `json:`, `nbd:` and the like are no files.
  mutating func readDrive(
    path: [UInt8], place: VMPlace, isReadOnly: Bool = false, snapshot: Bool? = nil, format: String? = nil,
    topic: VMRule.Topic = .disks, backing: VMImage.Backing = .header
  ) {
    let isTemporary = snapshot ?? isSnapshot
    let use = Use(isWritable: !isReadOnly && !isTemporary, topic: topic)
    if isTemporary { addTemporary(place) }
    if path.starts(with: "json:".utf8) {
      guard let options = try? QEMUOptions(Array(path.dropFirst(5)), implied: nil) else {
        vm.note(place, "\(SafeText.render(path)) cannot be read, and no rule is written for it")
        return
      }
      let node = QEMUBlockNodes.Definition(options: options, place: place)
      if var image = image(node, "", use) {
        image.topic = topic
        vm.add(image)
      }
      return
    }
    if path.starts(with: "fat:".utf8) {
      let words = path.dropFirst(4).split(separator: UInt8(ascii: ":"))
      addFolder(Array(words.last ?? []), use, place)
      return
    }
    if let socket = nbdSocket(path) {
      vm.add(.disks, "unix connect", path: absolute(socket), at: place)
      return
    }
    if !path.starts(with: "file:".utf8), let colon = path.firstIndex(of: UInt8(ascii: ":")),
      !path[..<colon].contains(PathText.slash)
    {
      let name = SafeText.show(path[..<colon])
      if Self.nothing.contains(name) { return }
      vm.note(place, "a disk is reached by \(name): to which addresses the VM connects is in no rule")
      return
    }
    if var image = file(path, format: format, use, place) {
      image.backing = backing
      vm.add(image)
    }
  }

  private func nbdSocket(_ path: [UInt8]) -> [UInt8]? {
    guard path.starts(with: "nbd:unix:".utf8) else { return nil }
    return Array(path.dropFirst(9).prefix { $0 != UInt8(ascii: ":") })
  }

  private mutating func addTemporary(_ place: VMPlace) {
    vm.add(.disks, rule: "temp /var/tmp/vl.??????", at: place)
  }

  /// `-drive`: a file's name, or a node as `-blockdev` has it with `file.` before its keys.
  mutating func readDrive(_ options: QEMUOptions, _ place: VMPlace) {
    let isFirmware = options.text("if") == "pflash"
    let isReadOnly =
      options.flag("readonly", "read-only") ?? false || options.text("media") == "cdrom"
    let topic: VMRule.Topic = isFirmware ? .firmware : .disks
    let snapshot = options.flag("snapshot")
    let format = options.text("format") ?? options.text("driver")
    if let path = options.bytes("file", "file.filename") {
      _ = options.text("file.driver")
      let backing: VMImage.Backing =
        if let behind = options.bytes("backing.file.filename", "backing.file", "backing") {
          .image(
            VMImage(
              path: absolute(behind), format: options.text("backing.driver"), isWritable: false, topic: topic,
              place: place))
        } else {
          .header
        }
      readDrive(
        path: path, place: place, isReadOnly: isReadOnly, snapshot: snapshot, format: format, topic: topic,
        backing: backing)
      if isFirmware, isReadOnly { vm.firmware.append(absolute(path)) }
      return
    }
    guard options.has("driver") || options.hasKeys(below: "file") else { return }
    let node = QEMUBlockNodes.Definition(options: options, place: place)
    let isTemporary = snapshot ?? isSnapshot
    if isTemporary { addTemporary(place) }
    let use = Use(isWritable: !isReadOnly && !isTemporary, topic: topic)
    let found =
      options.has("driver") ? image(node, "", use) : child("file", of: node, "", use)
    if var found {
      found.topic = topic
      if !options.has("driver") { found.format = format }
      vm.add(found)
    }
  }
}
