// SPDX-License-Identifier: Apache-2.0

import PolicyText
import Testing
import TrustPolicy

@Suite struct TrustEditTests {
  static let one = String(repeating: "11", count: 32)
  static let two = String(repeating: "22", count: 32)
  static let text = """
    # Who changed what and why.
    policy "n" version 1

    trust {
      exec   /a  memory-exec   # the emulator
      exec /b sha256:\(one)  # b
      library /c \\
          sha256:\(one) \\
          sha256:\(two)   # c
      library /c fsverity-sha256:\(one)  # the same
      # end
    }

    """

  private func edit(_ edits: [TrustEdit], _ text: String = text) throws -> String {
    let document = try Document(parsing: Source(name: "p", text: text)).applying(edits)
    return String(decoding: document.bytes, as: UTF8.self)
  }

  @Test func changesNothingElse() throws {
    let result = try edit([.setDigests(.exec, try TrustPath("/a"), [try digest(0x22)])])
    #expect(result == Self.text.replacing("/a  memory-exec ", with: "/a  memory-exec sha256:\(Self.two) "))
    #expect(try edit([.setDigests(.exec, try TrustPath("/b"), [try digest(0x11)])]) == Self.text)
    #expect(try edit([]) == Self.text)
  }

  @Test func addsAndRemovesDigests() throws {
    let path = try TrustPath("/b")
    let both = try edit([.addDigests(.exec, path, [try digest(0x22), try digest(0x11)])])
    #expect(
      both
        == Self.text.replacing(
          "exec /b sha256:\(Self.one)", with: "exec /b \\\n      sha256:\(Self.one) \\\n      sha256:\(Self.two)"))
    #expect(
      try edit([.removeDigests(.exec, path, [try digest(0x11)])])
        == Self.text.replacing("/b sha256:\(Self.one)", with: "/b"))
    let chain: [TrustEdit] = [
      .addDigests(.exec, path, [try digest(0x22)]), .removeDigests(.exec, path, [try digest(0x11)]),
    ]
    #expect(try edit(chain) == Self.text.replacing("/b sha256:\(Self.one)", with: "/b sha256:\(Self.two)"))
  }

  @Test func joinsStatementsOfOnePath() throws {
    let result = try edit([.setDigests(.library, try TrustPath("/c"), [try digest(0x22)])])
    #expect(result.contains("  library /c sha256:\(Self.two)   # c\n  # end\n"))
  }

  @Test func addsAndRemovesStatements() throws {
    let result = try edit([
      .add(.firmware, try TrustPath("/a b"), [], []), .add(.exec, try TrustPath("/d"), [], [try digest(0x11)]),
      .remove(.library, try TrustPath("/c")),
    ])
    #expect(
      result.hasSuffix(
        "  exec /b sha256:\(Self.one)  # b\n  # end\n  firmware \"/a b\"\n  exec /d measured sha256:\(Self.one)\n}\n"))
    let fresh = try edit([.add(.exec, try TrustPath("/a"), .domain, [])], "policy \"n\" version 1\n")
    #expect(fresh == "policy \"n\" version 1\n\ntrust {\n  exec /a\n}\n")
  }

  @Test func tellsWhatCanBeEdited() throws {
    let text =
      "policy \"n\" version 1\n@{v} = /x\ntrust {\n exec /a\n library @{v}/b\n library /usr/lib/x/*\n firmware \"/a b\"\n}\nother {\n exec /z\n}\n"
    let document = try Document(parsing: Source(name: "p", text: text))
    #expect(
      document.editableTrustSubjects
        == Set([
          TrustSubject(kind: .exec, path: try TrustPath("/a")),
          TrustSubject(kind: .firmware, path: try TrustPath("/a b")),
        ]))
  }

  @Test func refusesPathsThatDoNotStandThere() throws {
    func codes(_ edits: [TrustEdit]) -> [String] {
      do {
        _ = try edit(edits)
        return []
      } catch let error as PolicyError {
        return error.diagnostics.map(\.message)
      } catch {
        return ["\(error)"]
      }
    }
    #expect(codes([.setDigests(.exec, try TrustPath("/z"), [])]) == ["no exec entry of this file names /z"])
    #expect(codes([.setDigests(.library, try TrustPath("/a"), [])]) == ["no library entry of this file names /a"])
    #expect(codes([.add(.exec, try TrustPath("/a"), .domain, [])]) == ["/a stands here already"])
    let new = TrustEdit.add(.exec, try TrustPath("/n"), .domain, [])
    #expect(codes([new, new]) == ["/n is to be added twice"])
    let gone = TrustEdit.remove(.exec, try TrustPath("/a"))
    #expect(codes([gone, gone]) == ["no exec entry of this file names /a"])
    #expect(codes([gone, .add(.exec, try TrustPath("/a"), .domain, [])]) == [])
  }
}
