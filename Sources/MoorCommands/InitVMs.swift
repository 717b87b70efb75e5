// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import Glibc
internal import Inventory
internal import PolicyText
internal import TrustPolicy

/// The VMs that `moor init` finds, and the part of a policy that it writes for them.
struct InitVMs {
  let vms: [VMDescription]
  private(set) var policy: VMPolicy
  /// What is in no rule, and what could not be read.
  private(set) var notes: [String]

  private let files: FileRoot
  private let searchPath: [String]
  private static let abstraction = "abstractions/qemu"

  /// - Throws: ``CommandFailure`` for a source that was named and cannot be used.
  init(_ sources: VMSources, root: String) throws(CommandFailure) {
    guard sources.failures.isEmpty else {
      throw CommandFailure(.data, sources.failures.joined(separator: "\n"))
    }
    vms = sources.vms
    files = FileRoot(root)
    policy = VMPolicy(vms, root: files)
    notes = sources.notes + policy.notes
    searchPath = PolicyFiles.searchPath(below: root)
    if !vms.isEmpty, !searchPath.contains(where: { access("\($0)/\(Self.abstraction)", R_OK) == 0 }) {
      throw CommandFailure(
        .configuration,
        "\(Self.abstraction), which every VM's rules include, is not in \(searchPath.joined(separator: " or ")): copy moor's "
          + "policies/abstractions there, or leave the VMs out with --no-vms")
    }
  }

  /// The whole policy, when it loads as it stands and no two VMs meet in one object, by its text and on this host.
  ///
  /// - Parameter trust: Its text up to the VMs' blocks.
  /// - Throws: PolicyError or ``CommandFailure``; what is wrong with rules is told by what they were written for.
  mutating func appended(to trust: String, name: String) throws -> (text: String, tree: PolicyTree) {
    let head = vms.isEmpty ? trust : trust + "\n"
    let tree = try PolicyLoader(searchPath: searchPath).load(Source(name: name, text: head + policy.text))
    if vms.isEmpty { return (head, tree) }
    let before = head.utf8.count(where: { $0 == UInt8(ascii: "\n") })
    let texts = findings(tree).map { (isError: $0.severity == .error, text: told($0, name, before)) }
    if texts.contains(where: \.isError) {
      let lines = texts.filter(\.isError).map(\.text)
      throw CommandFailure(.data, lines.joined(separator: "\n") + "\nnothing was written")
    }
    for warning in texts.map(\.text) where !notes.contains(warning) { notes.append(warning) }
    return (head + policy.text, tree)
  }

  private func findings(_ tree: PolicyTree) -> [Diagnostic] {
    do throws(PolicyError) {
      let access = try AccessPolicy(tree)
      return AccessCheck(access).diagnostics.filter { $0.severity == .error || $0.code == .secret }
        + access.check(against: files, raw: policy.rawImages)
    } catch {
      return error.diagnostics
    }
  }

  private func told(_ diagnostic: Diagnostic, _ name: String, _ before: Int) -> String {
    let notes = diagnostic.notes.map { note in
      "\n  " + (note.place.map { "\(origin($0, name, before)): " } ?? "") + note.message
    }
    return "\(origin(diagnostic.place, name, before)): \(diagnostic.message)" + notes.joined()
  }

  /// What a place of the text that is not written yet was written for.
  private func origin(_ place: Place, _ name: String, _ before: Int) -> String {
    let line = place.line - 1 - before
    guard place.file == name, policy.origins.indices.contains(line), let origin = policy.origins[line] else {
      return place.description
    }
    return origin
  }
}
