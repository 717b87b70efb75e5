// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import FoundationEssentials
internal import PolicyReview
internal import PolicyText

/// The policy under review as files, and the answers that are kept beside it.
struct ReviewFiles {
  let policy: String
  let loader: PolicyLoader

  init(policy: String, searchPath: [String]) {
    self.policy = policy
    loader = PolicyLoader(searchPath: searchPath)
  }

  /// Where answers are kept until they are written into the policy.
  var state: String { policy + ".review.json" }

  func read() throws -> AccessPolicy {
    do throws(FileReadError) {
      _ = try loader.files.read(policy, limit: loader.limits.fileBytes)
    } catch .missing {
      throw CommandFailure(.noInput, "\(policy): there is no such policy. `moor init` writes a first one.")
    } catch {
      throw CommandFailure(.io, "\(policy) cannot be read: \(error)")
    }
    return try AccessPolicy(try loader.load(policy))
  }

  /// A decisions file's text.
  func source(_ path: String) throws(CommandFailure) -> Source {
    do throws(FileReadError) {
      return Source(name: path, bytes: try loader.files.read(path, limit: DecisionsFile.limit))
    } catch {
      throw CommandFailure(error == .missing ? .noInput : .io, "\(path): \(error)")
    }
  }

  /// The answers of another day; none when there are none.
  func savedAnswers() throws -> [ReviewAnswer] {
    let bytes: [UInt8]
    do throws(FileReadError) {
      bytes = try loader.files.read(state, limit: DecisionsFile.limit)
    } catch {
      if error == .missing { return [] }
      throw CommandFailure(.io, "\(state) cannot be read: \(error)")
    }
    return try DecisionsFile.read(Source(name: state, bytes: bytes))
  }

  /// Keeps the answers.
  func save(_ session: ReviewSession) throws {
    let text = try JSON.pretty(SavedAnswers(decisions: session.saved)) + "\n"
    try AtomicFile.write(Array(text.utf8), to: state)
  }

  func forget() { try? FileManager.default.removeItem(atPath: state) }

  /// Writes what is new, unless somebody else wrote meanwhile.
  func write(_ outcome: ReviewOutcome, over access: AccessPolicy) throws {
    guard !outcome.files.isEmpty else { return }
    for file in access.tree.files {
      guard let now = try? loader.files.read(file.path, limit: loader.limits.fileBytes), now == file.document.bytes
      else { throw CommandFailure(.temporary, "\(file.path) was changed meanwhile: nothing was written") }
    }
    for file in outcome.files {
      if let slash = file.path.lastIndex(of: "/"), file.path != policy {
        try? FileManager.default.createDirectory(
          atPath: String(file.path[..<slash]), withIntermediateDirectories: true)
      }
      try AtomicFile.write(file.bytes, to: file.path)
    }
  }
}

/// The answers as decisions files have them.
struct SavedAnswers: Encodable {
  let format = DecisionsFile.format
  let decisions: [ReviewAnswer]

  private enum CodingKeys: CodingKey {
    case format, decisions
  }
}
