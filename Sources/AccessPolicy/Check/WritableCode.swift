// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

/// Files that a domain may both change and run: what is written there is run next.
enum WritableCode {
  private static let code: PathPermissions = [.execute, .map]
  private static let changes: PathPermissions = [.write, .append, .create, .rename, .truncate]

  /// What is to be said of two rules that together allow both, or of one with itself.
  static func find(_ one: AccessRule, _ other: AccessRule, _ rules: [AccessRule]) -> Diagnostic? {
    guard let left = one.path, let right = other.path, !one.isDenial, !other.isDenial else { return nil }
    guard allow(left, right) || allow(right, left) else { return nil }
    let denied = one.denials(among: rules) + other.denials(among: rules)
    guard let example = GlobIntersection.example(left.glob, right.glob, excluding: denied) else { return nil }
    let isOne = one.location.key == other.location.key
    return Diagnostic(
      .writableCode, at: other.location, "\(SafeText.render(example)) may be changed and executed", severity: .warning,
      notes: isOne ? [] : [Diagnostic.Note("together with \(one.text)", at: one.location.place)])
  }

  private static func allow(_ runner: PathRule, _ writer: PathRule) -> Bool {
    !runner.permissions.isDisjoint(with: code) && !writer.permissions.isDisjoint(with: changes)
  }
}
