// SPDX-License-Identifier: Apache-2.0

// access-bench RULES: how long the compiler takes for so many rules of one VM, in a form for scripts/bench-policy:
// lines of a name, a value and a unit, with tabs between them.

import AccessPolicy
import Glibc
import PolicyText

func milliseconds(_ body: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  let elapsed = try clock.measure(body)
  return Double(elapsed.components.seconds) * 1e3 + Double(elapsed.components.attoseconds) / 1e15
}

func complain(_ message: String, _ code: Int32) -> Never {
  let line = Array((message + "\n").utf8)
  write(STDERR_FILENO, line, line.count)
  exit(code)
}

func row(_ name: String, _ value: Double, _ unit: String) {
  print("\(name)\t\((value * 10).rounded() / 10)\t\(unit)")
}

guard CommandLine.arguments.count == 2, let count = Int(CommandLine.arguments[1]), count > 0 else {
  complain("usage: access-bench RULES", 64)
}
var text = "policy \"bench\" version 1\n\nvm web1 {\n"
for number in 0..<count { text += "  file rw /srv/vm\(number)/disk\(number)-*.qcow2\n" }
text += "}\n"
let source = Source(name: "bench", text: text)
do {
  var policy: AccessPolicy?
  let read = try milliseconds { policy = try AccessPolicy(try PolicyLoader().load(source)) }
  guard let policy else { exit(70) }
  var automata: PathCompiler.Domain?
  let compiled = try milliseconds {
    var compiler = PathCompiler(policy)
    automata = try compiler.compile(policy.domains[0])
  }
  guard let automata else { exit(70) }
  row("rules", Double(count), "rules")
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
    else {
      complain("the automaton answers wrongly for \(path)", 70)
    }
  }
} catch {
  complain("\(error)", 65)
}
