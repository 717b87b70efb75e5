// SPDX-License-Identifier: Apache-2.0

internal import EventLog
internal import Learning
internal import PolicyText

/// What system logs say VMs did, and whether they say all.
struct SeenAccesses {
  let accesses: LearnedAccesses
  /// Why it is not all, in one line that is safe to print; nil when nothing is known to be missing.
  let incomplete: String?
  /// VMs whose last run still did new things.
  let notes: [String]

  init(_ log: AccessLog) {
    accesses = log.learned
    let completeness = Completeness(log)
    // What no log holds is not lost, and what a VM will do next is nothing that a policy's header could say.
    let missing = completeness.losses.map { SafeText.render($0.description.utf8, limit: .max) }
    incomplete = missing.isEmpty ? nil : missing.joined(separator: "; ")
    notes = completeness.reasons.compactMap { if case .learning = $0 { $0.description } else { nil } }
  }
}
