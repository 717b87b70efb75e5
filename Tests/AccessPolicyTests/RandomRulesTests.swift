// SPDX-License-Identifier: Apache-2.0

import PolicyText
import Testing

@testable import AccessPolicy

/// Rules and paths made up by chance, over few letters so that they meet: the compiled automata, the kernel's matcher and
/// the reference must agree on each.
@Suite struct RandomRulesTests {
  private struct Maker {
    var random: SeededGenerator

    mutating func pick<Element>(_ choices: [Element]) -> Element {
      choices[Int.random(in: 0..<choices.count, using: &random)]
    }

    mutating func pattern(depth: Int = 0) -> String {
      var text = ""
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        switch Int.random(in: 0..<16, using: &random) {
        case 0...6: text += pick(["a", "b", "c", "ab"])
        case 7: text += "?"
        case 8, 9: text += "*"
        case 10: text += pick(["[ab]", "[^a]", "[a-c]+", "[!bc]", "[\\-a]"])
        case 11: text += pick(["\\*", "\\{", "\\x62"])
        case 12 where depth < 2:
          text += "{\(pattern(depth: depth + 1)),\(pattern(depth: depth + 1))\(pick(["", ",", ",x"]))}"
        case 13 where depth == 0: text += "**"
        case 14: text += pick(["@{uuid}", "@{vm}", "@{domid}"])
        default: text += "b"
        }
      }
      return text
    }

    mutating func path() -> String {
      let folders = (0..<Int.random(in: 1...3, using: &random)).map { _ in pattern() }
      return pick(["", "", "", "@{vmdir}"]) + "/" + folders.joined(separator: "/")
    }

    mutating func rule(_ helpers: [String]) -> String {
      let prefix = pick(["", "", "", "", "audit ", "deny ", "deny quiet "])
      let isDenial = prefix.hasPrefix("deny")
      switch Int.random(in: 0..<8, using: &random) {
      case 0 where !isDenial: return prefix + "object \(pick(["rw", "r", "rwcd rename"])) \(path())"
      case 1 where !isDenial: return prefix + "temp \(path())"
      case 2: return prefix + "device rw \(path())\(isDenial ? "" : pick([" ioctl KVM_RUN", " ioctl 0x1 0x2", ""]))"
      case 3: return prefix + "exec \(path())"
      case 4: return prefix + "unix listen @n\(pattern())"
      default: return prefix + "file \(pick(["r", "w", "a", "rwk", "m", "c truncate", "chmod"])) \(path())"
      }
    }

    mutating func bytes() -> [UInt8] {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        bytes.append(UInt8(ascii: "/"))
        for _ in 0..<Int.random(in: 0...5, using: &random) {
          let byte = pick(Array("aabbccx*{-".utf8) + [0xFF, 1])
          bytes += Int.random(in: 0..<20, using: &random) == 0 ? [0, UInt8.random(in: 1...3, using: &random)] : [byte]
        }
      }
      return bytes
    }
  }

  @Test(arguments: 0..<60) func allAgree(_ seed: UInt64) throws {
    var maker = Maker(random: SeededGenerator(state: seed))
    let count = [1, 2, 5, 12, 30][Int(seed % 5)]
    let text = (0..<count).map { _ in maker.rule([]) }.joined(separator: "\n")
    let block = seed % 3 == 0 ? "template guest" : "vm web1"
    let policy = try readPolicy("\(block) {\n\(text)\n}\n")
    var compiler = PathCompiler(policy)
    let domain = try compiler.compile(policy.domains[0])
    for _ in 0..<400 {
      let path = maker.bytes()
      let root = maker.pick(Glob.Root.allCases)
      let (expected, commands) = ReferenceMatcher.look(up: path, root: root, policy.domains[0].rules, helpers: [])
      var found = domain.look(up: path, root: root)
      var kernel = try KernelMatcher.look(up: path, root: root, in: domain)
      #expect(found == kernel, "\(SafeText.render(path)) under\n\(text)")
      let sets = found.commands.map { compiler.commandSets[Int($0)] }
      #expect(sets.reduce(.some([])) { $0.union($1) } == commands)
      (found.commands, kernel.commands) = ([], [])
      #expect(found == expected, "\(SafeText.render(path)) under\n\(text)")
    }
  }
}
