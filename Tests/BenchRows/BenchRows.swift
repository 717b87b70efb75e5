// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// How long it takes.
public func milliseconds(_ body: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  let elapsed = try clock.measure(body)
  return Double(elapsed.components.seconds) * 1e3 + Double(elapsed.components.attoseconds) / 1e15
}

/// Ends the program with a message and an exit code.
public func complain(_ message: String, _ code: Int32) -> Never {
  let line = Array((message + "\n").utf8)
  write(STDERR_FILENO, line, line.count)
  exit(code)
}

/// Prints a name, a value and a unit, with tabs between them.
public func row(_ name: String, _ value: Double, _ unit: String) {
  print("\(name)\t\((value * 10).rounded() / 10)\t\(unit)")
}

/// The most memory that this process had at a time.
public func peakMiB() -> Double {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return Double(usage.ru_maxrss) / 1024
}
