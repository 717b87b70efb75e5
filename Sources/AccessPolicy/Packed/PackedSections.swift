// SPDX-License-Identifier: Apache-2.0

internal import CMoor

/// The text of a packed policy: each string once.
struct PackedText {
  private(set) var bytes: [UInt8] = []
  private var slices: [String: moor_access_slice] = [:]

  mutating func slice(of string: String) -> moor_access_slice {
    if let known = slices[string] { return known }
    let slice = moor_access_slice(first: UInt32(bytes.count), count: UInt32(string.utf8.count))
    bytes += string.utf8
    slices[string] = slice
    return slice
  }
}

/// The rules about what has no path, domain by domain: a list that several domains have stands once.
struct PackedRules {
  private(set) var bytes: [UInt8] = []
  private var slices: [[UInt8]: moor_access_slice] = [:]

  var count: Int { bytes.count / MemoryLayout<moor_access_rule>.size }

  mutating func slice(of rules: [moor_access_rule]) -> moor_access_slice {
    if rules.isEmpty { return moor_access_slice(first: 0, count: 0) }
    var list: [UInt8] = []
    list.reserveCapacity(rules.count * MemoryLayout<moor_access_rule>.size)
    for rule in rules { list.append(raw: rule) }
    if let known = slices[list] { return known }
    let slice = moor_access_slice(first: UInt32(count), count: UInt32(rules.count))
    bytes += list
    slices[list] = slice
    return slice
  }
}

/// The automata of all domains, one behind the other, each once.
struct PackedAutomata {
  private(set) var bytes: [UInt8] = []
  /// Where each of them stands in ``bytes``.
  private(set) var places: [Range<Int>] = []
  private var table = FlatTable()
  /// Automata that domains share, with their numbers: ten thousand domains have the same ones, which are found here
  /// without a look at their bytes.
  private var shared: [(automaton: PackedDFA, number: UInt32)] = []
  private static let mostShared = 16

  /// The numbers of a domain's automata, from 0.
  mutating func numbers(of domain: PathCompiler.Domain) -> [UInt32] {
    domain.automata.enumerated().map { index, automaton in
      let isShared = index < domain.sharedCount
      // Equal arrays of one storage are equal at once.
      if isShared, let known = shared.first(where: { $0.automaton.bytes == automaton.packed.bytes }) {
        return known.number
      }
      let number = number(of: automaton.packed.bytes)
      if isShared {
        if shared.count == Self.mostShared { shared.removeFirst() }
        shared.append((automaton.packed, number))
      }
      return number
    }
  }

  private mutating func number(of automaton: [UInt8]) -> UInt32 {
    let hash = Self.hash(automaton)
    // The table's numbers begin at 1.
    let found = table.find(hash) { isEqual(places[Int($0) - 1], automaton) }
    if found != 0 { return found - 1 }
    places.append(bytes.count..<(bytes.count + automaton.count))
    bytes += automaton
    table.insert(UInt32(places.count), hash)
    return UInt32(places.count - 1)
  }

  private func isEqual(_ place: Range<Int>, _ automaton: [UInt8]) -> Bool {
    guard place.count == automaton.count else { return false }
    return bytes.withUnsafeBytes { all in
      automaton.withUnsafeBytes { other in
        UnsafeRawBufferPointer(rebasing: all[place]).elementsEqual(other)
      }
    }
  }

  /// A packed automaton's size is a multiple of 8.
  private static func hash(_ automaton: [UInt8]) -> UInt64 {
    var hash = Hash()
    automaton.withUnsafeBytes { bytes in
      for offset in stride(from: 0, to: bytes.count - 3, by: 4) {
        hash.add(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      }
    }
    return hash.value
  }
}
