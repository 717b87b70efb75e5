// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

/// The rules that name no path.
extension RuleReader {
  mutating func readOther(_ verb: String) throws(RuleProblem) -> [AccessObject] {
    switch verb {
    case "anon": return try readAnonymous()
    case "memory":
      _ = try choice("kind of memory", [("exec", true)])
      try expectEnd("memory exec")
      return [.executableMemory]
    case "pty":
      _ = try choice("terminal", [("own", true)])
      try expectEnd("pty own")
      return [.ownTerminal]
    case "capability":
      return try words("capability", Capability.all.map { ($0.name, $0) }).map { .capability($0) }
    case "tcp", "udp": return try readNetwork(verb == "tcp" ? .tcp : .udp)
    case "signal": return try readSignal()
    case "ptrace": return try readTrace()
    default:
      let way: DescriptorWay = verb == "inherit" ? .inherit : .receive
      return try words("descriptor", DescriptorKind.allCases.map { ($0.rawValue, $0) }).map { .descriptor(way, $0) }
    }
  }

  /// One or more words of a list, up to the rule's end.
  private mutating func words<Choice>(
    _ what: String, _ choices: [(word: String, value: Choice)]
  ) throws(RuleProblem) -> [Choice] {
    guard !isAtEnd else {
      throw RuleProblem(.form, item.location, "the \(what) is missing; expected \(Self.list(choices.map(\.word)))")
    }
    var found: [Choice] = []
    for argument in try rest("the \(what)") { found.append(try Self.choose(argument, what, choices)) }
    return found
  }

  private mutating func readAnonymous() throws(RuleProblem) -> [AccessObject] {
    let kind = try choice("kind of file", AnonymousKind.allCases.map { ($0.rawValue, $0) })
    guard let argument = peek else { return [.anonymous(kind, .some([]))] }
    guard argument.isWord("ioctl") else {
      throw RuleProblem(
        .unknownWord, argument.location,
        "'\(argument.shown)' means nothing here; expected anon KIND [ioctl COMMAND ...]",
        nearest: Nearest.match(argument.bytes, among: ["ioctl"]))
    }
    _ = try next("ioctl")
    return [.anonymous(kind, try CommandNames.read(try rest(CommandNames.what)))]
  }

  private mutating func readNetwork(_ transport: NetworkRule.Transport) throws(RuleProblem) -> [AccessObject] {
    let uses: [(String, NetworkRule.Use)] =
      transport == .tcp ? [("listen", .listen), ("connect", .connect)] : [("bind", .listen), ("connect", .connect)]
    let form = "\(transport.rawValue) \(uses.map(\.0).joined(separator: "|")) ADDRESS:PORT"
    let use = try choice("use of a socket", uses.map { (word: $0.0, value: $0.1) })
    guard !isAtEnd else { throw RuleProblem(.form, item.location, "the address is missing; expected \(form)") }
    var objects: [AccessObject] = []
    for argument in try expand(try next("the address")) {
      objects.append(.network(try NetworkReader.read(argument, transport, use)))
    }
    try expectEnd(form)
    return objects
  }

  private mutating func readSignal() throws(RuleProblem) -> [AccessObject] {
    var signals: [Signal] = []
    while let argument = peek, !argument.isWord("to") {
      for word in try expand(try next("a signal")) {
        signals.append(try Self.choose(word, "signal", Signal.all.map { ($0.name, $0) }))
      }
    }
    guard !signals.isEmpty, !isAtEnd else {
      throw RuleProblem(
        .form, item.location, "the rule is incomplete; expected signal NAME ... to HELPER, vm or hypervisor")
    }
    _ = try next("to")
    let peer = try readPeer()
    try expectEnd("signal NAME ... to PEER")
    return [.signal(signals, to: peer)]
  }

  private mutating func readTrace() throws(RuleProblem) -> [AccessObject] {
    let isAttach = try choice("way of tracing", [("read", false), ("attach", true)])
    let isInward = try choice("direction", [("to", false), ("by", true)])
    let peer: Peer = isInward ? .program(try readProgram()) : try readPeer()
    try expectEnd("ptrace read|attach to PEER, or by PROGRAM")
    return [.ptrace(attach: isAttach, peer)]
  }

  private mutating func readPeer() throws(RuleProblem) -> Peer {
    let argument = try next("the other end")
    if argument.isWord("vm") { return .vm }
    if argument.isWord("hypervisor") { return .hypervisor }
    return .helper(String(decoding: argument.bytes, as: UTF8.self))
  }
}
