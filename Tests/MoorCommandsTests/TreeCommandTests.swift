// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EventLog
import FoundationEssentials
import Testing

@testable import MoorCommands

/// `moor tree` reads logs and writes nothing but its page.
@Suite struct TreeCommandTests {
  private static let boot = "0f2c8f0e-3c5b-4a55-9d1c-7f8a1b2c3d4e"

  private static func log(_ rests: [String]) -> String {
    rests.enumerated().map { number, rest in
      "type=INTEGRITY_RULE msg=audit(170000000\(number).250:\(number + 50)): moor boot=\(boot) seq=\(number + 1) \(rest)\n"
    }.joined()
  }

  private static func path(_ path: String, _ verdict: String = "learn", vm: String = "web1", pid: Int = 512) -> String {
    "record=\(verdict) class=path permission=read,write path=\(path) program=\"/usr/bin/qemu\" vm=\"\(vm)\" pid=\(pid)"
  }

  private static let text = log([
    path("\"/srv/web1.qcow2\""), path("\"/srv/web2.qcow2\"", "deny"), path("\"/srv/web1.qcow2\"", pid: 600),
    path("2F612062"), path("\"/v\"", vm: "web2"),
  ])

  private func run(
    _ text: String, _ arguments: [String] = [], json: Bool = false
  ) throws -> (code: Int32, output: String, folder: TemporaryFolder) {
    let folder = try TemporaryFolder()
    let path = try folder.write("audit.log", text)
    let console = RecordingConsole()
    let words = (["--log", path] + arguments).map { $0.replacing("FOLDER", with: folder.path) }
    let command = try TreeCommand.parse(words)
    let code = exitCode { try command.run(CommandContext(console, try StandInModule(), json: json)) }
    return (code, console.text.replacing(folder.path + "/", with: ""), folder)
  }

  @Test func showsTheTreeAndWhatIsMissing() throws {
    let found = try run(Self.text + "type=INTEGRITY_RULE msg=audit(1.000:99): moor boot=\(Self.boot) seq=8 record=de\n")
    #expect(found.code == 0)
    #expect(
      found.output == """
        VM web1  learned 3, denied 1
          /usr/bin/qemu  learned 3, denied 1
            path  learned 3, denied 1
              /
                "a b"  read,write  learned 1  2023-11-14T22:13:23Z
                srv/
                  web1.qcow2  read,write  learned 2  2023-11-14T22:13:20Z to 2023-11-14T22:13:22Z
                  web2.qcow2  read,write  denied 1  2023-11-14T22:13:21Z
        VM web2  learned 1
          /usr/bin/qemu  learned 1
            path  learned 1
              /v  read,write  learned 1  2023-11-14T22:13:24Z

        6 lines of audit.log:
          5 about access, 0 records, 1 damaged, 0 repeated, 0 that other programs wrote in moor's name
          audit.log: line 6, column 102: expected a record's name after record=, found "de"
          boot 0f2c8f0e-3c5b-4a55-9d1c-7f8a1b2c3d4e: lines 6 to 7 lost
          run of web1, pid 512, boot 0f2c8f0e-3c5b-4a55-9d1c-7f8a1b2c3d4e: 3 accesses, 3 new
          run of web1, pid 600, boot 0f2c8f0e-3c5b-4a55-9d1c-7f8a1b2c3d4e: 1 access, 0 new
          run of web2, pid 512, boot 0f2c8f0e-3c5b-4a55-9d1c-7f8a1b2c3d4e: 1 access, 1 new
        not complete:
          2 lines are lost
          1 line cannot be read
          of the VM "web2" there is only one run
        """)
  }

  @Test func showsOneVM() throws {
    let found = try run(Self.text, ["--vm", "web2"])
    #expect(found.output.hasPrefix("VM web2"))
    #expect(!found.output.contains("VM web1"))
    #expect(try run("").output.hasPrefix("nothing was learned\n"))
  }

  @Test func exitsWithOneWhenItMustBeCompleteAndIsNot() throws {
    #expect(try run(Self.text, ["--require-complete"]).code == 1)
    let twice = Self.log([Self.path("\"/a\""), Self.path("\"/a\"", pid: 600)])
    let complete = try run(twice, ["--require-complete"])
    #expect(complete.code == 0)
    #expect(complete.output.hasSuffix("complete, as far as these logs can say"))
  }

  @Test func jsonIsAFlatListOfNodes() throws {
    struct Tree: Decodable {
      struct Node: Decodable {
        let id: Int
        let parent: Int?
        let kind: String
        let name: String
      }
      let nodes: [Node]
      let isComplete: Bool
      let reasons: [String]
    }
    let found = try run(Self.text, json: true)
    let tree = try JSONDecoder().decode(Tree.self, from: Data(found.output.utf8))
    #expect(tree.nodes.map(\.kind).filter { $0 == "vm" }.count == 2)
    #expect(Set(tree.nodes.map(\.id)).count == tree.nodes.count)
    #expect(
      tree.nodes.allSatisfy { node in node.parent.map { above in tree.nodes.contains { $0.id == above } } ?? true })
    #expect(!tree.isComplete)
    #expect(tree.reasons == ["of the VM \"web2\" there is only one run"])
  }

  /// Who chooses paths must reach neither the page's script nor its form.
  @Test func thePageIsSafeWhateverIsInALog() throws {
    let hostile = "</span><script>alert(1)</script><img src=x onerror=alert(2)>'\"&\u{202E}\u{1B}[2J"
    let hex = HexBytes(Array("/srv/\(hostile)".utf8)).description.uppercased()
    let found = try run(Self.log([Self.path(hex)]), ["--html", "FOLDER/tree.html"])
    #expect(found.output == "wrote tree.html")
    let page = try found.folder.read("tree.html")
    #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
    #expect(page.components("<script").count == 2)
    #expect(!page.contains("<img"))
    #expect(page.utf8.allSatisfy { $0 == 0x0A || (0x20...0x7E).contains($0) })
    for word in ["http:", "https:", "//", "src=", "@import", "url("] {
      #expect(!page.replacing("// ", with: "").replacing(" src=x", with: "").contains(word), "\(word)")
    }
    #expect(page.contains("default-src 'none'; style-src 'sha256-"))
    for part in [("<style>", "</style>"), ("<script>", "</script>")] {
      let start = try #require(page.range(part.0)?.upperBound)
      let end = try #require(page[start...].range(part.1)?.lowerBound)
      let digest = try Digest(hashing: Array(page[start..<end].utf8), with: .sha256)
      #expect(page.contains("'sha256-\(Data(digest.bytes).base64EncodedString())'"))
    }
  }

  @Test func saysThatALogIsNotThere() throws {
    let command = try TreeCommand.parse(["--log", "/nonexistent"])
    let code = exitCode { try command.run(CommandContext(RecordingConsole(), try StandInModule())) }
    #expect(code == 66)
  }

  @Test(arguments: [
    (UInt64(0), "1970-01-01T00:00:00Z"), (951_782_400_000, "2000-02-29T00:00:00Z"),
    (1_735_689_599_999, "2024-12-31T23:59:59Z"), (4_107_542_400_000, "2100-03-01T00:00:00Z"),
  ])
  func writesTimes(milliseconds: UInt64, text: String) {
    #expect(UTCTime(milliseconds).description == text)
  }
}

extension StringProtocol {
  /// What stands between the places where a text stands.
  fileprivate func components(_ text: String) -> [SubSequence] {
    var parts: [SubSequence] = []
    var rest = self[...]
    while let found = rest.range(text) {
      parts.append(rest[..<found.lowerBound])
      rest = rest[found.upperBound...]
    }
    return parts + [rest]
  }

  /// Where a text first stands.
  fileprivate func range(_ text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }
}
