// SPDX-License-Identifier: Apache-2.0

@testable import Inventory

/// Builds headers of qcow2 images, by docs/interop/qcow2.txt of QEMU.
struct QCOW2Builder {
  var version: UInt32 = 3
  var clusterBits: UInt32 = 16
  var backing: [UInt8] = []
  var backingFormat: String?
  var dataFile: [UInt8]?
  var incompatible: UInt64 = 0
  var headerLength: UInt32 = 104
  /// Put in place of what follows from the names.
  var backingOffset: UInt64?
  var backingLength: UInt32?
  var extra: [UInt8] = []

  static func number(_ value: UInt64, _ width: Int) -> [UInt8] {
    (0..<width).reversed().map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
  }

  static func part(_ type: UInt64, _ content: [UInt8], length: UInt64? = nil) -> [UInt8] {
    let padding = [UInt8](repeating: 0, count: (8 - content.count % 8) % 8)
    return number(type, 4) + number(length ?? UInt64(content.count), 4) + content + padding
  }

  func build() -> [UInt8] {
    var extensions: [UInt8] = extra
    if let backingFormat { extensions += Self.part(0xE279_2ACA, Array(backingFormat.utf8)) }
    if let dataFile { extensions += Self.part(0x4441_5441, dataFile) }
    extensions += Self.number(0, 8)
    let start = version == 3 ? Int(headerLength) : 72
    let offset = backing.isEmpty ? 0 : UInt64(start + extensions.count)
    var bytes = Array("QFI".utf8) + [0xFB] + Self.number(UInt64(version), 4)
    bytes += Self.number(backingOffset ?? offset, 8) + Self.number(UInt64(backingLength ?? UInt32(backing.count)), 4)
    bytes += Self.number(UInt64(clusterBits), 4) + Self.number(1 << 20, 8)
    bytes += [UInt8](repeating: 0, count: 72 - bytes.count)
    if version == 3 {
      bytes += Self.number(incompatible, 8) + Self.number(0, 16 - 8) + Self.number(0, 8) + Self.number(4, 4)
      bytes += Self.number(UInt64(headerLength), 4)
      bytes += [UInt8](repeating: 0, count: max(0, start - bytes.count))
    }
    return bytes + extensions + backing
  }
}
