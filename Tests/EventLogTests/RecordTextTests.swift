// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import EventLog

@Suite("Records as text and as JSON")
struct RecordTextTests {
  @Test("each kind of record is one line of key=value")
  func lines() throws {
    let zero = "sha256:\(String(repeating: "0", count: 64)),sha384:\(String(repeating: "0", count: 96))"
    let boot = "boot=0f2c8f0e-3c5b-4a55-9d1c-7f8a1b2c3d4e"
    #expect(
      try SampleLog.make().records.map(\.description) == [
        "number=0 \(boot) record=start mode=none abi=1 build-id=000102030405060708090a0b0c0d0e0f10111213 "
          + "programs=6deef7357e7b4530,a04f5eef06a7f555 pcr-before=\(zero) closed=0",
        "number=1 \(boot) record=cap",
        "number=2 \(boot) record=policy alg=sha256 digest=\(String(repeating: "5a", count: 32)) mode=enforcing "
          + "name=\"hosts/rack12\" version=7 generation=0 pid=411",
        "number=3 \(boot) record=mode mode=enforcing",
        "number=4 \(boot) record=measure kind=exec path=\"/usr/bin/qemu-system-x86_64\" alg=sha256 "
          + "digest=\(String(repeating: "14", count: 32)) vm=\"web1\" pid=512",
        "number=5 \(boot) record=refuse kind=library path=\"/usr/lib/x86_64-linux-gnu/libc.so.6\" alg=sha256 "
          + "digest=\(String(repeating: "ee", count: 32)) expected=\(String(repeating: "11", count: 32)) "
          + "reason=digest vm=\"web1\" pid=513",
        "number=6 record=unmeasured kind=module reason=no-file",
        "number=7 record=lock",
        "number=8 \(boot) record=release",
      ])
  }

  @Test("a path cannot begin a line, clear a terminal or add a key")
  func hostilePath() throws {
    let path = "/tmp/\u{1B}[2J\nnumber=9 record=cap\" reason=none"
    let record = try MeasurementRecord(
      number: 4, pcr: 13, banks: [.sha256], event: SampleLog.measure(path: path),
      note: SampleLog.note(time: 1, vm: "a\" pid=1"))
    #expect(record.description.utf8.allSatisfy { (0x20...0x7E).contains($0) })
    #expect(record.description.contains("path=\"/tmp/\\x1b[2J\\x0anumber=9 record=cap\\\" reason=none\""))
    #expect(record.description.hasSuffix("vm=\"a\\\" pid=1\""))
  }

  @Test("a log goes through JSON unchanged")
  func json() throws {
    let log = try SampleLog.make()
    let data = try JSONEncoder().encode(log)
    #expect(try JSONDecoder().decode(MeasurementLog.self, from: data) == log)
  }

  @Test("JSON has names, hex and escaped text")
  func jsonForm() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let record = try MeasurementRecord(
      number: 4, pcr: 13, banks: [.sha1], event: SampleLog.measure(path: "/a\n"), note: SampleLog.note(time: 5, pid: 6))
    let json = String(decoding: try encoder.encode(record), as: UTF8.self)
    #expect(
      json == """
        {"digests":[{"algorithm":"sha1","digest":"\(HexBytes(record.digests[0].bytes))"}],\
        "event":{"algorithm":"sha256","digest":"\(String(repeating: "14", count: 32))","kind":"exec",\
        "path":"/a\\\\x0a","record":"measure","unknown":[]},"extended":"\(record.extended)",\
        "note":{"boot":"0f2c8f0e-3c5b-4a55-9d1c-7f8a1b2c3d4e","pid":6,"time":5,"unknown":[]},\
        "number":4,"pcr":13,"unknown":[]}
        """)
  }

  static let badJSON: [(what: String, old: String, new: String)] = [
    ("an event that the extended bytes do not say", "\"exec\"", "\"module\""),
    ("a path that is not escaped", "/usr/bin", "/usr\\u0007bin"),
    ("a digest of another length", "\"sha1\"", "\"sha256\""),
    ("an algorithm without a name", "\"sha1\"", "\"md4\""),
    ("a record without a name", "\"measure\"", "\"measured\""),
    ("bytes that are not hex", "\"extended\":\"01", "\"extended\":\"0z"),
    ("a boot id that is none", "0f2c8f0e-", "0f2c8f0e"),
  ]

  @Test("JSON that was changed is refused", arguments: badJSON.indices)
  func changedJSON(row: Int) throws {
    let record = try MeasurementRecord(
      number: 4, pcr: 13, banks: [.sha1], event: SampleLog.measure(), note: SampleLog.note(time: 5))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes]
    let json = String(decoding: try encoder.encode(record), as: UTF8.self)
    let (what, old, new) = Self.badJSON[row]
    let changed = json.replacingOccurrences(of: old, with: new)
    #expect(changed != json)
    #expect(throws: (any Error).self, "\(what)") {
      try JSONDecoder().decode(MeasurementRecord.self, from: Data(changed.utf8))
    }
    #expect(try JSONDecoder().decode(MeasurementRecord.self, from: Data(json.utf8)) == record)
  }

  @Test("an audit record goes through JSON unchanged")
  func auditJSON() throws {
    let record = try #require(
      try AuditRecord(line: ("audit: type=1805 audit(1.000:1): " + AuditRecordTests.measured).utf8))
    #expect(try JSONDecoder().decode(AuditRecord.self, from: JSONEncoder().encode(record)) == record)
  }

  @Test("each outcome of a comparison has its name and its values in JSON")
  func outcomeJSON() throws {
    let zero = try #require(Digest(zero: .sha1))
    let hex = String(repeating: "00", count: 20)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let rows: [(BankOutcome, String)] = [
      (.matches, #""outcome":"matches"}"#),
      (
        .contentMismatch(ContentMismatch(record: 3, logged: zero, computed: zero)),
        #""computed":"\#(hex)","logged":"\#(hex)","outcome":"content-mismatch","record":3}"#
      ),
      (.stopsShort(records: 2), #""outcome":"stops-short","proven":2}"#),
      (.differs(replayed: zero, read: zero), #""outcome":"differs","read":"\#(hex)","replayed":"\#(hex)"}"#),
      (.notInLog(read: zero), #""outcome":"not-in-log","read":"\#(hex)"}"#),
      (.notRead(replayed: zero), #""outcome":"not-read","replayed":"\#(hex)"}"#),
    ]
    for (outcome, text) in rows {
      let json = try encoder.encode(BankComparison(algorithm: .sha1, outcome: outcome))
      #expect(String(decoding: json, as: UTF8.self) == #"{"bank":"sha1","# + text)
    }
  }
}
