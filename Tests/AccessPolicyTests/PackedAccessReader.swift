// SPDX-License-Identifier: Apache-2.0

/// Reads packed access policies by the offsets of docs/formats.md, with nothing of what writes them: tests compare the
/// two.
struct PackedAccessReader {
  struct Slice: Equatable {
    let first: Int
    let count: Int
  }

  struct Domain: Equatable {
    let name: Slice
    let helpers: Slice
    let rules: Slice
    let automata: [Int]
    let owner: Int
    let kind: Int
    let flags: Int
  }

  struct Rule: Equatable {
    var mask: UInt64 = 0
    var address = [UInt8](repeating: 0, count: 16)
    var addressClass = 0
    var prefix = 0
    var ports = 0...0
    var detail = 0
    var program = ""
    var ruleClass = 0
    var effect = 0
    var way = 0
    var peer = 0
  }

  enum Commands: Equatable {
    case any
    case some([UInt32])
  }

  struct Malformed: Error, CustomStringConvertible {
    let description: String
  }

  private let bytes: [UInt8]
  let vmCount: Int
  private(set) var domains: [Domain] = []
  private(set) var automata: [[UInt8]] = []
  private(set) var rules: [Rule] = []
  /// Set 0 is none.
  private(set) var commandSets: [Commands] = [.some([])]
  private(set) var text: [UInt8] = []

  init(_ bytes: [UInt8]) throws {
    self.bytes = bytes
    guard bytes.count >= 40, bytes.count % 8 == 0, bytes.starts(with: "MACC".utf8) else {
      throw Malformed(description: "no header")
    }
    let header = (0..<10).map { Int(Self.number(bytes, 4 * $0, 4)) }
    guard header[1] == 1, header[2] == bytes.count else { throw Malformed(description: "version or size") }
    let domainCount = header[3]
    vmCount = header[4]
    let (automatonCount, ruleCount, setCount, commandCount, textBytes) = (
      header[5], header[6], header[7], header[8], header[9]
    )
    let automataAt = 40 + 56 * domainCount
    let rulesAt = automataAt + 8 * automatonCount
    let setsAt = rulesAt + 48 * ruleCount
    let commandsAt = setsAt + 8 * setCount
    let textAt = commandsAt + 4 * commandCount
    let textEnd = textAt + textBytes
    var next = (textEnd + 7) / 8 * 8
    guard next <= bytes.count, bytes[textEnd..<next].allSatisfy({ $0 == 0 }) else {
      throw Malformed(description: "sections")
    }
    text = Array(bytes[textAt..<textEnd])
    for index in 0..<domainCount { domains.append(try domain(at: 40 + 56 * index)) }
    for index in 0..<automatonCount {
      let place = slice(at: automataAt + 8 * index)
      guard place.first == next, place.first + place.count <= bytes.count, place.count % 8 == 0 else {
        throw Malformed(description: "automaton \(index)")
      }
      automata.append(Array(bytes[place.first..<(place.first + place.count)]))
      next += place.count
    }
    guard next == bytes.count else { throw Malformed(description: "bytes behind the automata") }
    let commands = (0..<commandCount).map { UInt32(number(at: commandsAt + 4 * $0, 4)) }
    for index in 0..<setCount {
      let place = slice(at: setsAt + 8 * index)
      if place.count == 0xFFFF_FFFF {
        guard place.first == 0 else { throw Malformed(description: "set \(index + 1)") }
        commandSets.append(.any)
      } else {
        commandSets.append(.some(Array(commands[place.first..<(place.first + place.count)])))
      }
    }
    for index in 0..<ruleCount { rules.append(try rule(at: rulesAt + 48 * index)) }
  }

  private static func number(_ bytes: [UInt8], _ offset: Int, _ size: Int) -> UInt64 {
    (0..<size).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
  }

  private func number(at offset: Int, _ size: Int) -> UInt64 { Self.number(bytes, offset, size) }

  private func slice(at offset: Int) -> Slice {
    Slice(first: Int(number(at: offset, 4)), count: Int(number(at: offset + 4, 4)))
  }

  private func domain(at offset: Int) throws -> Domain {
    let count = Int(number(at: offset + 40, 4))
    let automata = (0..<4).map { Int(number(at: offset + 24 + 4 * $0, 4)) }
    guard count <= 4, automata[count...].allSatisfy({ $0 == 0 }) else {
      throw Malformed(description: "automata of the domain at byte \(offset)")
    }
    return Domain(
      name: slice(at: offset), helpers: slice(at: offset + 8), rules: slice(at: offset + 16),
      automata: Array(automata[..<count]), owner: Int(number(at: offset + 44, 4)),
      kind: Int(number(at: offset + 48, 4)), flags: Int(number(at: offset + 52, 4)))
  }

  private func rule(at offset: Int) throws -> Rule {
    func byte(_ at: Int) -> Int { Int(bytes[offset + at]) }
    let ports = (Int(number(at: offset + 28, 2)), Int(number(at: offset + 30, 2)))
    guard number(at: offset + 26, 2) == 0, ports.0 <= ports.1 else {
      throw Malformed(description: "rule at byte \(offset)")
    }
    return Rule(
      mask: number(at: offset, 8), address: Array(bytes[(offset + 8)..<(offset + 24)]), addressClass: byte(24),
      prefix: byte(25), ports: ports.0...ports.1, detail: Int(number(at: offset + 32, 4)),
      program: string(slice(at: offset + 36)), ruleClass: byte(44), effect: byte(45), way: byte(46), peer: byte(47))
  }

  /// Some of the text.
  func string(_ slice: Slice) -> String {
    String(decoding: text[slice.first..<(slice.first + slice.count)], as: UTF8.self)
  }

  /// The name of a domain; of a helper its own.
  func name(_ domain: Domain) -> String { string(domain.name) }

  /// The name as a policy has it: `web1`, `template guest`, `web1/tpm`.
  func fullName(_ domain: Domain) -> String {
    switch domain.kind {
    case 2: "template guest"
    case 3: "template probe"
    case 4: "\(fullName(domains[domain.owner]))/\(name(domain))"
    default: name(domain)
    }
  }

  func rules(of domain: Domain) -> [Rule] {
    Array(rules[domain.rules.first..<(domain.rules.first + domain.rules.count)])
  }

  func automata(of domain: Domain) -> [[UInt8]] { domain.automata.map { automata[$0] } }
}
