// SPDX-License-Identifier: Apache-2.0

public import TrustPolicy

/// What an ELF file says of the files that it is loaded with (System V ABI, chapter 5; elf(5)).
///
/// Reads the program headers and the dynamic section only, each within bounds; sections are not looked at.
public struct ELFFile: Sendable, Hashable {
  /// Width and byte order.
  public enum Format: UInt8, Sendable, Hashable {
    /// ELFCLASS32.
    case bits32 = 1
    /// ELFCLASS64.
    case bits64 = 2
  }

  /// Why a file cannot be read as ELF.
  public enum Problem: Error, Sendable, Hashable, CustomStringConvertible {
    /// It does not begin with the magic number.
    case notELF
    /// Something in it is beyond its end or beyond what any real file has; the text names it, the number is the
    /// offset in the file.
    case malformed(String, offset: Int)
    /// Reading it failed.
    case file(FileRoot.Problem)

    /// In words.
    public var description: String {
      switch self {
      case .notELF: "it is no ELF file"
      case .malformed(let what, let offset): "\(what), at byte \(offset)"
      case .file(let problem): problem.description
      }
    }
  }

  /// Width of its addresses.
  public let format: Format
  /// `e_machine`, such as 62 for x86-64.
  public let machine: UInt16
  /// The program interpreter (PT_INTERP): the dynamic linker.
  public let interpreter: [UInt8]?
  /// The libraries that it needs (DT_NEEDED), in order.
  public let needed: [[UInt8]]
  /// Folders to search first (DT_RPATH), as written.
  public let rpath: [[UInt8]]
  /// Folders to search for its own libraries (DT_RUNPATH), as written.
  public let runpath: [[UInt8]]

  /// Reads a file.
  public init(_ file: FileRoot.Handle) throws(Problem) {
    let reader = try ELFReader(file)
    format = reader.format
    machine = reader.machine
    let segments = try reader.segments()
    interpreter = try segments.first { $0.type == ELFReader.interpreterType }.map { segment throws(Problem) in
      try reader.text(segment)
    }
    guard let dynamic = segments.first(where: { $0.type == ELFReader.dynamicType }) else {
      (needed, rpath, runpath) = ([], [], [])
      return
    }
    let entries = try reader.dynamicEntries(dynamic)
    let strings = try reader.strings(entries, segments)
    needed = try strings.values(1)
    rpath = try strings.values(15).flatMap { $0.split(separator: UInt8(ascii: ":")).map(Array.init) }
    runpath = try strings.values(29).flatMap { $0.split(separator: UInt8(ascii: ":")).map(Array.init) }
  }
}

/// Reads the numbers of one ELF file.
private struct ELFReader {
  struct Segment {
    let type: UInt32
    let offset: Int
    let address: UInt64
    let size: Int
  }

  /// The string table, and the entries that point into it.
  struct Strings {
    let entries: [(tag: UInt64, value: UInt64)]
    let table: [UInt8]
    let offset: Int

    func values(_ tag: UInt64) throws(ELFFile.Problem) -> [[UInt8]] {
      var values: [[UInt8]] = []
      for entry in entries where entry.tag == tag {
        guard entry.value < UInt64(table.count) else {
          throw .malformed("a name lies beyond the string table", offset: offset)
        }
        let rest = table[Int(entry.value)...]
        guard let end = rest.firstIndex(of: 0), end - rest.startIndex <= ELFReader.longestName else {
          throw .malformed("a name has no end", offset: offset + rest.startIndex)
        }
        values.append(Array(rest[..<end]))
      }
      return values
    }
  }

  static let dynamicType: UInt32 = 2
  static let interpreterType: UInt32 = 3
  private static let loadType: UInt32 = 1
  fileprivate static let longestName = 4096
  private static let mostSegments = 512
  private static let mostEntries = 65_536
  private static let longestTable = 64 << 20

  let file: FileRoot.Handle
  let format: ELFFile.Format
  let isBigEndian: Bool
  let machine: UInt16
  private let header: [UInt8]

  init(_ file: FileRoot.Handle) throws(ELFFile.Problem) {
    self.file = file
    do { header = try file.read(at: 0, count: 64) } catch { throw .file(error) }
    guard header.count >= 52, header.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else { throw .notELF }
    guard let format = ELFFile.Format(rawValue: header[4]), header[5] == 1 || header[5] == 2,
      format == .bits32 || header.count == 64
    else { throw .malformed("the class or the byte order is unknown", offset: 4) }
    self.format = format
    isBigEndian = header[5] == 2
    machine = UInt16(Self.number(header, 18, 2, isBigEndian))
  }

  func segments() throws(ELFFile.Problem) -> [Segment] {
    let wide = format == .bits64
    let table = number(header, wide ? 32 : 28, wide ? 8 : 4)
    let entrySize = Int(number(header, wide ? 54 : 42, 2))
    let count = Int(number(header, wide ? 56 : 44, 2))
    guard count <= Self.mostSegments else {
      throw .malformed("there are \(count) program headers", offset: wide ? 56 : 44)
    }
    if count == 0 { return [] }
    guard entrySize == (wide ? 56 : 32) else {
      throw .malformed("a program header has \(entrySize) bytes", offset: wide ? 54 : 42)
    }
    let bytes = try read(table, count * entrySize, "the program headers")
    return (0..<count).map { index in
      let start = index * entrySize
      return Segment(
        type: UInt32(number(bytes, start, 4)),
        offset: Int(clamping: number(bytes, start + (wide ? 8 : 4), wide ? 8 : 4)),
        address: number(bytes, start + (wide ? 16 : 8), wide ? 8 : 4),
        size: Int(clamping: number(bytes, start + (wide ? 32 : 16), wide ? 8 : 4)))
    }
  }

  /// The text of a segment, without the NUL at its end.
  func text(_ segment: Segment) throws(ELFFile.Problem) -> [UInt8] {
    guard (2...Self.longestName).contains(segment.size) else {
      throw .malformed("the interpreter's name has \(segment.size) bytes", offset: segment.offset)
    }
    let bytes = try read(UInt64(segment.offset), segment.size, "the interpreter's name")
    return Array(bytes.prefix { $0 != 0 })
  }

  func dynamicEntries(_ segment: Segment) throws(ELFFile.Problem) -> [(tag: UInt64, value: UInt64)] {
    let width = format == .bits64 ? 8 : 4
    guard segment.size / (2 * width) <= Self.mostEntries else {
      throw .malformed("the dynamic section has \(segment.size) bytes", offset: segment.offset)
    }
    let bytes = try read(UInt64(segment.offset), segment.size, "the dynamic section")
    var entries: [(tag: UInt64, value: UInt64)] = []
    var offset = 0
    while offset + 2 * width <= bytes.count {
      let tag = number(bytes, offset, width)
      if tag == 0 { break }
      entries.append((tag, number(bytes, offset + width, width)))
      offset += 2 * width
    }
    return entries
  }

  /// The string table: DT_STRTAB is an address, found in the file by the segment that is loaded there.
  func strings(
    _ entries: [(tag: UInt64, value: UInt64)], _ segments: [Segment]
  ) throws(ELFFile.Problem) -> Strings {
    let names = entries.filter { [1, 15, 29].contains($0.tag) }
    guard !names.isEmpty else { return Strings(entries: [], table: [], offset: 0) }
    guard let address = entries.first(where: { $0.tag == 5 })?.value,
      let size = entries.first(where: { $0.tag == 10 })?.value, size <= UInt64(Self.longestTable),
      let segment = segments.first(where: {
        $0.type == Self.loadType && address >= $0.address && address - $0.address < UInt64($0.size)
      })
    else { throw .malformed("the string table is not in the file", offset: 0) }
    let (offset, overflow) = UInt64(segment.offset).addingReportingOverflow(address - segment.address)
    guard !overflow else { throw .malformed("the string table is not in the file", offset: segment.offset) }
    let table = try read(offset, Int(size), "the string table")
    return Strings(entries: names, table: table, offset: Int(clamping: offset))
  }

  private func read(_ offset: UInt64, _ count: Int, _ what: String) throws(ELFFile.Problem) -> [UInt8] {
    guard let start = Int(exactly: offset), count >= 0, start <= file.size, count <= file.size - start else {
      throw .malformed("beyond the end of the file: \(what)", offset: Int(clamping: offset))
    }
    let bytes: [UInt8]
    do { bytes = try file.read(at: start, count: count) } catch { throw .file(error) }
    guard bytes.count == count else { throw .malformed("beyond the end of the file: \(what)", offset: start) }
    return bytes
  }

  private func number(_ bytes: [UInt8], _ offset: Int, _ width: Int) -> UInt64 {
    Self.number(bytes, offset, width, isBigEndian)
  }

  private static func number(_ bytes: [UInt8], _ offset: Int, _ width: Int, _ isBigEndian: Bool) -> UInt64 {
    let part = bytes[offset..<(offset + width)]
    return isBigEndian
      ? part.reduce(0) { $0 << 8 | UInt64($1) } : part.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
