// SPDX-License-Identifier: Apache-2.0

public import Foundation
public import PolicyText

/// A folder of shared vectors below policies/tests: policies in `good` and `bad`, each with what is to be found for it.
/// Its files are read, and named in messages, as relative to it.
public struct VectorFolder: FileReader {
  /// The repository.
  public static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Whether what is found is written anew, for a person to read (`MOOR_WRITE_VECTORS=1`).
  public static let isWriting = ProcessInfo.processInfo.environment["MOOR_WRITE_VECTORS"] == "1"

  /// Where it is.
  public let location: URL

  /// The folder of that name in policies/tests, or policies/tests itself.
  public init(_ name: String = "") {
    location = Self.repository.appending(path: "policies/tests").appending(path: name)
  }

  /// The names of the policies in `good` or `bad`.
  public func names(in part: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: location.appending(path: part).path)) ?? []
    return names.filter { $0.hasSuffix(".moor") }.map { String($0.dropLast(5)) }.sorted()
  }

  /// A file of it.
  public func read(_ path: String, limit: Int) throws(FileReadError) -> [UInt8] {
    try SystemFileReader().read(location.path + "/" + path, limit: limit)
  }

  /// Reads policies of it.
  public var loader: PolicyLoader { PolicyLoader(searchPath: ["include"], files: self) }

  /// What is to be found, which is what was found where that is written anew.
  public func expected(at path: String, found: String) throws -> String {
    let file = location.appending(path: path)
    if Self.isWriting { try Data(found.utf8).write(to: file) }
    return try String(contentsOf: file, encoding: .utf8)
  }
}
