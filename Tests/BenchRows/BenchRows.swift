// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// How much processor time of this process it takes: what else the machine does is not in it.
public func milliseconds(_ body: () throws -> Void) rethrows -> Double {
  let before = processorTime()
  try body()
  return processorTime() - before
}

private func processorTime() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
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
