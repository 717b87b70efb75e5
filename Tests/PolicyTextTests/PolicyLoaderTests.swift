// SPDX-License-Identifier: Apache-2.0

import PolicyText
import Testing

@Suite struct PolicyLoaderTests {
  private func load(
    _ files: [String: String], searchPath: [String] = ["/lib", "/etc"], limits: Limits = Limits(),
    late: Set<String> = [],
    unreadable: Set<String> = []
  ) throws(PolicyError) -> PolicyTree {
    try PolicyLoader(
      searchPath: searchPath, limits: limits, lateVariables: late,
      files: MemoryFiles(contents: files, unreadable: unreadable)
    ).load("/p/main")
  }

  private func words(_ tree: PolicyTree) -> [String] {
    tree.items.map { item in (0..<item.wordCount).map { item.argument($0).shown }.joined(separator: " ") }
  }

  private func problems(
    _ files: [String: String], limits: Limits = Limits(), late: Set<String> = [], unreadable: Set<String> = []
  ) -> [String] {
    do {
      return try load(files, limits: limits, late: late, unreadable: unreadable).warnings.map(\.summary)
    } catch {
      return error.diagnostics.map(\.summary)
    }
  }

  static let head = "policy \"n\" version 7\n"

  @Test func readsTheHeader() throws {
    let header = try load(["/p/main": "# c\npolicy \"hosts/rack12\" version 7 generation 3\n"]).header
    #expect(header.name == "hosts/rack12")
    #expect(header.version == 7)
    #expect(header.generation == 3)
  }

  static let form = "policy \"NAME\" version NUMBER"

  @Test(arguments: [
    ("", "/p/main:1:1: error: the file has no header; expected \(form)"),
    ("polcy \"n\" version 7\n", "/p/main:1:1: error: the file has no header; expected \(form); nearest: policy"),
    ("a\npolicy \"n\" version 7\n", "/p/main:1:1: error: the file has no header; expected \(form)"),
    ("policy\n", "/p/main:1:1: error: the header is incomplete; expected \(form)"),
    ("policy \"n\"\n", "/p/main:1:1: error: the version is missing; expected \(form)"),
    ("policy \"n\" version\n", "/p/main:1:12: error: a number is missing after 'version'"),
    (
      "policy \"n\" version 0\n",
      "/p/main:1:20: error: '0' is no version; expected a number from 1 to 18446744073709551615"
    ),
    (
      "policy \"n\" version -1\n",
      "/p/main:1:20: error: '-1' is no version; expected a number from 1 to 18446744073709551615"
    ),
    (
      "policy \"n\" version 18446744073709551616\n",
      "/p/main:1:20: error: '18446744073709551616' is no version; expected a number from 1 to 18446744073709551615"
    ),
    (
      "policy \"n\" verison 7\n",
      "/p/main:1:12: error: 'verison' is no part of a header; expected version or generation; nearest: version"
    ),
    ("policy \"n\" version 7 version 8\n", "/p/main:1:22: error: 'version' stands twice"),
    ("policy \"\" version 7\n", "/p/main:1:8: error: a name has 1 to 127 bytes, this one has 0"),
    ("policy \"a\\nb\" version 7\n", "/p/main:1:8: error: a name is UTF-8 without control characters"),
    ("policy \"\\xff\" version 7\n", "/p/main:1:8: error: a name is UTF-8 without control characters"),
    ("policy \"n\" version 7 {\n}\n", "/p/main:1:1: error: the header is incomplete; expected \(form)"),
    ("policy \"n\" version 7\npolicy \"m\" version 8\n", "/p/main:2:1: error: the file has a second header"),
  ]) func refusesHeader(_ text: String, _ expected: String) {
    #expect(problems(["/p/main": text]) == [expected])
  }

  @Test func includesFromSearchPathBesideItselfAndLocal() throws {
    let tree = try load([
      "/p/main": Self.head + "a\ninclude <abs/q>\ninclude \"more/b\"\ninclude optional <gone>\nz\n",
      "/etc/abs/q": "q-from-etc\n", "/lib/abs/q": "abstraction \"q\" version 2\nq-from-lib\n",
      "/etc/local/abs/q": "q-local\n", "/p/more/b": "include \"c\"\n", "/p/more/c": "c\n",
    ])
    #expect(words(tree) == ["a", "q-from-lib", "q-local", "c", "z"])
    #expect(tree.files.first { $0.path == "/lib/abs/q" }?.header?.version == 2)
  }

  @Test func includesInsideBlocks() throws {
    let tree = try load(["/p/main": Self.head + "vm x {\n  include <q>\n  own\n}\n", "/lib/q": "one\ntwo\n"])
    let block = try #require(tree.items.first)
    #expect(tree.items(in: block).map(\.keyword.shown) == ["one", "two", "own"])
  }

  @Test func namesTheChainOfACycle() {
    let files = ["/p/main": Self.head + "include <a>\n", "/lib/a": "include <b>\n", "/lib/b": "x\ninclude <a>\n"]
    #expect(problems(files) == ["/lib/b:2:9: error: the file includes itself: /p/main -> /lib/a -> /lib/b -> /lib/a"])
  }

  @Test func namesTheChainThatIsTooDeep() {
    var files = ["/p/main": Self.head + "include <f1>\n"]
    for index in 1..<20 { files["/lib/f\(index)"] = "include <f\(index + 1)>\n" }
    files["/lib/f20"] = "x\n"
    let chain = (["/p/main"] + (1...16).map { "/lib/f\($0)" }).joined(separator: " -> ")
    #expect(problems(files) == ["/lib/f15:1:9: error: includes are nested deeper than 16 files: \(chain)"])
  }

  @Test func countsDepthThroughFilesReadBefore() {
    var files = ["/p/main": Self.head + "include <g5>\ninclude <f1>\n"]
    for index in 1..<9 { files["/lib/f\(index)"] = "include <f\(index + 1)>\n" }
    files["/lib/f9"] = "include <g1>\n"
    for index in 1..<12 { files["/lib/g\(index)"] = "include <g\(index + 1)>\n" }
    files["/lib/g12"] = "x\n"
    #expect(problems(files).count == 1)
    #expect(problems(files).first?.contains("includes are nested deeper than 16 files") == true)
  }

  @Test func boundsIncludesThatMultiply() {
    var files = ["/p/main": Self.head + "include <f1>\n"]
    let text = { (index: Int) in String(repeating: "include <f\(index)>\n", count: 40) }
    for index in 1..<12 { files["/lib/f\(index)"] = text(index + 1) }
    files["/lib/f12"] = "x\n"
    #expect(problems(files).first?.contains("with its includes the file has more than") == true)
  }

  @Test(arguments: [
    (
      "include <../x>\n", "2:9: error: '../x' is no name to include; expected a relative name without '.', '..' or '//'"
    ),
    (
      "include \"/etc/x\"\n",
      "2:9: error: '/etc/x' is no name to include; expected a relative name without '.', '..' or '//'"
    ),
    (
      "include \"a/./b\"\n",
      "2:9: error: 'a/./b' is no name to include; expected a relative name without '.', '..' or '//'"
    ),
    ("include <>\n", "2:9: error: '' is no name to include; expected a relative name without '.', '..' or '//'"),
    ("include x\n", "2:1: error: the include is malformed; expected include <NAME> or include \"NAME\""),
    ("include\n", "2:1: error: the include is malformed; expected include <NAME> or include \"NAME\""),
    ("include <a> <b>\n", "2:1: error: the include is malformed; expected include <NAME> or include \"NAME\""),
    ("include <a> {\n}\n", "2:1: error: the include is malformed; expected include <NAME> or include \"NAME\""),
    ("include <a>\n", "2:9: error: there is no such file to include; looked for /lib/a, /etc/a"),
    ("include \"u\"\n", "2:9: error: /p/u cannot be read: permission denied"),
  ]) func refusesInclude(_ text: String, _ expected: String) {
    #expect(problems(["/p/main": Self.head + text], unreadable: ["/p/u"]) == ["/p/main:" + expected])
  }

  @Test func refusesHeadersInIncludedFiles() {
    let files = ["/p/main": Self.head + "include <a>\n", "/lib/a": "policy \"x\" version 1\n"]
    #expect(
      problems(files) == [
        "/lib/a:1:1: error: an included file has no policy header; expected abstraction \"NAME\" version NUMBER, or none"
      ])
  }

  @Test func reportsErrorsOfAllFiles() {
    let files = ["/p/main": Self.head + "include <a>\ninclude <b>\n", "/lib/a": "x;\n", "/lib/b": "y;\n"]
    #expect(problems(files).map { $0.prefix(8) } == ["/lib/a:1", "/lib/b:1"])
  }

  @Test func expandsVariables() throws {
    let tree = try load(
      [
        "/p/main": Self.head + "f @{images}/@{kind}.img\ninclude <v>\n@{images} += \"/a b*\"\nlate @{vmdir}/@{kind}\n",
        "/lib/v": "@{images} = @{root}/images\n@{root} = /srv\n@{kind} = x y\n",
      ], late: ["vmdir"])
    let expanded = try tree.variables.expand(tree.items[0].argument(1))
    #expect(expanded.map(\.shown) == ["/srv/images/x.img", "/srv/images/y.img", "/a b*/x.img", "/a b*/y.img"])
    #expect(expanded.map(\.hasWildcards) == [false, false, false, false])
    #expect(try tree.variables.expand(tree.items[1].argument(1)).map(\.shown) == ["@{vmdir}/x", "@{vmdir}/y"])
  }

  @Test func takesVariablesInStringsAndEscapesLiterally() throws {
    let tree = try load(["/p/main": Self.head + "f \"@{x}\" \\@{x}\n"])
    #expect(try tree.variables.expand(tree.items[0].argument(1)).map(\.shown) == ["@{x}"])
    #expect(try tree.variables.expand(tree.items[0].argument(2)).map(\.shown) == ["@{x}"])
  }

  @Test(arguments: [
    ("@{a} /x\n", "2:1: error: the definition is malformed; expected @{a} = VALUE ..."),
    ("@{a} =\n", "2:1: error: the definition is malformed; expected @{a} = VALUE ..."),
    ("@{} = x\n", "2:1: error: '@{}' is no variable; expected @{NAME} of letters, digits, '_' and '-'"),
    ("@{a}b = x\n", "2:1: error: '@{a}b' is no variable; expected @{NAME} of letters, digits, '_' and '-'"),
    ("@{a} += x\n", "2:1: error: there is no variable @{a}; expected one that a statement @{a} = ... defines"),
    (
      "@{images} = @{imagse}/x\n",
      "2:13: error: there is no variable @{imagse}; expected one that a statement @{imagse} = ... defines; nearest: @{images}"
    ),
    ("@{a} = x\n@{a} = y\n", "3:1: error: @{a} is defined twice; expected += to add to it"),
    ("@{a} = @{a}\n", "2:8: error: the variable is defined by itself: @{a} -> @{a}"),
    ("@{vm} = x\n", "2:1: error: @{vm} gets its value when a VM is bound and cannot be defined"),
  ]) func refusesVariable(_ text: String, _ expected: String) {
    #expect(problems(["/p/main": Self.head + text], late: ["vm"]) == ["/p/main:" + expected])
  }

  @Test func boundsVariablesThatMultiply() {
    var text = Self.head + "@{v0} = a b c d\n"
    for index in 1..<60 { text += "@{v\(index)} = @{v\(index - 1)}@{v\(index - 1)}\n" }
    #expect(problems(["/p/main": text]).first?.hasSuffix("error: variables give more than 4096 values") == true)
    text = Self.head + "@{v0} = \"\"\n"
    for index in 1..<60 { text += "@{v\(index)} = @{v\(index - 1)}@{v\(index - 1)}\n" }
    #expect(problems(["/p/main": text]) == [])
  }
}
