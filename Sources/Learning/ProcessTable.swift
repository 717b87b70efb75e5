// SPDX-License-Identifier: Apache-2.0

internal import EventLog

/// A place in the tree of processes: a subject, below another or at the top.
struct ProcessNode: Hashable, Sendable {
  /// The number of the parent's; nil at the top.
  let parent: Int?
  let subject: AccessSubject
}

/// Which process belongs to which run of its VM, and below which other it stands.
///
/// A VM runs once at a time, so what a helper does belongs to the last run of its VM that began in this boot. A process
/// whose parent a line names, and of which there was a line, is its child; each other one of the VM's own domain begins a
/// run.
struct ProcessTable {
  /// Processes, and places in the tree, at most; beyond, nothing is nested and no run begins.
  static let most = 1 << 16

  /// Where a line belongs.
  struct Found {
    let run: Int?
    /// The place of its process; nil when no parent of it is known.
    let node: Int?
  }

  private struct Key: Hashable {
    let boot: Int
    let pid: UInt32
  }

  private struct Process {
    let vm: UntrustedText
    let run: Int?
    let parent: Int?
    /// The subject that it was last, and its place as that one.
    var subject: AccessSubject
  }

  private struct Latest: Hashable {
    let boot: Int
    let vm: UntrustedText
  }

  private(set) var nodes: [ProcessNode] = []
  /// Lines whose process could not be kept.
  private(set) var untracked: UInt64 = 0
  private var numbers: [ProcessNode: Int] = [:]
  private var processes: [Key: Process] = [:]
  private var latest: [Latest: Int] = [:]

  /// The process of a line.
  ///
  /// - Parameter nextRun: the number of a new run, if one begins with it.
  mutating func find(
    _ subject: AccessSubject, boot: Int, pid: UInt32, parent: UInt32?, nextRun: Int
  ) -> Found {
    let key = Key(boot: boot, pid: pid)
    // A number that another VM's process had before is a new process.
    if let known = processes[key], known.vm == subject.vm {
      // A line that had no room for the program does not say that it is another one.
      if known.subject != subject, subject.program != nil { processes[key]?.subject = subject }
      return Found(run: known.run, node: known.parent.flatMap { node(subject, below: $0) })
    }
    let above = parent.flatMap { processes[Key(boot: boot, pid: $0)] }.flatMap { $0.vm == subject.vm ? $0 : nil }
    let place = above.flatMap { node($0.subject, below: $0.parent) }
    let last = latest[Latest(boot: boot, vm: subject.vm)]
    guard processes.count < Self.most else {
      untracked += 1
      return Found(run: last, node: nil)
    }
    let run = above?.run ?? (subject.helper == 0 ? nextRun : last)
    if let run { latest[Latest(boot: boot, vm: subject.vm)] = run }
    processes[key] = Process(vm: subject.vm, run: run, parent: place, subject: subject)
    return Found(run: run, node: place.flatMap { node(subject, below: $0) })
  }

  private mutating func node(_ subject: AccessSubject, below parent: Int?) -> Int? {
    let node = ProcessNode(parent: parent, subject: subject)
    if let known = numbers[node] { return known }
    guard nodes.count < Self.most else {
      untracked += 1
      return nil
    }
    numbers[node] = nodes.count
    nodes.append(node)
    return nodes.count - 1
  }
}
