// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EventLog

@Suite("Names of the ABI's numbers")
struct NamedCodeTests {
  @Test("are those that the module writes, in the order of the header")
  func names() {
    #expect(
      RecordKind.names.map(\.name) == [
        "start", "cap", "policy", "mode", "measure", "refuse", "lock", "release", "unmeasured", "flood",
        "access",
      ])
    #expect(FileKind.names.map(\.name) == ["exec", "library", "firmware", "module"])
    #expect(DigestMethod.names.map(\.name) == ["none", "sha256", "fsverity-sha256", "fsverity-sha512"])
    #expect(
      Reason.names.map(\.name) == [
        "none", "digest", "unlisted", "filesystem", "unlinked", "writer", "writable", "anonymous", "unbound", "traced",
        "trace", "gate", "closed", "broken", "no-file", "unreadable", "running", "path", "userfaultfd",
        "kexec", "no-rules",
      ])
    #expect(Mode.names.map(\.name) == ["none", "learning", "enforcing"])
    #expect(RecordKind.names.map(\.value.rawValue) == Array(1...11))
    #expect(FileKind.names.map(\.value.rawValue) == Array(1...4))
    #expect(DigestMethod.names.map(\.value.rawValue) == Array(0...3))
    #expect(Reason.names.map(\.value.rawValue) == Array(0...20))
    #expect(Mode.names.map(\.value.rawValue) == Array(0...2))
  }

  @Test("lead to their number and back")
  func roundTrip() {
    for (value, name) in Reason.names {
      #expect(Reason(name: name) == value)
      #expect(value.description == name)
      #expect(value.isKnown)
    }
  }

  @Test("a number without a name is shown as the number, and no number is a name")
  func unknown() {
    #expect(Reason(rawValue: 200).description == "200")
    #expect(!Reason(rawValue: 200).isKnown)
    for name in ["", "200", "1", "Digest", "no_file", "no file"] { #expect(Reason(name: name) == nil) }
  }

  @Test("a digest method knows its digest's length")
  func lengths() {
    #expect(DigestMethod.names.map(\.value.digestLength) == [0, 32, 32, 64])
    #expect(DigestMethod(rawValue: 9).digestLength == nil)
  }
}
