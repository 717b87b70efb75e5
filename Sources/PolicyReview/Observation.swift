// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import EventLog
internal import Learning
internal import PolicyText

/// Something that a domain did, all its records of one object joined.
struct Observation {
  /// What it was done with, as rules can name it.
  enum Object: Hashable {
    case path(PathPattern)
    case anonymous(AnonymousKind)
    /// What one statement without a path allows.
    case statement(String, class: ReviewClass)
    /// No rule names it: what it is, safe to print.
    case other(String)
  }

  let object: Object
  /// The paths as they were, for a pattern.
  var paths: [[UInt8]] = []
  var permissions: PathPermissions
  /// The ioctl commands that were sent to it.
  var commands: Set<UInt32> = []
  var times: UInt64
  /// Whether a rule makes it the VM's own already.
  var isOwn = false
  /// How rules are asked about a statement.
  var question: AccessQuestion?

  /// The path when it is always the same.
  var literal: [UInt8]? { if case .path(let pattern) = object { pattern.literal } else { nil } }
  var pattern: PathPattern? { if case .path(let pattern) = object { pattern } else { nil } }

  var item: ReviewItem {
    let shown =
      switch object {
      case .path(let pattern): pattern.shown
      case .anonymous(let kind): kind.rawValue
      case .statement(let text, _): text
      case .other(let text): text
      }
    return ReviewItem(
      object: shown, permissions: permissions.words + RuleText.names(of: commands), times: times)
  }
}

/// All that one domain, or one program that could get a domain of its own, was seen to do.
struct ObservedDomain {
  /// The VM.
  let vm: String
  /// The name of the child domain; nil for the VM's own.
  var helper: String?
  /// The program that the child domain is for, when the policy does not have that domain yet.
  var program: [UInt8]?
  private(set) var observations: [Observation] = []
  private var places: [Observation.Object: Int] = [:]

  init(vm: String, helper: String?, program: [UInt8]?) {
    self.vm = vm
    self.helper = helper
    self.program = program
  }

  var name: String { helper.map { "\(vm)/\($0)" } ?? vm }

  /// Adds what was done, joined with what is known of the same object.
  mutating func add(
    _ object: Observation.Object, path: [UInt8]?, _ permissions: PathPermissions, commands: Set<UInt32> = [],
    times: UInt64, question: AccessQuestion? = nil
  ) {
    if let index = places[object] {
      observations[index].permissions.formUnion(permissions)
      observations[index].commands.formUnion(commands)
      observations[index].times += times
      if let path, !observations[index].paths.contains(path) { observations[index].paths.append(path) }
    } else {
      places[object] = observations.count
      observations.append(
        Observation(
          object: object, paths: path.map { [$0] } ?? [], permissions: permissions, commands: commands, times: times,
          question: question))
    }
  }
}

/// Sorts what was learned by domains.
struct ObservedDomains {
  private(set) var domains: [ObservedDomain] = []
  private(set) var notes: [String] = []
  private var places: [String: Int] = [:]
  private let policy: AccessPolicy
  private let only: Set<String>

  private struct Key: Hashable {
    let vm: String
    let program: UntrustedText
  }

  /// - Parameter only: The VMs to look at; empty for all.
  init(_ accesses: LearnedAccesses, policy: AccessPolicy, only: Set<String>) {
    self.policy = policy
    self.only = only
    // What was only recorded because a rule wants it is allowed.
    let entries = accesses.entries.filter { $0.tally.audited < $0.tally.count }
    let started = Self.startedPrograms(entries)
    for key in started where only.isEmpty || only.contains(key.vm) {
      _ = place(vm: key.vm, helper: nil, program: key.program.bytes)
    }
    for entry in entries { take(entry, started) }
    for index in domains.indices { domains[index].joinOneOffNames() }
    domains.sort { $0.name < $1.name }
  }

  /// Programs that a VM started and that could get a domain of their own; those that a rule lets run in the VM's do not.
  private static func startedPrograms(_ entries: [LearnedAccesses.Entry]) -> [Key] {
    var keys: [Key] = []
    for entry in entries where entry.access.subject.helper == 0 && entry.access.permissions.contains(.execute) {
      let subject = entry.access.subject
      guard case .path(let path) = entry.access.object, path != subject.program, isName(subject.vm.bytes),
        OneOffNames.pattern(of: path.bytes, isCreated: false).literal != nil, PathBytes.isNameable(path.bytes)
      else { continue }
      let key = Key(vm: subject.vm.description, program: path)
      if !keys.contains(key) { keys.append(key) }
    }
    return keys
  }

  private mutating func take(_ entry: LearnedAccesses.Entry, _ started: [Key]) {
    let subject = entry.access.subject
    let vm = subject.vm.description
    guard Self.isName(subject.vm.bytes) else {
      note("\(subject.vm.quoted) is no name that a policy can have: what it did is left out")
      return
    }
    guard only.isEmpty || only.contains(vm) else { return }
    var helper: String?
    var program: [UInt8]?
    if subject.helper > 0 {
      guard let known = helperName(vm, subject.helper) else {
        note("\(vm): the policy has no helper of number \(subject.helper): what it did is left out")
        return
      }
      helper = known
    } else if let own = subject.program, started.contains(Key(vm: vm, program: own)) {
      program = own.bytes
    }
    let place = place(vm: vm, helper: helper, program: program)
    let helpers = helperNames(vm)
    if case .other(let name, let fields) = entry.access.object,
      let found = PathlessAccess(class: name, fields: fields, helpers: helpers)
    {
      domains[place].add(
        found.object, path: found.path, found.permissions, commands: Set(found.command.map { [$0] } ?? []),
        times: entry.tally.count,
        question: AccessQuestion(entry.access.object, entry.access.permissions, helpers: helpers))
      return
    }
    let (object, path) = Self.object(entry.access)
    domains[place].add(object, path: path, entry.access.permissions, times: entry.tally.count)
  }

  private mutating func note(_ text: String) { if !notes.contains(text) { notes.append(text) } }

  private func helperName(_ vm: String, _ number: UInt32) -> String? {
    let names = helperNames(vm)
    return names.indices.contains(Int(number) - 1) ? names[Int(number) - 1] : nil
  }

  private func helperNames(_ vm: String) -> [String] {
    (policy.domain(vm) ?? policy.domain("template guest"))?.helpers(in: policy) ?? []
  }

  private mutating func place(vm: String, helper: String?, program: [UInt8]?) -> Int {
    let key = "\(vm)/\(helper ?? "")/\(program.map { SafeText.render($0, limit: .max) } ?? "")"
    if let known = places[key] { return known }
    let name = helper ?? program.map { freeName(PathBytes.name(of: $0), vm: vm) }
    places[key] = domains.count
    domains.append(ObservedDomain(vm: vm, helper: name, program: program))
    return domains.count - 1
  }

  /// A name for a helper, after its program.
  private func freeName(_ program: [UInt8], vm: String) -> String {
    let letters = program.filter { PathBytes.isAlphanumeric($0) || "._-".utf8.contains($0) }.prefix(48)
    var name = String(decoding: letters.drop { !PathBytes.isAlphanumeric($0) }, as: UTF8.self)
    if name.isEmpty || name == "vm" || name == "hypervisor" { name = "program" }
    let taken = Set(
      domains.filter { $0.vm == vm }.compactMap(\.helper) + (policy.domain(vm)?.helpers(in: policy) ?? []))
    var number = 2
    var free = name
    while taken.contains(free) {
      free = "\(name)-\(number)"
      number += 1
    }
    return free
  }

  private static func object(_ access: LearnedAccess) -> (Observation.Object, [UInt8]?) {
    switch access.object {
    case .path(let path):
      guard PathBytes.isNameable(path.bytes), !access.permissions.isEmpty else {
        return (.other("path \(path.quoted)"), nil)
      }
      let isCreated = access.permissions.contains(.create)
      return (.path(OneOffNames.pattern(of: path.bytes, isCreated: isCreated)), path.bytes)
    case .anonymous(let kind):
      guard let known = AnonymousKind(rawValue: kind) else { return (.other("anonymous \(kind)"), nil) }
      return (.anonymous(known), nil)
    case .noPath: return (.other("files to which no path leads"), nil)
    case .mount: return (.other("mounts, or another root"), nil)
    case .other(let name, let fields):
      let words = fields.prefix(4).map { "\($0.key)=\(SafeText.render($0.value.bytes, limit: 60))" }
      return (.other(([name] + words).joined(separator: " ")), nil)
    }
  }

  /// 1 to 63 letters, digits, `.`, `_`, `-`, the first a letter or a digit.
  static func isName(_ bytes: [UInt8]) -> Bool {
    guard (1...63).contains(bytes.count), PathBytes.isAlphanumeric(bytes[0]) else { return false }
    return bytes.allSatisfy { PathBytes.isAlphanumeric($0) || "._-".utf8.contains($0) }
  }
}

extension ObservedDomain {
  /// Files that are made anew under names which nothing but several runs tells apart become one.
  fileprivate mutating func joinOneOffNames() {
    struct Shape: Hashable {
      let folder: [UInt8]
      let length: Int
    }
    var groups: [Shape: [Int]] = [:]
    for (index, observation) in observations.enumerated() {
      guard let path = observation.literal, observation.permissions.contains(.create),
        observation.permissions.contains(.delete) || PathBytes.isBelow(path, OneOffNames.temporaryFolders)
      else { continue }
      groups[Shape(folder: PathBytes.folder(of: path), length: path.count), default: []].append(index)
    }
    var gone: Set<Int> = []
    for indices in groups.values.sorted(by: { $0[0] < $1[0] }) {
      let paths = indices.compactMap { observations[$0].literal }
      guard let pattern = OneOffNames.joined(paths) else { continue }
      gone.formUnion(indices)
      for observation in indices.map({ observations[$0] }) {
        add(
          .path(pattern), path: observation.literal, observation.permissions, commands: observation.commands,
          times: observation.times)
      }
    }
    observations = observations.enumerated().filter { !gone.contains($0.offset) }.map(\.element)
    places = [:]
  }
}
