// SPDX-License-Identifier: Apache-2.0

import Foundation
import TrustPolicy

/// A file system for tests, in a temporary folder that goes with it.
final class Tree {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "moor-tree-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  var root: FileRoot { FileRoot(folder.path) }

  func write(_ path: String, _ bytes: [UInt8]) throws {
    let file = folder.appending(path: path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }

  func write(_ path: String, _ text: String = "x") throws { try write(path, Array(text.utf8)) }

  func link(_ path: String, to target: String) throws {
    let file = folder.appending(path: path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: target)
  }

  func makeFolder(_ path: String) throws {
    try FileManager.default.createDirectory(at: folder.appending(path: path), withIntermediateDirectories: true)
  }
}

/// Builds small ELF files: headers, an interpreter, and a dynamic section with its strings.
struct ELFBuilder {
  var isWide = true
  var isBigEndian = false
  var machine: UInt16 = 62
  var interpreter: String?
  var needed: [String] = []
  var rpath: String?
  var runpath: String?

  private func number(_ value: UInt64, _ width: Int) -> [UInt8] {
    let little = (0..<width).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    return isBigEndian ? little.reversed() : little
  }

  /// The file; loaded at address 0x1000 as one segment.
  func build() -> [UInt8] {
    let word = isWide ? 8 : 4
    let headerSize = isWide ? 64 : 52
    let segmentSize = isWide ? 56 : 32
    let segmentCount = interpreter == nil ? 2 : 3
    let name: [UInt8] = interpreter.map { Array($0.utf8) + [0] } ?? []
    var strings: [UInt8] = [0]
    var entries: [(UInt64, UInt64)] = []
    func add(_ tag: UInt64, _ text: String?) {
      guard let text else { return }
      entries.append((tag, UInt64(strings.count)))
      strings += Array(text.utf8) + [0]
    }
    for library in needed { add(1, library) }
    add(15, rpath)
    add(29, runpath)
    let nameAt = headerSize + segmentCount * segmentSize
    let stringsAt = nameAt + name.count
    let dynamicAt = stringsAt + strings.count
    entries += [(5, UInt64(0x1000 + stringsAt)), (10, UInt64(strings.count)), (0, 0)]
    let dynamic = entries.flatMap { number($0.0, word) + number($0.1, word) }
    let size = dynamicAt + dynamic.count

    func segment(_ type: UInt64, _ offset: Int, _ size: Int) -> [UInt8] {
      let (offset, length, address) = (UInt64(offset), UInt64(size), UInt64(0x1000 + offset))
      return isWide
        ? number(type, 4) + number(4, 4) + number(offset, 8) + number(address, 8) + number(address, 8)
          + number(length, 8) + number(length, 8) + number(8, 8)
        : number(type, 4) + number(offset, 4) + number(address, 4) + number(address, 4) + number(length, 4)
          + number(length, 4) + number(4, 4) + number(4, 4)
    }

    var bytes: [UInt8] =
      [0x7F, 0x45, 0x4C, 0x46, isWide ? 2 : 1, isBigEndian ? 2 : 1, 1] + [UInt8](repeating: 0, count: 9)
    bytes += number(3, 2) + number(UInt64(machine), 2) + number(1, 4) + number(0, word)
    bytes += number(UInt64(headerSize), word) + number(0, word) + number(0, 4) + number(UInt64(headerSize), 2)
    bytes += number(UInt64(segmentSize), 2) + number(UInt64(segmentCount), 2) + number(0, 6)
    bytes += segment(1, 0, size)
    if interpreter != nil { bytes += segment(3, nameAt, name.count) }
    bytes += segment(2, dynamicAt, dynamic.count)
    return bytes + name + strings + dynamic
  }
}

/// Builds a linker's cache in the new format, or behind one in the old.
func linkerCache(_ entries: [(name: String, path: String)], oldEntries: UInt32? = nil) -> [UInt8] {
  func number(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }
  var strings: [UInt8] = []
  var table: [UInt8] = []
  let base = UInt32(48 + 24 * entries.count)
  for entry in entries {
    table += number(0x303) + number(base + UInt32(strings.count))
    strings += Array(entry.name.utf8) + [0]
    table += number(base + UInt32(strings.count)) + number(0) + number(0) + number(0)
    strings += Array(entry.path.utf8) + [0]
  }
  var bytes: [UInt8] = []
  if let oldEntries {
    bytes = Array("ld.so-1.7.0\0".utf8) + number(oldEntries) + [UInt8](repeating: 1, count: 12 * Int(oldEntries))
    while bytes.count % 8 != 0 { bytes.append(0) }
  }
  return bytes + Array("glibc-ld.so.cache1.1".utf8) + number(UInt32(entries.count)) + number(UInt32(strings.count))
    + [2, 0, 0, 0] + [UInt8](repeating: 0, count: 16) + table + strings
}
