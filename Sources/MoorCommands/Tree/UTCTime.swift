// SPDX-License-Identifier: Apache-2.0

/// A time of the host's clock as ISO 8601 has it, to the second, in UTC.
struct UTCTime: CustomStringConvertible {
  let description: String

  /// - Parameter milliseconds: Since 1970.
  init(_ milliseconds: UInt64) {
    let seconds = milliseconds / 1_000
    let (year, month, day) = Self.date(dayNumber: seconds / 86_400)
    let time = [seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60].map { Self.padded($0, 2) }
    description =
      "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))T\(time.joined(separator: ":"))Z"
  }

  private static func padded(_ number: UInt64, _ length: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, length - digits.count)) + digits
  }

  /// The date of a day since 1970, with years that begin in March: then a leap day is the last one, and months follow a
  /// line (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days).
  private static func date(dayNumber: UInt64) -> (year: UInt64, month: UInt64, day: UInt64) {
    let shifted = dayNumber + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
  }
}
