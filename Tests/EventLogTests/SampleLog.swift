// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EventLog

/// A log such as the module writes: every kind of record, every field.
enum SampleLog {
  static let banks: [HashAlgorithm] = [.sha256, .sha384]
  static let pcr: UInt32 = 13

  static func make() throws -> MeasurementLog {
    try MeasurementLog(pcr: pcr, banks: banks, events: events())
  }

  static func bytes() throws -> [UInt8] { try make().encoded() }

  static func events() throws -> [(event: MeasurementEvent, note: MeasurementNote?)] {
    [
      (try start(), note(time: 1_000)),
      (MeasurementEvent(.cap), note(time: 1_500)),
      (policy(), note(time: 2_000, pid: 411)),
      (mode(), note(time: 2_001)),
      (measure(), note(time: 2_000_000_000, pid: 512, vm: "web1")),
      (refuse(), note(time: 3_000_000_000, pid: 513, vm: "web1")),
      (unmeasured(), nil),
      (MeasurementEvent(.lock), MeasurementNote()),
      (MeasurementEvent(.release), note(time: 4_000_000_000)),
    ]
  }

  static func start() throws -> MeasurementEvent {
    var event = MeasurementEvent(.start)
    event.mode = Mode.none
    event.abi = 1
    event.buildID = HexBytes((0..<20).map { UInt8($0) })
    event.programTags = [
      try #require(HexBytes(hex: "6deef7357e7b4530")), try #require(HexBytes(hex: "a04f5eef06a7f555")),
    ]
    event.pcrBefore = banks.compactMap { Digest(zero: $0) }
    event.closed = false
    return event
  }

  static func policy() -> MeasurementEvent {
    var event = MeasurementEvent(.policy)
    event.algorithm = .sha256
    event.digest = HexBytes([UInt8](repeating: 0x5A, count: 32))
    event.mode = .enforcing
    event.name = UntrustedText("hosts/rack12")
    event.version = 7
    event.generation = 0
    return event
  }

  static func access() -> MeasurementEvent {
    var event = policy()
    event.record = .access
    event.digest = HexBytes([UInt8](repeating: 0xA5, count: 32))
    event.mode = .learning
    return event
  }

  static func mode() -> MeasurementEvent {
    var event = MeasurementEvent(.mode)
    event.mode = .enforcing
    return event
  }

  static func measure(path: String = "/usr/bin/qemu-system-x86_64") -> MeasurementEvent {
    var event = MeasurementEvent(.measure)
    event.kind = .exec
    event.path = UntrustedText(path)
    event.algorithm = .sha256
    event.digest = HexBytes([UInt8](repeating: 0x14, count: 32))
    return event
  }

  static func refuse() -> MeasurementEvent {
    var event = MeasurementEvent(.refuse)
    event.kind = .library
    event.path = UntrustedText("/usr/lib/x86_64-linux-gnu/libc.so.6")
    event.algorithm = .sha256
    event.digest = HexBytes([UInt8](repeating: 0xEE, count: 32))
    event.expected = HexBytes([UInt8](repeating: 0x11, count: 32))
    event.reason = .digest
    return event
  }

  static func unmeasured() -> MeasurementEvent {
    var event = MeasurementEvent(.unmeasured)
    event.kind = .module
    event.reason = .noFile
    return event
  }

  static func note(time: UInt64, pid: UInt32? = nil, vm: String? = nil) -> MeasurementNote {
    var note = MeasurementNote()
    note.boot = BootID(text: "0f2c8f0e-3c5b-4a55-9d1c-7f8a1b2c3d4e")
    note.time = time
    note.pid = pid
    note.vm = vm.map { UntrustedText($0) }
    return note
  }

  /// One element: tag, length, value.
  static func element(_ tag: UInt8, _ value: [UInt8]) -> [UInt8] {
    let count = UInt32(value.count)
    return [tag, UInt8(count >> 24), UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255)] + value
  }

  /// A record put together by hand, so that each part can be wrong. Digests are not computed.
  static func record(
    number: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0], pcr: [UInt8] = [13],
    digests: [UInt8] = element(0x0B, [UInt8](repeating: 0, count: 32)), content: [UInt8]
  ) -> [UInt8] {
    element(0, number) + element(1, pcr) + element(3, digests) + element(0x6D, content)
  }

  /// A record whose EVENT has this value.
  static func record(event: [UInt8]) -> [UInt8] { record(content: element(1, event)) }

  /// Where the value of the EVENT of `record(event:)` begins: RECNUM 13, PCR 6, DIGESTS 5 + 37, content 5, EVENT 5.
  static let eventOffset = 71
}

/// A small generator with a fixed seed (splitmix64), so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
