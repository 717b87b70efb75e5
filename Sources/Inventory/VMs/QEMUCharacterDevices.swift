// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

/// Character devices, in the long form of `-chardev` and the short one of `-serial`, and where the screen can be reached.
extension QEMUCommandLine {
  mutating func readCharacterOption(_ option: String, _ value: QEMUArguments.Argument) {
    if option == "chardev" {
      with(value, "backend") { line, options in line.readCharacterDevice(options, value.place) }
      return
    }
    readShort(value.bytes, isDebugger: option == "gdb", value.place)
  }

  /// `unix:PATH,server=on`, `tcp:HOST:PORT`, `file:PATH`, `pty` and the like.
  private mutating func readShort(_ whole: [UInt8], isDebugger: Bool, _ place: VMPlace) {
    let bytes = whole.starts(with: "mon:".utf8) ? Array(whole.dropFirst(4)) : whole
    let word = bytes.prefix { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: ",") }
    let rest = Array(bytes.dropFirst(word.count + 1))
    switch String(decoding: word, as: UTF8.self) {
    case "unix":
      with(QEMUArguments.Argument(bytes: rest, place: place), "path") { line, options in line.readSocket(options, place)
      }
    case "tcp", "telnet", "websocket": readAddress(rest, isServer: isDebugger, place)
    case "udp": vm.note(place, "\(SafeText.render(bytes)) is in no rule: its addresses are learned")
    // The rest is the path, commas and all.
    case "file": vm.add(.consoles, "object", "wac", path: absolute(rest), at: place)
    case "pipe": addPipe(rest, place)
    case "pty": vm.add(.consoles, rule: "pty own", at: place)
    case "stdio", "null", "none", "vc", "msmouse", "braille", "chardev", "testdev", "con", "": break
    case _ where bytes.first == PathText.slash: addTerminal(bytes, place)
    default:
      vm.note(place, "the character device \(SafeText.render(bytes)) is not known, and no rule is written for it")
    }
  }

  /// `HOST:PORT,server=on,...`; the debugger's listens without being told to.
  private mutating func readAddress(_ bytes: [UInt8], isServer: Bool, _ place: VMPlace) {
    let parts = QEMUOptions.split(bytes)
    let text = String(decoding: parts.first ?? [], as: UTF8.self)
    let words = parts.dropFirst().map { String(decoding: $0, as: UTF8.self) }
    let isServer = isServer || words.contains { ["server", "server=on", "server=yes"].contains($0) }
    guard let colon = text.lastIndex(of: ":") else {
      vm.note(place, "\(SafeText.show(text)) is in no rule: it has no port")
      return
    }
    addTCP(String(text[..<colon]), String(text[text.index(after: colon)...]), isServer: isServer, .consoles, place)
  }

  mutating func addTCP(_ host: String, _ port: String, isServer: Bool, _ topic: VMRule.Topic, _ place: VMPlace) {
    let host = !isServer && host.isEmpty ? "127.0.0.1" : host
    guard let end = NetworkRuleText(host: host, port: port) else {
      vm.note(
        place,
        "tcp \(isServer ? "at" : "to") \(SafeText.show(host)):\(SafeText.show(port)) is in no rule: expected an address and a "
          + "port as numbers")
      return
    }
    vm.add(topic, rule: "tcp \(isServer ? "listen" : "connect") \(end.text)", at: place)
  }

  mutating func readCharacterDevice(_ options: QEMUOptions, _ place: VMPlace) {
    if let log = options.bytes("logfile") { vm.add(.consoles, "object", "wac", path: absolute(log), at: place) }
    switch options.text("backend") {
    case "socket": readSocket(options, place)
    case "file":
      if let path = options.bytes("path") { vm.add(.consoles, "object", "wac", path: absolute(path), at: place) }
      if let path = options.bytes("input-path") { vm.add(.consoles, "file", "r", path: absolute(path), at: place) }
    case "pipe": if let path = options.bytes("path") { addPipe(path, place) }
    case "serial", "tty", "parallel", "parport": if let path = options.bytes("path") { addTerminal(path, place) }
    case "pty":
      vm.add(.consoles, rule: "pty own", at: place)
      if let link = options.bytes("path") { vm.add(.consoles, "object", "ld", path: absolute(link), at: place) }
    case "udp": vm.note(place, "a udp character device is in no rule: its addresses are learned")
    case "null", "vc", "stdio", "ringbuf", "memory", "msmouse", "braille", "console", "spicevmc", "spiceport", "mux",
      "qemu-vdagent", "testdev", "wctablet", "hub":
      break
    case let other:
      vm.note(
        place, "the character device '\(SafeText.show(other ?? ""))' is not known, and no rule is written for it")
    }
  }

  /// A socket by path, by abstract name, by address, or handed in.
  private mutating func readSocket(_ options: QEMUOptions, _ place: VMPlace) {
    let isServer = options.flag("server") ?? false
    let use = isServer ? "unix listen" : "unix connect"
    if let path = options.bytes("path") {
      if options.flag("abstract") == true {
        vm.add(.consoles, rule: "\(use) \(Quote.string([UInt8(ascii: "@")] + path))", at: place)
      } else {
        vm.add(.consoles, use, path: absolute(path), at: place)
      }
    } else if options.has("fd") {
      _ = options.text("fd")
      vm.add(.consoles, rule: "inherit unix", at: place)
    } else if let port = options.text("port") {
      addTCP(options.text("host") ?? "", port, isServer: isServer, .consoles, place)
    }
  }

  private mutating func addPipe(_ path: [UInt8], _ place: VMPlace) {
    for end in ["", ".in", ".out"] {
      vm.add(.consoles, "object", "rw", path: absolute(path) + Array(end.utf8), at: place)
    }
  }

  private mutating func addTerminal(_ path: [UInt8], _ place: VMPlace) {
    vm.add(
      .devices, "object", "rw", path: absolute(path), ioctl: ["TCGETS", "TCSETS", "TCSETSF", "TCSETSW"], at: place)
  }

  mutating func readScreen(_ option: String, _ value: QEMUArguments.Argument) {
    switch option {
    case "vnc": with(value, "vnc") { line, options in line.readVNC(options, value.place) }
    case "spice": with(value, nil) { line, options in line.readSpice(options, value.place) }
    default:
      with(value, "type") { line, options in
        if let node = options.bytes("rendernode") {
          line.vm.add(.devices, "device", "rw", path: node, ioctl: ["any"], at: value.place)
        }
        if ["gtk", "sdl", "spice-app", "dbus"].contains(options.text("type")) {
          line.vm.note(value.place, "what a screen of its own opens is in no rule: it is learned")
        }
      }
    }
  }

  /// `HOST:DISPLAY`, port 5900 and up; `unix:PATH`.
  private mutating func readVNC(_ options: QEMUOptions, _ place: VMPlace) {
    guard let value = options.bytes("vnc") else { return }
    let isReverse = options.flag("reverse") ?? false
    if value.starts(with: "unix:".utf8) {
      vm.add(.display, isReverse ? "unix connect" : "unix listen", path: absolute(Array(value.dropFirst(5))), at: place)
      return
    }
    let text = String(decoding: value, as: UTF8.self)
    if text == "none" { return }
    guard let colon = text.lastIndex(of: ":"), let display = UInt16(text[text.index(after: colon)...]) else {
      vm.note(place, "the screen at \(SafeText.show(text)) is not known, and no rule is written for it")
      return
    }
    let host = String(text[..<colon])
    if isReverse {
      addTCP(host, String(display), isServer: false, .display, place)
      return
    }
    let first = 5900 + UInt32(display)
    let last = options.text("to").flatMap { UInt32($0) }.map { 5900 + min($0, 59635) } ?? first
    addTCP(host, first == last ? "\(first)" : "\(first)-\(max(first, last))", isServer: true, .display, place)
    if let socket = options.text("websocket"), socket != "off" {
      let end = socket.lastIndex(of: ":")
      let port = UInt16(end.map { socket[socket.index(after: $0)...] } ?? socket[...]).map(UInt32.init)
      addTCP(
        end.map { String(socket[..<$0]) } ?? host, String(port ?? 5700 + UInt32(display)), isServer: true, .display,
        place)
    }
  }

  private mutating func readSpice(_ options: QEMUOptions, _ place: VMPlace) {
    let host = options.text("addr") ?? ""
    if options.flag("unix") == true {
      vm.add(.display, "unix listen", path: absolute(Array(host.utf8)), at: place)
    } else {
      for key in ["port", "tls-port"] {
        if let port = options.text(key), port != "0" { addTCP(host, port, isServer: true, .display, place) }
      }
    }
    if let path = options.bytes("x509-dir") {
      vm.add(.display, "file", "r", [.literal(absolute(path)), .below], at: place)
    }
    for key in ["x509-key-file", "x509-cert-file", "x509-cacert-file", "x509-dh-key-file", "rendernode"] {
      guard let path = options.bytes(key) else { continue }
      if key == "rendernode" {
        vm.add(.devices, "device", "rw", path: path, ioctl: ["any"], at: place)
      } else {
        vm.add(.display, "file", "r", path: absolute(path), at: place)
      }
    }
  }
}
