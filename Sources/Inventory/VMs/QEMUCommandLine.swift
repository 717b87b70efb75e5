// SPDX-License-Identifier: Apache-2.0

internal import PolicyText
internal import TrustPolicy

/// Reads what a VM uses out of QEMU's arguments, as qemu(1) of 7.2 describes them.
struct QEMUCommandLine {
  var vm: VMDescription
  let root: FileRoot
  /// The folder that relative paths are seen from, where it is known.
  let folder: [UInt8]?
  /// Block nodes by name, as `-blockdev` and `-drive` give them.
  var nodes = QEMUBlockNodes()
  /// Names of the nodes that the machine has as firmware.
  var firmwareNodes: Set<String> = []
  /// Whether no disk is written, but a temporary file for each.
  var isSnapshot = false

  /// Options without a value.
  private static let switches: Set<String> = [
    "enable-kvm", "no-reboot", "no-shutdown", "nographic", "snapshot", "S", "s", "daemonize", "nodefaults",
    "no-user-config", "nouserconfig", "no-acpi", "no-hpet", "no-fd-bootchk", "full-screen", "win2k-hack", "singlestep",
    "one-insn-per-tb", "preconfig", "curses", "only-migratable", "usb", "version", "h", "help", "mem-prealloc",
    "portrait", "no-quit", "alt-grab", "ctrl-grab", "semihosting", "enable-sync-profile", "xen-domid-restrict",
    "xen-attach", "no-kvm", "old-param", "async-teardown", "enable-fips",
  ]
  /// Options with a value that is any text, a slash in it or not.
  private static let texts: Set<String> = ["append", "loadvm", "name", "prom-env", "runas", "uuid"]
  /// Options with a value that usually names nothing of the host; what looks like a path is told.
  private static let plain: Set<String> = [
    "m", "smp", "cpu", "k", "rtc", "global", "numa", "msg", "sandbox", "overcommit", "watchdog", "watchdog-action",
    "action", "vga", "g", "accel-help", "usbdevice", "soundhw", "audio", "set", "compat", "tb-size", "echr", "d",
    "dfilter", "seed", "semihosting-config", "rotate", "mon", "xen-domid", "balloon", "run-with",
  ]

  /// The name that a command line gives; nil when it gives none.
  static func name(in arguments: [QEMUArguments.Argument]) -> String? {
    var name: String?
    for (index, argument) in arguments.enumerated() where option(argument.bytes) == "name" {
      guard index + 1 < arguments.count, let value = try? QEMUOptions(arguments[index + 1].bytes, implied: "guest")
      else {
        continue
      }
      name = value.text("guest")
    }
    return name
  }

  /// Adds what the arguments say to a VM.
  ///
  /// - Parameter folder: What relative paths are seen from; nil when that is not known.
  static func read(
    _ arguments: [QEMUArguments.Argument], into vm: inout VMDescription, folder: [UInt8]?, root: FileRoot
  ) {
    var line = QEMUCommandLine(vm: vm, root: root, folder: folder)
    line.isSnapshot = arguments.contains { option($0.bytes) == "snapshot" }
    var index = 0
    while index < arguments.count {
      let argument = arguments[index]
      index += 1
      guard let option = option(argument.bytes) else {
        line.readDrive(path: argument.bytes, place: argument.place)
        continue
      }
      if switches.contains(option) {
        line.readSwitch(option, argument.place)
        continue
      }
      if texts.contains(option) {
        index += 1
        continue
      }
      guard index < arguments.count else {
        line.vm.note(argument.place, "-\(SafeText.show(option)) has no value")
        break
      }
      let value = arguments[index]
      if line.readOption(option, value) {
        index += 1
      } else if value.bytes.first == UInt8(ascii: "-") {
        line.vm.note(argument.place, "the option -\(SafeText.show(option)) is not known, and no rule is written for it")
      } else {
        index += 1
        line.vm.note(
          argument.place,
          "the option -\(SafeText.show(option)) \(SafeText.render(value.bytes)) is not known, and no rule is written for it"
        )
      }
    }
    line.addBlockDevices()
    vm = line.vm
  }

  private static func option(_ bytes: [UInt8]) -> String? {
    guard bytes.first == UInt8(ascii: "-"), bytes.count > 1 else { return nil }
    return String(decoding: bytes.dropFirst(bytes[1] == UInt8(ascii: "-") ? 2 : 1), as: UTF8.self)
  }

  private mutating func readSwitch(_ option: String, _ place: VMPlace) {
    switch option {
    case "enable-kvm": addKVM(place)
    case "s": vm.add(.consoles, rule: "tcp listen *:1234", comment: "the debugger's", at: place)
    default: break
    }
  }

  mutating func addKVM(_ place: VMPlace) { vm.add(.machine, "device", "rw", path: Array("/dev/kvm".utf8), at: place) }

  /// A path as it is seen from the folder that QEMU was started in.
  func absolute(_ path: [UInt8]) -> [UInt8] {
    guard let folder, path.first != PathText.slash else { return path }
    return PathText.join(folder, path)
  }

  /// Hands an option's value to its reader, and tells what looks like a path and was left by it.
  mutating func with(
    _ value: QEMUArguments.Argument, _ implied: String?, _ read: (inout Self, QEMUOptions) -> Void
  ) {
    guard let options = options(value, implied) else { return }
    read(&self, options)
    tellUnread(options, value.place)
  }

  private mutating func options(_ value: QEMUArguments.Argument, _ implied: String?) -> QEMUOptions? {
    do {
      return try QEMUOptions(value.bytes, implied: implied)
    } catch {
      vm.note(
        value.place, "\(SafeText.render(value.bytes)) cannot be read, and no rule is written for it: \(error.message)")
      return nil
    }
  }

  mutating func tellUnread(_ options: QEMUOptions, _ place: VMPlace) {
    for left in options.unreadPaths {
      vm.note(
        place, "\(SafeText.render(left.value)) (\(SafeText.show(left.key))) is in no rule: what it is for is not known")
    }
  }

  /// - Returns: Whether the option is one that has a value.
  private mutating func readOption(_ option: String, _ value: QEMUArguments.Argument) -> Bool {
    let place = value.place
    let path = absolute(value.bytes)
    switch option {
    case "hda", "hdb", "hdc", "hdd", "sd", "mtdblock", "fda", "fdb": readDrive(path: value.bytes, place: place)
    case "cdrom": readDrive(path: value.bytes, place: place, isReadOnly: true)
    case "pflash": readDrive(path: value.bytes, place: place, format: "raw", topic: .firmware)
    case _ where Self.plain.contains(option): with(value, option) { _, _ in }
    case "boot":
      with(value, "order") { line, options in
        if let picture = options.bytes("splash") {
          line.vm.add(.firmware, "shared", "r", path: line.absolute(picture), at: place)
        }
      }
    case "icount": with(value, "shift") { line, options in line.readRecording(options, place) }
    case "add-fd": vm.note(place, "the descriptor that -add-fd hands in is in no rule")
    case "drive": with(value, nil) { line, options in line.readDrive(options, place) }
    // What nobody looks at is told once all nodes are there.
    case "blockdev": if let options = options(value, "driver") { nodes.add(options, place) }
    case "kernel", "dtb", "option-rom": vm.add(.firmware, "shared", "r", path: path, at: place)
    case "initrd":
      // For multiboot kernels, several with their arguments behind them.
      for part in QEMUOptions.split(value.bytes) {
        let name = Array(part.prefix { $0 != UInt8(ascii: " ") })
        vm.add(.firmware, "shared", "r", path: absolute(name), at: place)
      }
    case "bios": addFirmware(value.bytes, place)
    case "pidfile": vm.add(.machine, "object", "rwcdk", path: path, at: place)
    case "D": vm.add(.consoles, "object", "wac", path: path, at: place)
    case "mem-path": addMemoryPath(path, place)
    case "L": vm.add(.firmware, "shared", "r", [.literal(path), .below], at: place)
    case "chardev", "serial", "parallel", "monitor", "qmp", "qmp-pretty", "debugcon", "gdb":
      readCharacterOption(option, value)
    case "vnc", "spice", "display": readScreen(option, value)
    default: return readDeviceOption(option, value)
    }
    return true
  }

  /// A guest's run that is recorded, or played back.
  private mutating func readRecording(_ options: QEMUOptions, _ place: VMPlace) {
    guard let path = options.bytes("rrfile").map(absolute) else { return }
    if options.text("rr") == "record" {
      vm.add(.machine, "object", "rwc", path: path, at: place)
    } else {
      vm.add(.machine, "shared", "r", path: path, at: place)
    }
  }

  mutating func addFirmware(_ name: [UInt8], _ place: VMPlace) {
    // A name alone is looked for in QEMU's own folders, of which the abstraction has the rules.
    guard name.contains(PathText.slash) || folder != nil && (try? root.resolve(absolute(name))) != nil else { return }
    vm.add(.firmware, "shared", "r", path: absolute(name), at: place)
    vm.firmware.append(absolute(name))
  }

  /// A folder, in which QEMU makes a file of its own and unlinks it; or a file.
  mutating func addMemoryPath(_ path: [UInt8], _ place: VMPlace, isShared: Bool = false) {
    if let file = try? root.resolve(path), file.kind == .folder {
      vm.add(.machine, "temp", "", [.literal(path + Array("/qemu_back_mem.".utf8)), .star], at: place)
    } else if isShared {
      vm.add(.machine, "file", "rwc", path: path, at: place)
    } else {
      vm.add(.machine, "object", "rwc", path: path, at: place)
    }
  }
}
