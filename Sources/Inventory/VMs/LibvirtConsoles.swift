// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

/// Whatever has a character device of the host behind it, and where the screen can be reached.
extension LibvirtDomain {
  /// A serial port, a console, a channel, a redirected USB device and the like.
  mutating func readCharacterDevice(_ device: XMLElement, type: String?, source given: XMLElement? = nil) {
    let source = given ?? device.child("source")
    for log in device.children("log") + (source?.children("log") ?? []) {
      if let path = log.attribute("file") { addLog(path, log) }
    }
    switch type {
    case "pty":
      // The path of a running VM's terminal is another in each run.
      _ = source?.attribute("path")
      _ = device.attribute("tty")
      vm.add(.consoles, rule: "pty own", at: place(device))
    case "file": if let source, let path = source.attribute("path") { addLog(path, source) }
    case "pipe":
      guard let source, let path = source.attribute("path") else { return }
      for end in ["", ".in", ".out"] {
        vm.add(.consoles, "object", "rw", path: Array((path + end).utf8), at: place(source))
      }
    case "unix":
      if let source, source.attribute("path") != nil {
        readUnix(source, .consoles)
      } else {
        addChannel(device)
      }
    case "tcp", "udp": readNetworkSources(device, type ?? "")
    case "dev":
      guard let source, let path = source.attribute("path") else { return }
      vm.add(
        .devices, "object", "rw", path: Array(path.utf8), ioctl: ["TCGETS", "TCSETS", "TCSETSF", "TCSETSW"],
        at: place(source))
    case "null", "vc", "stdio", "spicevmc", "spiceport", "qemu-vdagent", "nmdm", nil: break
    case let other: noteUnknown(device, "the character device", other)
    }
  }

  private mutating func addLog(_ path: String, _ element: XMLElement) {
    if path == "/dev/null" { return }
    vm.add(.consoles, "object", "wc", path: Array(path.utf8), at: place(element))
  }

  /// A channel without a path, which libvirt gives one: in the folder of 9.0, and in that of later ones.
  private mutating func addChannel(_ device: XMLElement) {
    let target = device.child("target")
    guard device.name == "channel", let name = target?.attribute("name") else {
      note(device, "a unix socket without a path is in no rule")
      return
    }
    let end: [VMRule.Piece] = [.literal(Array("/\(name)".utf8))]
    vm.add(
      .consoles, "unix listen", "",
      [.literal(Array("\(Self.library)/channel/target/domain-".utf8))] + shortName + end, at: place(device))
    vm.add(
      .consoles, "unix listen", "", [.literal(Array("\(Self.runtime)/channel/".utf8))] + shortName + end,
      at: place(device))
  }

  /// A unix socket by path: `mode` is bind for the one that listens, client and connect for the one that connects.
  mutating func readUnix(_ source: XMLElement, _ topic: VMRule.Topic) {
    guard let path = source.attribute("path") ?? source.attribute("socket") else {
      note(source, "a unix socket without a path is in no rule")
      return
    }
    switch source.attribute("mode") {
    case "bind", "server": vm.add(topic, "unix listen", path: Array(path.utf8), at: place(source))
    case "connect", "client", nil: vm.add(topic, "unix connect", path: Array(path.utf8), at: place(source))
    case let other: noteUnknown(source, "the socket's mode", other)
    }
  }

  private mutating func readNetworkSources(_ device: XMLElement, _ transport: String) {
    for source in device.children("source") {
      let host = source.attribute("host")
      let port = source.attribute("service")
      let isListening = source.attribute("mode") == "bind"
      guard let end = NetworkRuleText(host: host ?? (isListening ? "" : nil), port: port) else {
        note(
          source,
          "\(transport) \(isListening ? "at" : "to") \(SafeText.show(host ?? "")):\(SafeText.show(port ?? "")) is in no rule: "
            + "expected an address and a port as numbers")
        continue
      }
      let use = isListening ? (transport == "tcp" ? "listen" : "bind") : "connect"
      vm.add(.consoles, rule: "\(transport) \(use) \(end.text)", at: place(source))
    }
  }

  mutating func readGraphics(_ graphics: XMLElement) {
    for gl in graphics.children("gl") { addRenderNode(gl.attribute("rendernode"), gl) }
    switch graphics.attribute("type") {
    case "vnc": readListeners(graphics, ports: ["port", "websocket"])
    case "spice": readListeners(graphics, ports: ["port", "tlsPort"])
    case "egl-headless", "sdl", "desktop": break
    case "dbus": note(graphics, "the bus that the screen is shown on is in no rule")
    case let other: noteUnknown(graphics, "the screen's type", other)
    }
    _ = graphics.attribute("xauth")
  }

  private mutating func readListeners(_ graphics: XMLElement, ports: [String]) {
    if let path = graphics.attribute("socket") {
      vm.add(.display, "unix listen", path: Array(path.utf8), at: place(graphics))
      return
    }
    var hosts: [String] = []
    var isByNetwork = true
    for listen in graphics.children("listen") {
      switch listen.attribute("type") {
      case "address": hosts.append(listen.attribute("address") ?? "127.0.0.1")
      case "network":
        guard let address = listen.attribute("address") else {
          note(listen, "at which address of a network the screen is shown is in no rule: it is known when the VM runs")
          isByNetwork = false
          continue
        }
        hosts.append(address)
      case "socket":
        isByNetwork = false
        if let path = listen.attribute("socket") {
          vm.add(.display, "unix listen", path: Array(path.utf8), at: place(listen))
        } else {
          let name = graphics.attribute("type") ?? ""
          vm.add(
            .display, "unix listen", "",
            [.literal(Array("\(Self.library)/domain-".utf8))] + shortName + [.literal(Array("/\(name).sock".utf8))],
            at: place(listen))
        }
      case "none": isByNetwork = false
      case let other: noteUnknown(listen, "the way to listen", other)
      }
    }
    if let address = graphics.attribute("listen"), hosts.isEmpty { hosts = [address] }
    // What libvirt takes when nothing is said, vnc_listen and spice_listen of its qemu.conf.
    if hosts.isEmpty, isByNetwork { hosts = ["127.0.0.1"] }
    for host in Set(hosts).sorted() { addScreen(graphics, host, ports) }
  }

  private mutating func addScreen(_ graphics: XMLElement, _ host: String, _ ports: [String]) {
    let isChosen = graphics.attribute("autoport") == "yes"
    for name in ports {
      var port = graphics.attribute(name)
      if name == "port", port == nil || port == "-1" || isChosen { port = "5900-65535" }
      if name == "websocket", port == "-1" { port = "5700-65535" }
      if name == "tlsPort", port == "-1" || port == nil && isChosen { port = "5900-65535" }
      guard let port else { continue }
      guard let end = NetworkRuleText(host: host, port: port) else {
        note(graphics, "the screen at \(SafeText.show(host)) is in no rule: expected an address as a number")
        continue
      }
      vm.add(.display, rule: "tcp listen \(end.text)", at: place(graphics))
    }
  }

  mutating func addRenderNode(_ path: String?, _ element: XMLElement) {
    guard let path else { return }
    vm.add(.devices, "device", "rw", path: Array(path.utf8), ioctl: ["any"], at: place(element))
  }
}
