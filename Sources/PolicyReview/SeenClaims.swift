// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy

/// What VMs were seen to use, as claims: the rules of one must not reach what another uses, though no rule says so yet.
struct SeenClaims {
  private struct User {
    let vm: String
    var permissions: PathPermissions
  }

  private var users: [PathPattern: [User]] = [:]
  private var order: [PathPattern] = []
  private let bench: RuleBench

  init(_ observed: ObservedDomains, _ bench: RuleBench) {
    self.bench = bench
    for domain in observed.domains {
      for observation in domain.observations {
        guard let pattern = observation.pattern else { continue }
        let files = observation.permissions.intersection(.ofFiles)
        // Devices are nobody's, unless they are a disk; programs and sockets are not claimed either.
        guard !files.isEmpty || observation.permissions.contains(.deviceWrite) else { continue }
        if users[pattern] == nil { order.append(pattern) }
        var known = users[pattern] ?? []
        if let index = known.firstIndex(where: { $0.vm == domain.vm }) {
          known[index].permissions.formUnion(files)
        } else {
          known.append(User(vm: domain.vm, permissions: files))
        }
        users[pattern] = known
      }
    }
  }

  func add(to claims: inout ObjectClaims) {
    for pattern in order {
      guard let known = users[pattern] else { continue }
      let readers = known.filter { $0.permissions.isDisjoint(with: .changes) }.count
      for user in known {
        let changes = !user.permissions.isDisjoint(with: .changes)
        if let literal = pattern.literal {
          // What several read is shared, whoever writes to it. Where one reads what one writes, nobody can tell whose it is:
          // then a person has to say so by a rule.
          let use: ObjectClaims.Use = changes ? (readers > 1 ? .change : .own) : .read
          claims.add(Glob(literal: literal), of: user.vm, use)
        } else if changes, let glob = glob(of: pattern) {
          claims.add(glob, of: user.vm, .temporary)
        }
      }
    }
  }

  private func glob(of pattern: PathPattern) -> Glob? {
    bench.domain(["temp \(pattern.word)"], vm: "any")?.domain.rules.first?.path?.glob
  }
}
