// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// A span of time as people write it: `90`, `90s`, `5m`, `1h`.
struct TimeSpan: ExpressibleByArgument, CustomStringConvertible {
  /// At most a day.
  static let most = 86_400

  let seconds: Int

  init?(argument text: String) {
    let units: [Character: Int] = ["s": 1, "m": 60, "h": 3_600]
    let unit = text.last.flatMap { units[$0] }
    let digits = unit == nil ? text[...] : text.dropLast()
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits) else {
      return nil
    }
    let product = number.multipliedReportingOverflow(by: unit ?? 1)
    guard !product.overflow, (1...Self.most).contains(product.partialValue) else { return nil }
    seconds = product.partialValue
  }

  var description: String {
    let parts = [(seconds / 3_600, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")]
    return parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: " ")
  }
}
