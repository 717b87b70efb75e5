// SPDX-License-Identifier: Apache-2.0

/// Reads a policy with all that it includes.
///
/// `include <name>` looks in the search path, in order, and then for `local/name`, which may add to it;
/// `include "name"` looks beside the file that says so. `include optional ...` accepts that there is none.
public struct PolicyLoader: Sendable {
  /// Folders for `include <name>`.
  public var searchPath: [String]
  /// The bounds.
  public var limits: Limits
  /// Names of variables that get their values later, at binding; they stay in words as they are.
  public var lateVariables: Set<String>
  /// How files are read.
  public let files: any FileReader

  /// The variables that get their values when a VM is bound: a folder handed in, and what names the VM.
  public static let bindingVariables: Set<String> = ["vmdir", "vm", "uuid", "domid"]

  /// Makes a loader.
  public init(
    searchPath: [String] = [], limits: Limits = Limits(), lateVariables: Set<String> = bindingVariables,
    files: any FileReader = SystemFileReader()
  ) {
    self.searchPath = searchPath
    self.limits = limits
    self.lateVariables = lateVariables
    self.files = files
  }

  /// Reads a policy from a file.
  ///
  /// - Throws: ``PolicyError`` with everything that was found wrong in all files.
  public func load(_ path: String, header keyword: PolicyHeader.Keyword = .policy) throws(PolicyError) -> PolicyTree {
    let bytes: [UInt8]
    do {
      bytes = try files.read(path, limit: limits.fileBytes)
    } catch {
      let location = Location(source: Source(name: path, bytes: []), range: 0..<0)
      throw PolicyError([Diagnostic(.include, at: location, "the policy cannot be read: \(error)")])
    }
    return try load(Source(name: path, bytes: bytes), header: keyword)
  }

  /// Reads a policy whose main file is already in memory; its name says where relative includes are.
  public func load(_ source: Source, header keyword: PolicyHeader.Keyword = .policy) throws(PolicyError) -> PolicyTree {
    var run = LoadRun(loader: self)
    let main = run.parse(source, path: source.name, keyword: keyword, chain: [source.name])
    guard let main, run.errors.isEmpty else { throw PolicyError(run.diagnostics) }
    let header: PolicyHeader
    do {
      header = try PolicyHeader(of: main.document, keyword: keyword)
    } catch {
      throw PolicyError(run.diagnostics + error.diagnostics)
    }
    let items = PolicyTree.flatten(main.document.statements, in: main)
    let (variables, problems) = Variables.collect(items, late: lateVariables, limits: limits)
    if !problems.isEmpty { throw PolicyError(run.diagnostics + problems) }
    return PolicyTree(
      main: main, header: header, keyword: keyword, variables: variables, files: run.order, warnings: run.diagnostics)
  }
}

/// The state of one load.
private struct LoadRun {
  let loader: PolicyLoader
  var diagnostics: [Diagnostic] = []
  var order: [PolicyFile] = []
  private var loaded: [String: PolicyFile] = [:]
  private var inclusions = 0

  init(loader: PolicyLoader) { self.loader = loader }

  var errors: [Diagnostic] { diagnostics.filter { $0.severity == .error } }

  /// Parses one file and all that it includes.
  ///
  /// - Parameter chain: The paths from the main file to this one.
  mutating func parse(
    _ source: Source, path: String, keyword: PolicyHeader.Keyword?, chain: [String]
  ) -> PolicyFile? {
    let (document, found) = Parser.parse(source, limits: loader.limits)
    diagnostics += found
    if found.contains(where: { $0.severity == .error }) { return nil }
    var header: PolicyHeader?
    if keyword == nil { header = includedHeader(of: document) }
    var brought: [Int: [PolicyFile]] = [:]
    includes(in: document.statements, of: document, path: path, chain: chain, brought: &brought)
    let file = PolicyFile(path: path, document: document, header: header, inclusions: brought)
    guard file.statementCount <= loader.limits.tokens else {
      report(
        .limit, document.location(0..<0), "with its includes the file has more than \(loader.limits.tokens) statements")
      return nil
    }
    order.append(file)
    return file
  }

  /// An included file may carry the header of an abstraction, never one of a policy or a lock.
  private mutating func includedHeader(of document: Document) -> PolicyHeader? {
    for statement in document.statements {
      let word = document.argument(statement.words[0])
      for keyword in [PolicyHeader.Keyword.policy, .lock] where word.isWord(keyword.rawValue) {
        report(
          .header, document.location(statement.headRange),
          "an included file has no \(keyword.rawValue) header; expected abstraction \"NAME\" version NUMBER, or none")
      }
    }
    guard document.statements.contains(where: { document.word($0.words[0], is: "abstraction") }) else { return nil }
    do {
      return try PolicyHeader(of: document, keyword: .abstraction)
    } catch {
      diagnostics += error.diagnostics
      return nil
    }
  }

  private mutating func includes(
    in statements: [Statement], of document: Document, path: String, chain: [String], brought: inout [Int: [PolicyFile]]
  ) {
    // Bounded: the parser limits how deep blocks are nested.
    for statement in statements {
      guard document.word(statement.words[0], is: "include") else {
        if let block = statement.block {
          includes(in: block, of: document, path: path, chain: chain, brought: &brought)
        }
        continue
      }
      if errors.count >= loader.limits.diagnostics { return }
      inclusions += 1
      guard inclusions <= loader.limits.inclusions else {
        if inclusions == loader.limits.inclusions + 1 {
          report(.limit, document.location(statement.range), "there are more than \(loader.limits.inclusions) includes")
        }
        return
      }
      brought[statement.range.lowerBound] = include(statement, of: document, path: path, chain: chain)
    }
  }

  private mutating func include(
    _ statement: Statement, of document: Document, path: String, chain: [String]
  ) -> [PolicyFile] {
    let words = statement.words.map { document.argument($0) }
    let isOptional = words.count == 3 && words[1].isWord("optional")
    guard statement.block == nil, words.count == (isOptional ? 3 : 2),
      let target = IncludeTarget(words[words.count - 1])
    else {
      report(
        .form, document.location(statement.headRange),
        "the include is malformed; expected include <NAME> or include \"NAME\"")
      return []
    }
    let location = words[words.count - 1].location
    if let problem = target.problem {
      report(.include, location, problem)
      return []
    }
    let candidates =
      switch target.kind {
      case .searched: loader.searchPath.map { Self.join($0, target.name) }
      case .relative: [Self.join(Self.folder(of: path), target.name)]
      }
    var files: [PolicyFile] = []
    if let file = first(of: candidates, isOptional: isOptional, location: location, chain: chain) { files.append(file) }
    if target.kind == .searched, !target.name.hasPrefix("local/") {
      let overrides = loader.searchPath.map { Self.join($0, "local/" + target.name) }
      if let file = first(of: overrides, isOptional: true, location: location, chain: chain) { files.append(file) }
    }
    return files
  }

  private mutating func first(
    of candidates: [String], isOptional: Bool, location: Location, chain: [String]
  ) -> PolicyFile? {
    for candidate in candidates {
      if chain.contains(candidate) {
        report(.include, location, "the file includes itself: \((chain + [candidate]).joined(separator: " -> "))")
        return nil
      }
      if let file = loaded[candidate] {
        return isWithinDepth(chain.count + file.height, location: location, chain: chain + [candidate]) ? file : nil
      }
      do {
        let bytes = try loader.files.read(candidate, limit: loader.limits.fileBytes)
        guard isWithinDepth(chain.count + 1, location: location, chain: chain + [candidate]) else { return nil }
        guard loaded.count < loader.limits.files else {
          report(.limit, location, "the policy has more than \(loader.limits.files) files")
          return nil
        }
        let source = Source(name: candidate, bytes: bytes)
        let file = parse(source, path: candidate, keyword: nil, chain: chain + [candidate])
        if let file { loaded[candidate] = file }
        return file
      } catch .missing {
        continue
      } catch {
        report(.include, location, "\(candidate) cannot be read: \(error)")
        return nil
      }
    }
    if !isOptional {
      let places =
        candidates.isEmpty ? "there are no folders to search" : "looked for \(candidates.joined(separator: ", "))"
      report(.include, location, "there is no such file to include; \(places)")
    }
    return nil
  }

  private mutating func isWithinDepth(_ depth: Int, location: Location, chain: [String]) -> Bool {
    if depth <= loader.limits.includeDepth { return true }
    report(
      .limit, location,
      "includes are nested deeper than \(loader.limits.includeDepth) files: \(chain.joined(separator: " -> "))")
    return false
  }

  private mutating func report(_ code: Diagnostic.Code, _ location: Location, _ message: String) {
    diagnostics.append(Diagnostic(code, at: location, message))
  }

  private static func join(_ folder: String, _ name: String) -> String {
    folder.isEmpty ? name : folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "" }
    return String(path[...slash])
  }
}

/// What an include statement names.
private struct IncludeTarget {
  enum Kind { case searched, relative }
  let kind: Kind
  let name: String
  let problem: String?

  init?(_ argument: Argument) {
    var bytes = argument.bytes[...]
    if argument.isQuoted {
      kind = .relative
    } else {
      guard bytes.count >= 2, bytes.first == UInt8(ascii: "<"), bytes.last == UInt8(ascii: ">") else { return nil }
      kind = .searched
      bytes = bytes.dropFirst().dropLast()
    }
    name = String(decoding: bytes, as: UTF8.self)
    let components = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    let isPlain = name.utf8.elementsEqual(bytes) && SafeText.render(bytes, limit: 4095) == name
    // Nothing outside the policy's own folders becomes part of it: what is signed must be what was reviewed.
    if !isPlain
      || components.contains(where: { $0.isEmpty || $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) })
    {
      problem = "'\(SafeText.render(bytes))' is no name to include; expected a relative name without '.', '..' or '//'"
    } else {
      problem = nil
    }
  }
}
