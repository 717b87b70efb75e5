// SPDX-License-Identifier: Apache-2.0

/// The bounds within which policies are read; whatever exceeds one is an error that names it.
public struct Limits: Sendable {
  /// Bytes of one file.
  public var fileBytes = 64 << 20
  /// Tokens of one file, white space and comments counted.
  public var tokens = 16 << 20
  /// Blocks inside blocks.
  public var nesting = 16
  /// Bytes of one word or string after its escapes are undone: the longest path that Linux takes, without the NUL.
  public var wordBytes = 4095
  /// Files that include each other in a chain, the first counted.
  public var includeDepth = 16
  /// Inclusions altogether.
  public var inclusions = 65_536
  /// Distinct files.
  public var files = 4_096
  /// Values that one word may expand to by variables.
  public var expansions = 4_096
  /// Errors that are reported before reading is given up.
  public var diagnostics = 100

  /// The bounds that the tools use.
  public init() {}
}
