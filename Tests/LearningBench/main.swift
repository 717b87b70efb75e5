// SPDX-License-Identifier: Apache-2.0

// learning-bench FILE MEGABYTES: writes an audit.log of that size, of 10,000 different accesses one after the other and a
// hundredth of damaged lines, to FILE; reads it as moor tree does; and says how fast that was, in a form for
// scripts/bench-learning: lines of a name, a value and a unit, with tabs between them.

import BenchRows
import Glibc
import Learning

let tuples = 10_000
let damagedEach = 100

/// What stands behind the number of a line; the same for each `tuples`th.
func texts() -> [String] {
  (0..<tuples).map { number in
    let vm = "web\(number % 3)"
    return " record=deny class=path permission=read,write path=\"/var/lib/libvirt/images/\(vm)/disk-\(number).qcow2\" "
      + "program=\"/usr/bin/qemu-system-x86_64\" vm=\"\(vm)\" pid=\(5000 + number % 3)\n"
  }
}

/// Writes the log in pieces; how many lines it has, and how many of them are damaged.
func writeLog(_ path: String, megabytes: Int) -> (lines: Int, damaged: Int, bytes: Int) {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
  guard descriptor >= 0 else { complain("\(path) cannot be written", 73) }
  defer { close(descriptor) }
  let texts = texts()
  var piece: [UInt8] = []
  var lines = 0
  var damaged = 0
  var bytes = 0
  while bytes < megabytes * 1_000_000 {
    piece.removeAll(keepingCapacity: true)
    for _ in 0..<tuples {
      lines += 1
      let head =
        "type=INTEGRITY_RULE msg=audit(\(1_700_000_000 + lines / 1_000).\(100 + lines % 900):\(lines + 77)): "
        + "moor boot=0f2c8f0e-3c5b-4a55-9d1c-7f8a1b2c3d4e seq=\(lines)"
      // The first round is whole, so that there are as many accesses as there are texts.
      if lines > tuples, lines % damagedEach == 0 {
        damaged += 1
        piece += Array((head + texts[lines % tuples]).utf8.dropLast(12)) + [0x0A]
      } else {
        piece += Array((head + texts[lines % tuples]).utf8)
      }
    }
    guard write(descriptor, piece, piece.count) == piece.count else { complain("\(path) cannot be written", 74) }
    bytes += piece.count
  }
  return (lines, damaged, bytes)
}

guard CommandLine.arguments.count == 3, let megabytes = Int(CommandLine.arguments[2]), megabytes > 0 else {
  complain("usage: learning-bench FILE MEGABYTES", 64)
}
let path = CommandLine.arguments[1]
let made = writeLog(path, megabytes: megabytes)
let before = peakMiB()
var reader = LogReader()
var log = AccessLog()
let seconds =
  try milliseconds {
    try reader.read(.file(path))
    log = reader.finish()
  } / 1e3
let counted = log.learned.entries.reduce(UInt64(0)) { $0 + $1.tally.denied }
guard log.lines == UInt64(made.lines), log.damagedCount == UInt64(made.damaged), log.learned.entries.count == tuples,
  counted == UInt64(made.lines - made.damaged), log.gaps.isEmpty, log.repeated == 0, log.foreign == 0
else {
  complain(
    "read \(log.lines) lines of \(made.lines), \(log.damagedCount) damaged of \(made.damaged), "
      + "\(log.learned.entries.count) accesses, \(counted) counted, \(log.gaps.count) gaps, \(log.repeated) repeated",
    70)
}
let built = milliseconds { _ = EventTree(log).nodes.count }
row("lines", Double(made.lines), "lines")
row("damaged lines", Double(made.damaged), "lines")
row("size", Double(made.bytes) / 1e6, "MB")
row("read", Double(made.bytes) / 1e6 / seconds, "MB/s")
row("time of a line", seconds / Double(made.lines) * 1e9, "ns")
row("memory for reading", peakMiB() - before, "MiB")
row("tree", built, "ms")
