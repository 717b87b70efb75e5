// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

/// Reads a glob from a word.
///
/// In a bare word `?` is one byte but `/`, `*` any number of bytes but `/`, `**` any number of bytes, `[...]` one byte of
/// a class, `[...]+` one or more, `{a,b}` one of several. A quoted string, and what a backslash stands before, is literal.
struct GlobReader {
  /// Why a word is no glob.
  struct Problem: Error {
    let message: String
    /// The nearest valid form.
    let nearest: String?

    init(_ message: String, nearest: String? = nil) {
      self.message = message
      self.nearest = nearest
    }
  }

  static let deepest = 8
  private let bytes: [UInt8]
  private let argument: Argument
  private let vm: [UInt8]?
  private var index = 0

  /// - Parameter vm: What `@{vm}` stands for; nil when that is known only at binding.
  private init(_ argument: Argument, vm: [UInt8]?) {
    self.argument = argument
    self.vm = vm
    bytes = argument.bytes
  }

  /// Reads a path or a pattern of paths, absolute or below `@{vmdir}`.
  static func read(_ argument: Argument, vm: [UInt8]?) throws(Problem) -> Glob {
    var reader = GlobReader(argument, vm: vm)
    if let directory = reader.takeVariable("vmdir") {
      guard directory == argument.bytes.count || argument.bytes[directory] == ByteSet.slash else {
        throw Problem("@{vmdir} is a whole folder; expected '/' behind it")
      }
      reader.index = directory
      try checkComponents(argument, from: directory)
      return Glob(root: .vmDirectory, elements: try reader.sequence(depth: 0))
    }
    guard argument.bytes.first == ByteSet.slash else {
      let isPlain = !argument.hasWildcards && !argument.bytes.isEmpty
      throw Problem(
        "the path is relative; expected one that begins with '/' or with @{vmdir}",
        nearest: isPlain ? Quote.word([ByteSet.slash] + argument.bytes) : nil)
    }
    try checkComponents(argument, from: 0)
    return Glob(root: .path, elements: try reader.sequence(depth: 0))
  }

  /// Reads what stands behind the `@` of an abstract socket's name.
  static func readAbstract(_ argument: Argument, vm: [UInt8]?) throws(Problem) -> Glob {
    var reader = GlobReader(argument, vm: vm)
    reader.index = 1
    guard argument.bytes.count > 1 else { throw Problem("the abstract socket has no name; expected @NAME") }
    return Glob(root: .abstract, elements: try reader.sequence(depth: 0))
  }

  /// The kernel knows files by paths without empty, `.` and `..` components and without `/` at the end.
  private static func checkComponents(_ argument: Argument, from start: Int) throws(Problem) {
    let bytes = argument.bytes[start...]
    if bytes.isEmpty || bytes.count == 1 && start == 0 { return }
    let normal = bytes.split(separator: ByteSet.slash).filter { !$0.elementsEqual(".".utf8) }
    let isPlain = !argument.hasWildcards && start == 0
    let nearest = isPlain ? Quote.word(normal.flatMap { [ByteSet.slash] + $0 }) : nil
    if bytes.last == ByteSet.slash {
      throw Problem("the path ends with '/'; expected a file's, or a folder's without it", nearest: nearest)
    }
    for component in bytes.dropFirst().split(separator: ByteSet.slash, omittingEmptySubsequences: false) {
      if component.isEmpty { throw Problem("the path has a doubled '/'", nearest: nearest) }
      if component.elementsEqual(".".utf8) || component.elementsEqual("..".utf8) {
        throw Problem("the path has a component '.' or '..'; the kernel knows files by their resolved path")
      }
    }
  }

  private func isMark(_ mark: Unicode.Scalar, at index: Int) -> Bool {
    index < bytes.count && bytes[index] == UInt8(ascii: mark) && !argument.isLiteral(at: index)
  }

  /// The end of `@{name}` at the index, when it stands there.
  private func takeVariable(_ name: String) -> Int? {
    guard isMark("@", at: index), isMark("{", at: index + 1) else { return nil }
    let end = index + 2 + name.utf8.count
    guard end < bytes.count, bytes[(index + 2)..<end].elementsEqual(name.utf8), bytes[end] == UInt8(ascii: "}") else {
      return nil
    }
    return end + 1
  }

  /// Elements up to the end, or up to the `,` or `}` of the alternatives they stand in.
  private mutating func sequence(depth: Int) throws(Problem) -> [Glob.Element] {
    var elements: [Glob.Element] = []
    var literal: [UInt8] = []
    func flushed() -> [Glob.Element] { literal.isEmpty ? elements : elements + [.literal(literal)] }
    while index < bytes.count {
      if depth > 0, isMark(",", at: index) || isMark("}", at: index) { break }
      guard let element = try next(depth: depth, literal: &literal) else { continue }
      elements = flushed()
      literal = []
      if case .many(let set) = element, case .many(let last) = elements.last {
        // Two stars in a row are the wider of the two.
        if last == set { continue }
        if set.contains(ByteSet.slash), last == .anyButSlash { elements.removeLast() }
      }
      elements.append(element)
    }
    return flushed()
  }

  /// One element, or nil when it was a byte that went to the literal.
  private mutating func next(depth: Int, literal: inout [UInt8]) throws(Problem) -> Glob.Element? {
    if isMark("?", at: index) {
      index += 1
      return .one(.anyButSlash)
    }
    if isMark("*", at: index) {
      let start = index
      while isMark("*", at: index) { index += 1 }
      return .many(index - start > 1 ? .any : .anyButSlash)
    }
    if isMark("[", at: index) {
      let set = try byteClass()
      guard isMark("+", at: index) else { return .one(set) }
      index += 1
      return .alternatives([[.one(set), .many(set)]])
    }
    if isMark("{", at: index) { return try alternatives(depth: depth) }
    if isMark("@", at: index), isMark("{", at: index + 1) { return try value(literal: &literal) }
    literal.append(bytes[index])
    index += 1
    return nil
  }

  private mutating func value(literal: inout [UInt8]) throws(Problem) -> Glob.Element? {
    if takeVariable("vmdir") != nil {
      throw Problem("@{vmdir} stands within the path; expected it at the beginning")
    }
    for value in Glob.Value.allCases {
      guard let end = takeVariable(value.name) else { continue }
      index = end
      guard value == .vm, let vm else { return .value(value) }
      literal += vm
      return nil
    }
    throw Problem("a variable is left unexpanded")
  }

  private mutating func alternatives(depth: Int) throws(Problem) -> Glob.Element {
    guard depth < Self.deepest else { throw Problem("alternatives are nested deeper than \(Self.deepest)") }
    index += 1
    var parts: [[Glob.Element]] = []
    while true {
      parts.append(try sequence(depth: depth + 1))
      guard index < bytes.count else { throw Problem("a '{' is not closed; expected '}', or \\{ for the character") }
      let isEnd = isMark("}", at: index)
      index += 1
      if isEnd { break }
    }
    if parts.count == 1 {
      throw Problem("'{...}' holds one alternative only; expected {a,b}, or \\{ and \\} for the characters")
    }
    return .alternatives(parts)
  }

  /// `[abc]`, `[a-z]`, `[^...]`; never a `/`, which only `**` and a literal match.
  private mutating func byteClass() throws(Problem) -> ByteSet {
    index += 1
    let isNegated = isMark("^", at: index) || isMark("!", at: index)
    if isNegated { index += 1 }
    var listed: [UInt8] = []
    while !isMark("]", at: index) {
      let first = try classByte()
      guard isMark("-", at: index), !isMark("]", at: index + 1) else {
        listed.append(first)
        continue
      }
      index += 1
      let last = try classByte()
      guard first <= last else {
        throw Problem("the range in '[...]' runs backwards; expected the lower of the two first")
      }
      listed += first...last
    }
    index += 1
    if listed.isEmpty { throw Problem("the class is empty; expected [abc], or \\[ and \\] for the characters") }
    if listed.contains(ByteSet.slash) { throw Problem("a class never matches '/'; expected one without it") }
    if isNegated { return ByteSet(allBut: listed + [ByteSet.slash]) }
    var set = ByteSet()
    for byte in listed { set.insert(byte) }
    return set
  }

  private mutating func classByte() throws(Problem) -> UInt8 {
    guard index < bytes.count else { throw Problem("a '[' is not closed; expected ']', or \\[ for the character") }
    let byte = bytes[index]
    let isLiteral = argument.isLiteral(at: index)
    if byte >= 0x80, !isLiteral {
      throw Problem("a class holds single bytes; expected alternatives such as {ä,ö}")
    }
    if byte == UInt8(ascii: "["), !isLiteral { throw Problem("'[' stands in a class; expected \\[") }
    index += 1
    return byte
  }
}
