// SPDX-License-Identifier: Apache-2.0

import PolicyText
import PolicyVectors
import Testing

@testable import AccessPolicy

/// What the kernel gets, read back by a reader of its own.
@Suite struct PackedAccessPolicyTests {
  private typealias Rule = PackedAccessReader.Rule

  private func packed(_ blocks: String, learning: Set<String> = []) throws -> PackedAccessReader {
    let bytes = try PackedAccessPolicy(try readPolicy(blocks), learning: learning).bytes
    _ = try KernelAccess(bytes)
    return try PackedAccessReader(bytes)
  }

  private func rules(_ lines: String) throws -> [PackedAccessReader.Rule] {
    let found = try packed("vm web1 {\n\(lines)\n}\n")
    return found.rules(of: found.domains[0])
  }

  // MARK: - domains

  private static let many = """
    vm web2 {
      object rw /srv/web2
      helper tpm {
        file r /tpm/2
      }
    }
    template probe {
      file r /probe
    }
    vm web10 {
      helper zeta {
      }
      object rw /srv/web10
      helper alpha {
        file r /alpha
      }
    }
    template guest {
      file r @{vmdir}/**
      helper tpm {
        file r /tpm/guest
      }
    }
    vm Web {
    }

    """

  @Test func domainsStandInTheKernelsOrder() throws {
    let found = try packed(Self.many)
    #expect(found.vmCount == 3)
    #expect(found.domains.map { found.name($0) } == ["Web", "web10", "web2", "", "", "zeta", "alpha", "tpm", "tpm"])
    #expect(found.domains.map(\.kind) == [1, 1, 1, 2, 3, 4, 4, 4, 4])
    #expect(found.domains.map(\.owner) == [0, 1, 2, 3, 4, 1, 1, 2, 3])
    #expect(found.domains.map(\.helpers.count) == [0, 2, 1, 1, 0, 2, 2, 1, 1])
    #expect(found.domains.map(\.helpers.first) == [0, 5, 7, 8, 0, 5, 5, 7, 8])
    #expect(found.domains.map(\.flags).allSatisfy { $0 == 0 })
    #expect(found.domains[3].name == .init(first: 0, count: 0))
  }

  @Test func aNameStandsOnce() throws {
    let found = try packed(Self.many)
    #expect(found.text.count == "Webweb10web2zetaalphatpm".utf8.count)
    #expect(found.domains[7].name == found.domains[8].name)
  }

  @Test func theOrderOfTheTextDoesNotCount() throws {
    let blocks = [
      "vm a {\n  file r /a/*\n}\n", "vm b {\n  device r /b ioctl 0x1\n}\n", "vm c {\n  device r /c ioctl 0x2\n}\n",
    ]
    let first = try PackedAccessPolicy(try readPolicy(blocks.joined()))
    #expect(try PackedAccessPolicy(try readPolicy(blocks.reversed().joined())) == first)
    #expect(try PackedAccessPolicy(try readPolicy(blocks.dropLast().joined())) != first)
  }

  @Test func packsAPolicyWithoutDomains() throws {
    let packed = try PackedAccessPolicy(try readPolicy(""))
    #expect(packed.bytes.count == 40)
    #expect(packed.domainCount == 0)
    #expect(try PackedAccessReader(packed.bytes).domains.isEmpty)
  }

  @Test(
    arguments: [
      (["web10"], [1, 5, 6]), (["Web", "template guest"], [0, 3, 8]), (["template probe"], [4]), ([], []),
    ] as [(Set<String>, [Int])])
  func helpersLearnWithTheirVM(learning: Set<String>, expected: [Int]) throws {
    let found = try packed(Self.many, learning: learning)
    #expect(found.domains.indices.filter { found.domains[$0].flags == 1 } == expected)
    #expect(found.domains.allSatisfy { $0.flags < 2 })
  }

  @Test(arguments: ["web3", "guest", "web2/tpm", ""]) func refusesALearnerThatIsNotThere(_ name: String) throws {
    let policy = try readPolicy(Self.many)
    do {
      _ = try PackedAccessPolicy(policy, learning: ["web2", name])
      Issue.record("it packs")
    } catch {
      #expect(error.diagnostics.count == 1)
      #expect(error.diagnostics[0].place.line == 1)
      #expect(error.diagnostics[0].message.contains("no VM '\(name)'"))
    }
  }

  // MARK: - automata

  @Test(arguments: VectorTests.folder.names(in: "good")) func automataAreTheCompilers(_ name: String) throws {
    let policy = try VectorTests.load("good/\(name).moor")
    let found = try PackedAccessReader(PackedAccessPolicy(policy).bytes)
    var compiler = PathCompiler(policy)
    #expect(found.domains.count == policy.domains.count)
    // In the order in which they are packed, so that sets of commands have the same numbers.
    for domain in found.domains {
      let name = found.fullName(domain)
      let source = try #require(policy.domain(name))
      #expect(try compiler.compile(source).automata.map(\.packed.bytes) == found.automata(of: domain), "\(name)")
    }
    #expect(Set(found.automata).count == found.automata.count)
    for (set, commands) in zip(compiler.commandSets, found.commandSets) {
      #expect(set == .any ? commands == .any : commands == .some(set.listedInTests))
    }
  }

  @Test func equalAutomataStandOnce() throws {
    let same = "  file r /same/**\n"
    let found = try packed("vm a {\n\(same)}\nvm b {\n\(same)  memory exec\n}\nvm c {\n\(same)  file r /c\n}\n")
    #expect(found.domains[0].automata == found.domains[1].automata)
    #expect(found.domains[0].automata != found.domains[2].automata)
    #expect(found.automata.count == 2)
  }

  @Test func sharedAutomataStandOnce() throws {
    let policy = try VectorTests.load("good/shared.moor")
    let found = try PackedAccessReader(PackedAccessPolicy(policy).bytes)
    #expect(found.automata.count == 3)
    #expect(found.domains[0].automata[0] == found.domains[1].automata[0])
    #expect(found.domains[0].automata[1] != found.domains[1].automata[1])
  }

  @Test func namesCommandsByTheirSets() throws {
    let found = try packed(
      "vm a {\n  device r /dev/a ioctl 0x30 0x10\n  device r /dev/b ioctl any\n  anon vfio ioctl 0x10 0x30\n  anon memfd\n}\n"
    )
    #expect(found.commandSets == [.some([]), .some([0x10, 0x30]), .any])
    #expect(found.rules.map(\.detail) == [1, 0])
  }

  // MARK: - rules

  @Test func packsEveryClass() throws {
    #expect(
      try rules("anon io_uring\nmemory exec\npty own\ncapability sys_nice chown checkpoint_restore") == [
        Rule(mask: 1 << 3, ruleClass: 1), Rule(ruleClass: 2), Rule(ruleClass: 3),
        Rule(mask: 1 << 23 | 1 | 1 << 40, ruleClass: 4),
      ])
    #expect(
      try rules("inherit pipe device\nreceive unix") == [
        Rule(mask: 1 | 1 << 10, ruleClass: 9, way: 1), Rule(mask: 1 << 1, ruleClass: 9, way: 2),
      ])
  }

  @Test(arguments: AnonymousKind.allCases.enumerated().map { ($0.offset, $0.element) })
  func numbersAnonymousKinds(number: Int, kind: AnonymousKind) throws {
    #expect(try rules("anon \(kind.rawValue)").map(\.mask) == [1 << UInt64(number)])
  }

  @Test(arguments: DescriptorKind.allCases.enumerated().map { ($0.offset, $0.element) })
  func numbersDescriptors(number: Int, kind: DescriptorKind) throws {
    #expect(try rules("receive \(kind.rawValue)").map(\.mask) == [1 << UInt64(number)])
  }

  @Test func packsAddresses() throws {
    var loopback = [UInt8](repeating: 0, count: 16)
    loopback[15] = 1
    let found = try rules(
      "tcp listen 127.0.0.1:5901\ntcp connect 10.128.0.0/9:*\nudp bind *:67\nudp connect [::1]:49152-49215\n"
        + "tcp connect [fd00::/8]:22\ntcp connect 0.0.0.0/0:1")
    func address(_ bytes: [UInt8]) -> [UInt8] { bytes + [UInt8](repeating: 0, count: 16 - bytes.count) }
    #expect(
      found == [
        Rule(address: address([127, 0, 0, 1]), addressClass: 4, prefix: 32, ports: 5901...5901, ruleClass: 5, way: 1),
        Rule(address: address([10, 128]), addressClass: 4, prefix: 9, ports: 0...65535, ruleClass: 5, way: 2),
        Rule(ports: 67...67, ruleClass: 6, way: 1),
        Rule(address: loopback, addressClass: 6, prefix: 128, ports: 49152...49215, ruleClass: 6, way: 2),
        Rule(address: address([0xFD]), addressClass: 6, prefix: 8, ports: 22...22, ruleClass: 5, way: 2),
        Rule(addressClass: 4, prefix: 0, ports: 1...1, ruleClass: 5, way: 2),
      ])
  }

  @Test func packsPeers() throws {
    let found = try packed(
      """
      vm a {
        signal exists term to two
        signal kill to hypervisor
        ptrace read to one
        ptrace attach by "/usr/bin/g d b"
        helper one {
          signal usr1 to vm
          signal usr2 to two
        }
        helper two {
        }
      }

      """)
    #expect(
      found.rules(of: found.domains[0]) == [
        Rule(mask: 1 | 1 << 15, detail: 2, ruleClass: 7, peer: 1), Rule(mask: 1 << 9, ruleClass: 7, peer: 3),
        Rule(mask: 1, detail: 1, ruleClass: 8, peer: 1),
        Rule(mask: 2, program: "/usr/bin/g d b", ruleClass: 8, peer: 4),
      ])
    #expect(
      found.rules(of: found.domains[1]) == [
        Rule(mask: 1 << 10, ruleClass: 7, peer: 2), Rule(mask: 1 << 12, detail: 2, ruleClass: 7, peer: 1),
      ])
    #expect(found.rules(of: found.domains[2]) == [])
  }

  @Test func packsEffects() throws {
    #expect(
      try rules("memory exec\naudit memory exec\ndeny memory exec\ndeny quiet memory exec").map(\.effect) == [
        0, 1, 2, 3,
      ])
  }

  /// Each statement stays by itself, so that a denial is told by the statement that it came from.
  @Test func onlyWhatOneStatementSaysIsOneRule() throws {
    #expect(try rules("capability chown\ncapability kill").map(\.mask) == [1, 1 << 5])
    #expect(try rules("capability chown kill\ndeny capability kill").map(\.mask) == [1 | 1 << 5, 1 << 5])
  }

  @Test func anEqualListOfRulesStandsOnce() throws {
    let lines = "  memory exec\n  capability kill\n"
    let found = try packed("vm a {\n\(lines)}\nvm b {\n  file r /b\n\(lines)}\nvm c {\n  capability kill\n}\n")
    #expect(found.domains[0].rules == .init(first: 0, count: 2))
    #expect(found.domains[1].rules == found.domains[0].rules)
    #expect(found.domains[2].rules == .init(first: 2, count: 1))
    #expect(found.rules.count == 3)
  }

  // MARK: - bounds

  @Test func namesTheDomainThatIsTooMany() throws {
    let policy = try readPolicy(Self.many)
    let all = policy.domains.count
    _ = try PackedAccessPolicy(policy, bounds: .init(domains: all))
    do {
      _ = try PackedAccessPolicy(policy, bounds: .init(domains: all - 1))
      Issue.record("it packs")
    } catch {
      #expect(error.diagnostics.map(\.place.line) == [policy.domains[all - 1].location.place.line])
      #expect(error.diagnostics[0].message.contains("more than \(all - 1) domains"))
    }
  }

  @Test func namesTheDomainThatMakesTooManyBytes() throws {
    let policy = try readPolicy(Self.many)
    let size = try PackedAccessPolicy(policy).bytes.count
    #expect(try PackedAccessPolicy(policy, bounds: .init(bytes: size)).bytes.count == size)
    for most in [size - 1, 400, 1, 0] {
      do {
        _ = try PackedAccessPolicy(policy, bounds: .init(bytes: most))
        Issue.record("it packs")
      } catch {
        #expect(error.diagnostics.count == 1)
        #expect(error.diagnostics[0].code == .limit)
        #expect(error.diagnostics[0].place.line > 1)
      }
    }
  }

  @Test func namesTheRuleThatIsTooMany() throws {
    func policy(_ count: Int) throws -> AccessPolicy {
      try readPolicy("vm a {\n" + (1...count).map { "  tcp listen *:\($0)\n" }.joined() + "}\n")
    }
    _ = try KernelAccess(PackedAccessPolicy(try policy(4096)).bytes)
    let tooMany = try policy(4097)
    do {
      _ = try PackedAccessPolicy(tooMany)
      Issue.record("it packs")
    } catch {
      #expect(error.diagnostics.map(\.code) == [.limit])
      #expect(error.diagnostics.map(\.place.line) == [2])
      #expect(error.diagnostics[0].message.contains("more than 4096 rules"))
    }
  }

  @Test func saysAllThatCannotBeCompiled() throws {
    let two = "  helper a {\n  }\n  helper b {\n  }\n  exec /x -> a\n  exec /x -> b\n"
    let policy = try readPolicy("vm a {\n\(two)}\nvm b {\n  file r /b\n}\nvm c {\n\(two)}\n")
    do {
      _ = try PackedAccessPolicy(policy)
      Issue.record("it packs")
    } catch {
      #expect(error.diagnostics.map(\.place.line) == [8, 19])
    }
  }

  // MARK: - many

  @Test(.timeLimit(.minutes(5))) func tenThousandVMs() throws {
    let count = 10_000
    let blocks = (0..<count).map { number in
      "vm vm\(number) {\n  include <abstractions/vm>\n  object rw /srv/vm\(number)\n"
        + "  tcp listen 127.0.0.1:\(5900 + number % 100)\n}\n"
    }
    let source = Source(name: "p", text: "policy \"n\" version 1\n" + blocks.joined())
    let packed = try PackedAccessPolicy(try AccessPolicy(try VectorTests.folder.loader.load(source)))
    #expect(packed.domainCount == count)
    // One for all, and one for each VM: its log is named by the abstraction.
    #expect(packed.automatonCount == count + 1)
    #expect(packed.ruleCount == 100 * 4)
    #expect(packed.bytes.count < 1_500 * count)
    let module = try KernelAccess(packed.bytes)
    for number in [0, 9, 10, 4_711, count - 1] {
      let domain = module.domain("vm\(number)")
      let own = module.look(up: Array("/srv/vm\(number)".utf8), root: .path, in: domain).0
      let other = module.look(up: Array("/srv/vm\((number + 1) % count)".utf8), root: .path, in: domain).0
      #expect(own.granted.contains(.write))
      #expect(other.granted.isEmpty)
    }
    #expect(module.domain("vm\(count)") == UInt32.max)
  }
}

extension CommandSet {
  /// Its commands, when they are named one by one.
  fileprivate var listedInTests: [UInt32] { if case .some(let commands) = self { commands } else { [] } }
}
