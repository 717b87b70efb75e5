// SPDX-License-Identifier: Apache-2.0

import CMoor
import Foundation
import Testing

@testable import EventLog

/// docs/formats.md is read by people who write other readers: what it shows must be what the code does.
@Suite("docs/formats.md")
struct FormatsDocumentTests {
  let document: String

  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    document = try String(contentsOf: root.appending(path: "docs/formats.md"), encoding: .utf8)
  }

  /// The lines of the fenced block with this info string.
  private func block(_ info: String) throws -> [Substring] {
    let lines = document.split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(lines.firstIndex(of: "```\(info)"))
    return Array(lines[(start + 1)...].prefix { $0 != "```" })
  }

  /// The bytes of a block of hex with comments.
  private func bytes(_ info: String) throws -> [UInt8] {
    let digits = try block(info).map { $0.prefix { $0 != "#" } }.joined().filter { !$0.isWhitespace }
    return try #require(HexBytes(hex: digits)).bytes
  }

  @Test("the example of a record is what the encoder writes and the reader reads")
  func record() throws {
    var event = MeasurementEvent(.measure)
    event.kind = .exec
    event.path = UntrustedText("/usr/bin/qemu-system-x86_64")
    event.algorithm = .sha256
    event.digest = HexBytes(try Digest(hashing: Array("abc".utf8), with: .sha256).bytes)
    let note = SampleLog.note(time: 2_000_000_000, pid: 512, vm: "web1")
    let record = try MeasurementRecord(number: 1, pcr: 13, banks: [.sha256], event: event, note: note)
    let shown = try bytes("hex measurement-record")
    #expect(record.encoded() == shown)
    #expect(try MeasurementLog(shown, firstRecord: 1).records == [record])
    #expect(document.contains("it is \(shown.count) bytes long"))
  }

  @Test("the example of a trust entry has the fields that it names")
  func trustEntry() throws {
    let entry = try bytes("hex trust-entry")
    let path = Array("/usr/bin/qemu-system-x86_64".utf8)
    #expect(entry.count == 72)
    #expect(entry.count.isMultiple(of: 8))
    #expect(Array(entry[..<2]) == [72, 0])
    #expect(Array(entry[2..<4]) == [UInt8(path.count), 0])
    #expect(entry[4] == UInt8(MOOR_KIND_EXEC.rawValue))
    #expect(entry[5] == UInt8(MOOR_ALGORITHM_SHA256.rawValue))
    #expect(entry[6] == 32)
    #expect(UInt32(entry[7]) == UInt32(MOOR_TRUST_DOMAIN) | UInt32(MOOR_TRUST_MEMORY_EXEC))
    #expect(Array(entry[8..<40]) == (try Digest(hashing: Array("abc".utf8), with: .sha256).bytes))
    #expect(Array(entry[40..<40 + path.count]) == path)
    #expect(entry[(40 + path.count)...].allSatisfy { $0 == 0 })
  }

  @Test("the example of the audit text is read, and written the same")
  func auditText() throws {
    let line = try #require(try block("text audit").first)
    let record = try #require(try AuditRecord(line: "audit: type=1805 audit(1.000:1): \(line)".utf8))
    #expect(record.text == String(line))
    #expect(record.event.reason == .digest)
  }

  @Test("the table of names is that of the code")
  func names() throws {
    let rows = document.split(separator: "\n").drop { $0 != "| number | record | kind | alg | reason | mode |" }
      .dropFirst(2).prefix { $0.hasPrefix("|") }
    #expect(rows.count == Reason.names.count)
    func name<Code: NamedCode>(_ type: Code.Type, _ number: UInt8) -> String {
      let code = Code(rawValue: number)
      return code.isKnown ? code.description : ""
    }
    for (number, row) in zip(UInt8.min..., rows) {
      let cells = row.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      #expect(
        cells == [
          "\(number)", name(RecordKind.self, number), name(FileKind.self, number), name(DigestMethod.self, number),
          name(Reason.self, number), name(Mode.self, number),
        ])
    }
  }
}
