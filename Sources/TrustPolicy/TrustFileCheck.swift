// SPDX-License-Identifier: Apache-2.0

public import PolicyText

extension TrustPolicy {
  /// Compares the policy's paths with a file system: the kernel knows a file by its resolved path alone, so that an
  /// entry for a symbolic link, or below one, never matches.
  ///
  /// - Returns: An error for each path that leads over a symbolic link (its nearest form is the resolved path) or is no
  ///   regular file, a warning for each that is not there, which may come later. Empty when all are well.
  public func check(against root: FileRoot) -> [Diagnostic] {
    rules.compactMap { rule in
      do {
        let file = try root.resolve(rule.path.bytes)
        if file.path != rule.path.bytes {
          return Diagnostic(
            .file, at: rule.location,
            "\(rule.path) leads over a symbolic link; the kernel sees the resolved path", nearest: Quote.word(file.path)
          )
        }
        if file.kind != .regular {
          return Diagnostic(
            .file, at: rule.location, "\(rule.path) is a \(file.kind.rawValue); expected a regular file")
        }
        return nil
      } catch {
        return Diagnostic(.file, at: rule.location, "\(rule.path): \(error)", severity: .warning)
      }
    }
      + scopes.compactMap { scope in
        guard let folder = try? root.resolve(scope.pattern.folder) else {
          return Diagnostic(
            .file, at: scope.location, "the folder of \(scope.pattern.text) is not there", severity: .warning)
        }
        guard folder.path != scope.pattern.folder else { return nil }
        return Diagnostic(
          .file, at: scope.location,
          "\(scope.pattern.text) leads over a symbolic link and covers nothing; the kernel sees the resolved path",
          nearest: Quote.word(folder.path) + "/...")
      }
  }
}
