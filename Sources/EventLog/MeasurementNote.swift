// SPDX-License-Identifier: Apache-2.0

import CMoor

/// The part of a record that is not extended (`lsm/uapi/moor.h`, `enum moor_note`): what differs from boot to boot and
/// would make a PCR unpredictable. Nothing proves it; never decide by it.
public struct MeasurementNote: Hashable, Sendable, Codable {
  /// The boot in which it happened.
  public var boot: BootID?
  /// When, in nanoseconds of CLOCK_BOOTTIME.
  public var time: UInt64?
  /// The process, in the first pid namespace.
  public var pid: UInt32?
  /// The VM the process is bound to.
  public var vm: UntrustedText?
  /// Fields that this version does not know, in ascending order of tag.
  public var unknown: [UnknownElement] = []

  /// A note that says nothing yet.
  public init() {}
}

/// The tags of a note's fields.
enum NoteField {
  static let boot = UInt8(truncatingIfNeeded: MOOR_NOTE_BOOT.rawValue)
  static let time = UInt8(truncatingIfNeeded: MOOR_NOTE_TIME.rawValue)
  static let pid = UInt8(truncatingIfNeeded: MOOR_NOTE_PID.rawValue)
  static let vm = UInt8(truncatingIfNeeded: MOOR_NOTE_VM.rawValue)
}

extension MeasurementNote {
  /// Reads the value of a NOTE element; `value`'s indices are offsets in the log.
  init(parsing value: ArraySlice<UInt8>, record number: UInt64) throws(EventLogError) {
    var fields = AscendingElements(value, record: number, name: "a field of the note")
    while let field = try fields.next() {
      switch field.tag {
      case NoteField.boot: boot = BootID(try fields.value(field, of: 16, "BOOT"))
      case NoteField.time: time = try fields.value(field, of: 8, "TIME").bigEndianNumber
      case NoteField.pid: pid = UInt32(truncatingIfNeeded: try fields.value(field, of: 4, "PID").bigEndianNumber)
      case NoteField.vm: vm = try fields.text(field, 1...Field.longestVMName, "VM")
      default: unknown.append(UnknownElement(tag: field.tag, value: HexBytes(field.value)))
      }
    }
  }
}
