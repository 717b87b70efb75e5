// SPDX-License-Identifier: Apache-2.0

/// One file of a policy, with the files that it includes.
public final class PolicyFile: Sendable {
  /// The path it was read from.
  public let path: String
  /// Its text and tree.
  public let document: Document
  /// The header of an abstraction that carries one.
  public let header: PolicyHeader?
  /// What each include statement brought in, by the statement's offset; more than one when there is a local override.
  let inclusions: [Int: [PolicyFile]]
  /// Files on the longest chain from here, this one counted.
  let height: Int
  /// Statements when all inclusions are written out.
  let statementCount: Int

  init(path: String, document: Document, header: PolicyHeader?, inclusions: [Int: [PolicyFile]]) {
    self.path = path
    self.document = document
    self.header = header
    self.inclusions = inclusions
    height = 1 + (inclusions.values.joined().map(\.height).max() ?? 0)
    statementCount = inclusions.values.joined().reduce(document.statements.count) { count, file in
      count.addingReportingOverflow(file.statementCount).overflow ? .max : count + file.statementCount
    }
  }

  /// The files that an include statement brought in; empty for any other statement.
  public func included(by statement: Statement) -> [PolicyFile] { inclusions[statement.range.lowerBound] ?? [] }
}

/// A statement and the file it stands in.
public struct PolicyItem: Sendable {
  /// The file.
  public let file: PolicyFile
  /// The statement.
  public let statement: Statement

  /// The statement's location, without its block.
  public var location: Location { file.document.location(statement.headRange) }
  /// What the first word says.
  public var keyword: Argument { file.document.argument(statement.words[0]) }
  /// How many words there are, the first counted.
  public var wordCount: Int { statement.words.count }

  /// What a word says.
  public func argument(_ index: Int) -> Argument { file.document.argument(statement.words[index]) }
}

/// A whole policy: the file that was asked for, all that it includes, and its variables.
public struct PolicyTree: Sendable {
  /// The file that was asked for.
  public let main: PolicyFile
  /// Its header.
  public let header: PolicyHeader
  /// The word that the header begins with.
  public let keyword: PolicyHeader.Keyword
  /// The variables, as all files together define them.
  public let variables: Variables
  /// Every file once, in the order of reading.
  public let files: [PolicyFile]
  /// What is odd and yet can be read.
  public let warnings: [Diagnostic]

  /// The statements outside all blocks, with those of included files where they are included; header, includes and
  /// variables are left out.
  public var items: [PolicyItem] {
    Self.flatten(main.document.statements, in: main).filter { item in
      let word = item.keyword
      return !(word.isUnescaped(Byte.at, at: 0) && word.isUnescaped(Byte.open, at: 1))
        && !PolicyHeader.Keyword.allCases.contains { word.isWord($0.rawValue) }
    }
  }

  /// The statements in a block, with those of included files where they are included.
  public func items(in block: PolicyItem) -> [PolicyItem] {
    Self.flatten(block.statement.block ?? [], in: block.file)
  }

  static func flatten(_ statements: [Statement], in file: PolicyFile) -> [PolicyItem] {
    var items: [PolicyItem] = []
    items.reserveCapacity(statements.count)
    for statement in statements {
      guard file.document.word(statement.words[0], is: "include") else {
        items.append(PolicyItem(file: file, statement: statement))
        continue
      }
      for included in file.included(by: statement) {
        let own = included.header == nil ? included.document.statements[...] : included.document.statements.dropFirst()
        items += flatten(Array(own), in: included)
      }
    }
    return items
  }
}
