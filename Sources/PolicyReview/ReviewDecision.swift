// SPDX-License-Identifier: Apache-2.0

/// What kind of thing a decision is about, in the order in which a person is asked.
public enum ReviewClass: String, Sendable, Hashable, CaseIterable, Encodable {
  /// What an abstraction that is there covers.
  case abstraction
  /// Programs that are executed.
  case program
  /// Files that the VM changes: its disks.
  case object
  /// Files that it reads and that are no part of the host's system.
  case image
  /// Files with names of one run.
  case temporary
  /// Unix sockets.
  case socket
  /// Device nodes.
  case device
  /// Files of the host's system that it reads.
  case system
  /// Files without a path.
  case anonymous
  /// Addresses of the network.
  case network
  /// Capabilities.
  case capability
  /// Signals to other processes.
  case signal
  /// Descriptors that come in at the start or over a unix socket.
  case descriptor
  /// What no rule can allow.
  case other
}

/// One answer that a person can give.
public struct ReviewChoice: Sendable, Hashable {
  /// What kind of answer it is.
  public enum Kind: Sendable, Hashable {
    /// What was seen is allowed, and no more.
    case accept
    /// It is denied, and recorded.
    case deny
    /// It is denied, and only counted.
    case denyQuietly
    /// More is allowed: the suggestion of this number, from 1.
    case generalise(Int)
    /// It is this VM's alone.
    case makePrivate
    /// An abstraction allows it.
    case abstraction
    /// Nothing is written.
    case skip
  }

  /// What kind it is.
  public let kind: Kind
  /// What is written into the domain's block.
  public let statements: [String]
  /// What is written into the local addition to the domain's abstraction, for every VM that includes it.
  public let shared: [String]
  /// The name of a child domain that gets a block, for a program that runs in one.
  public let helper: String?
  /// How many files that exist now it admits beyond those that were seen; nil where that means nothing.
  public let admits: FileCount?
  /// What a person is to know before choosing it.
  public let warnings: [String]

  init(
    _ kind: Kind, _ statements: [String], shared: [String] = [], helper: String? = nil, admits: FileCount? = nil,
    warnings: [String] = []
  ) {
    self.kind = kind
    self.statements = statements
    self.shared = shared
    self.helper = helper
    self.admits = admits
    self.warnings = warnings
  }

  /// The name by which decisions files choose it.
  public var id: String {
    switch kind {
    case .accept: "accept"
    case .deny: "deny"
    case .denyQuietly: "deny-quiet"
    case .generalise(let number): "generalise-\(number)"
    case .makePrivate: "private"
    case .abstraction: "abstraction"
    case .skip: "skip"
    }
  }
}

/// How many files there are, as far as was counted.
public struct FileCount: Sendable, Hashable {
  /// How many were found.
  public var count = 0
  /// Whether all were looked at; otherwise there may be more.
  public var isComplete = true
}

extension FileCount: CustomStringConvertible {
  /// `3`, or `3 or more`.
  public var description: String { isComplete ? "\(count)" : "\(count) or more" }
}

/// One thing that was seen, of those that a decision is about.
public struct ReviewItem: Sendable, Hashable {
  /// The object for a person, safe to print; what is another in each run is left open.
  public let object: String
  /// What was done with it.
  public let permissions: [String]
  /// How often, as far as the log says it.
  public let times: UInt64
}

/// One question to a person, about a whole subtree of what one VM did.
public struct ReviewDecision: Sendable, Hashable {
  /// The same each time the same is asked: domain, class and what it is about.
  public let id: String
  /// The VM, or `VM/HELPER`.
  public let domain: String
  /// What kind of thing it is about.
  public let reviewClass: ReviewClass
  /// The question in a few words, safe to print.
  public let title: String
  /// What was seen.
  public let items: [ReviewItem]
  /// The answers, in the order in which they are shown; `skip` is always one.
  public let choices: [ReviewChoice]
  /// The choice that a careful person probably makes.
  public let suggested: String
  /// What a person is to know, whatever is chosen.
  public let warnings: [String]
  /// Why it cannot be allowed: it concerns another VM.
  public let conflict: String?
  /// What it depends on: the decision by which its child domain comes into being.
  public let needs: String?
  /// Changes with what was seen and what is offered: an answer to another question does not count.
  public let digest: String

  /// The VM without the helper.
  public var vm: String { String(domain.prefix { $0 != "/" }) }

  /// A choice by its name.
  public func choice(_ id: String) -> ReviewChoice? { choices.first { $0.id == id } }
}
