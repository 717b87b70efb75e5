// SPDX-License-Identifier: Apache-2.0

/// Where a description of a VM says something.
struct VMPlace: Sendable, Hashable, CustomStringConvertible {
  /// What a source is counted by.
  enum Unit: Sendable, Hashable { case whole, line, argument }

  /// A file or an option, safe to print.
  let source: String
  let unit: Unit
  /// From 1; 0 for all of it.
  let position: Int

  /// All of a source.
  init(_ source: String) {
    self.source = source
    unit = .whole
    position = 0
  }

  /// A line of a file.
  init(_ source: String, line: Int) {
    self.source = source
    unit = .line
    position = line
  }

  /// An argument of a command line that has no lines.
  init(_ source: String, argument: Int) {
    self.source = source
    unit = .argument
    position = argument
  }

  /// Safe to print.
  var description: String {
    switch unit {
    case .whole: source
    case .line: "\(source):\(position)"
    case .argument: "\(source): argument \(position)"
    }
  }
}

/// What no rule was written for, and why.
struct VMNote: Sendable, Hashable, CustomStringConvertible {
  let place: VMPlace
  /// Safe to print.
  let text: String

  var description: String { "\(place): \(text)" }
}
