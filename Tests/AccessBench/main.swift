// SPDX-License-Identifier: Apache-2.0

// access-bench rules|vms|wildcards COUNT: how long the compiler of access policies takes, and how much it makes, in a form
// for scripts/bench-policy: lines of a name, a value and a unit, with tabs between them.
// access-bench pack COUNT FILE: a policy of so many rules in the kernel's form, for scripts/bench.

import AccessPolicy
import BenchRows
import Glibc
import PolicyText

/// A policy with rules of one domain, all of one kind.
func source(_ count: Int) -> Source {
  var text = "policy \"bench\" version 1\n\nvm web1 {\n"
  for number in 0..<count { text += "  file rw /srv/vm\(number)/disk\(number)-*.qcow2\n" }
  text += "}\n"
  return Source(name: "bench", text: text)
}

/// Writes a policy as the kernel takes it.
func pack(_ count: Int, to path: String) throws {
  let bytes = try PackedAccessPolicy(try AccessPolicy(try PolicyLoader().load(source(count)))).bytes
  guard let file = fopen(path, "w"), fwrite(bytes, 1, bytes.count, file) == bytes.count, fclose(file) == 0 else {
    complain("\(path): \(String(cString: strerror(errno)))", 74)
  }
}

/// Rules of one domain, all of one kind.
func benchRules(_ count: Int) throws {
  let source = source(count)
  var policy: AccessPolicy?
  let read = try milliseconds { policy = try AccessPolicy(try PolicyLoader().load(source)) }
  guard let policy else { complain("there is no policy", 70) }
  var automata: PathCompiler.Domain?
  let compiled = try milliseconds {
    var compiler = PathCompiler(policy)
    automata = try compiler.compile(policy.domains[0])
  }
  guard let automata else { complain("there are no automata", 70) }
  row("read", read, "ms")
  row("compile", compiled, "ms")
  row("read and compile", read + compiled, "ms")
  row("automata", Double(automata.automata.count), "automata")
  row("states", Double(automata.automata.reduce(0) { $0 + $1.stateCount }), "states")
  row("states, runs joined", Double(automata.automata.reduce(0) { $0 + $1.packed.stateCount }), "states")
  row("table", Double(automata.automata.reduce(0) { $0 + $1.packed.bytes.count }) / 1024, "KiB")
  // Right, besides fast.
  for number in [0, count / 2, count - 1] {
    let path = "/srv/vm\(number)/disk\(number)-x.qcow2"
    let other = "/srv/vm\(number)/disk\(number + 1)-x.qcow2"
    guard automata.look(up: path.utf8).granted == [.read, .write, .append],
      automata.look(up: other.utf8).granted.isEmpty
    else { complain("the automaton answers wrongly for \(path)", 70) }
  }
}

/// VMs with 18 rules of their own each, and 240 of an abstraction that they share.
func benchVMs(_ count: Int) throws {
  struct Files: FileReader {
    func read(_ path: String, limit: Int) throws(FileReadError) -> [UInt8] {
      guard path == "/abstractions/qemu" else { throw .missing }
      let lines =
        (0..<200).map { "file m /usr/lib/x86_64-linux-gnu/lib\($0).so.*\n" }
        + (0..<40).map { "file r /usr/share/qemu/firmware-\($0).bin\n" }
      return Array(lines.joined().utf8)
    }
  }
  var text = "policy \"bench\" version 1\n\n"
  for number in 0..<count {
    text += "vm web\(number) {\n  include <abstractions/qemu>\n"
    for disk in 0..<8 { text += "  object rw /srv/images/web\(number)/disk\(disk).qcow2\n" }
    for disk in 0..<4 { text += "  object rwcd /srv/snapshots/@{vm}-\(disk)-*.qcow2\n" }
    text += "  file rwcd /run/vm/@{vm}/**\n  file r @{vmdir}/**\n  temp /var/tmp/vl.??????\n"
    text += "  unix listen /run/vm/@{vm}.sock\n  file w /var/log/vm/@{vm}.log\n  exec /usr/bin/swtpm\n}\n"
  }
  let source = Source(name: "bench", text: text)
  var policy: AccessPolicy?
  let read = try milliseconds {
    policy = try AccessPolicy(try PolicyLoader(searchPath: ["/"], files: Files()).load(source))
  }
  guard let policy else { complain("there is no policy", 70) }
  var own = 0
  var shared = 0
  let compiled = try milliseconds {
    var compiler = PathCompiler(policy)
    for domain in policy.domains {
      let automata = try compiler.compile(domain)
      for (index, automaton) in automata.automata.enumerated() {
        if index < automata.sharedCount {
          shared = automaton.packed.bytes.count
        } else {
          own += automaton.packed.bytes.count
        }
      }
    }
  }
  var packed: PackedAccessPolicy?
  let packing = try milliseconds { packed = try PackedAccessPolicy(policy) }
  guard let packed, packed.domainCount == count else { complain("not every VM was packed", 70) }
  let peak = peakMiB()
  var findings = 0
  let checked = milliseconds { findings = AccessCheck(policy).diagnostics.count }
  row("read", read, "ms")
  row("compile", compiled, "ms")
  row("pack, compiling included", packing, "ms")
  row("packed policy", Double(packed.bytes.count) / 1024 / 1024, "MiB")
  row("memory until packed", peak, "MiB")
  row("check, compiling included", checked, "ms")
  row("findings", Double(findings), "findings")
  row("tables of one VM", Double(own) / Double(count) / 1024, "KiB")
  row("table of the abstraction", Double(shared) / 1024, "KiB")
  row("tables of all", Double(own + shared) / 1024 / 1024, "MiB")
}

/// Rules with two wildcards that reach over '/' each, which multiply in one automaton.
func benchWildcards(_ count: Int) throws {
  let lines = (0..<count).map { "  file r /srv/**/n\($0)/**/end\($0)\n" }.joined()
  let source = Source(name: "bench", text: "policy \"bench\" version 1\n\nvm web1 {\n\(lines)}\n")
  let policy = try AccessPolicy(try PolicyLoader().load(source))
  var outcome = "compiled"
  var states = 0
  let compiled = milliseconds {
    do throws(PolicyError) {
      var compiler = PathCompiler(policy)
      states = try compiler.compile(policy.domains[0]).automata.reduce(0) { $0 + $1.stateCount }
    } catch {
      outcome = "refused"
    }
  }
  row(outcome, compiled, "ms")
  row("states", Double(states), "states")
}

let arguments = CommandLine.arguments
guard arguments.count >= 3, let count = Int(arguments[2]), count > 0 else {
  complain("usage: access-bench rules|vms|wildcards COUNT, or pack COUNT FILE", 64)
}
do {
  switch (arguments[1], arguments.count) {
  case ("rules", 3): try benchRules(count)
  case ("vms", 3): try benchVMs(count)
  case ("wildcards", 3): try benchWildcards(count)
  case ("pack", 4): try pack(count, to: arguments[3])
  default: complain("expected rules, vms or wildcards with a COUNT, or pack with a COUNT and a FILE", 64)
  }
} catch {
  complain("\(error)", 65)
}
