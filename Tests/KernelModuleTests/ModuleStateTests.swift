// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

@testable import KernelModule

@Suite struct ModuleStateTests {
  private static let good = [
    "state": "open\n", "mode": "enforcing\n", "locked": "0\n", "pcr": "13\n", "version": "1\n", "tpm": "1\n",
    "policy": "name hosts/rack 12\nversion 7\ngeneration 3\nentries 60\nsha256 00ff\n",
    "boot": "0a1b2c3d-0000-4000-8000-000000000000\n", "stats": "measured 12\nrefused 3\n",
    "access/policy": "", "access/attached": "1\n",
  ]

  private func withFolder<Result>(_ files: [String: String], _ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "moor-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder.appending(path: "access"), withIntermediateDirectories: true)
    for (name, text) in files {
      try Data(text.utf8).write(to: folder.appending(path: name))
    }
    return try body(folder.path)
  }

  @Test func readsWhatTheModuleShows() throws {
    let state = try withFolder(Self.good) { try ModuleState(folder: $0) }
    #expect(state.state == .open)
    #expect(state.mode == .enforcing)
    #expect(!state.isLocked)
    #expect(state.attachesAccess)
    #expect(state.pcr == 13)
    #expect(state.version == "1")
    #expect(state.hasTPM)
    #expect(
      state.policy
        == ModuleState.Policy(name: "hosts/rack 12", version: 7, generation: 3, entries: 60, sha256: "00ff"))
    #expect(state.statistics.map { "\($0.name)=\($0.value)" } == ["measured=12", "refused=3"])
  }

  @Test(arguments: [
    ("state", "sleeping\n"), ("state", ""), ("mode", "Enforcing\n"), ("locked", "2"), ("locked", ""), ("pcr", "-1"),
    ("pcr", "13 14"), ("tpm", "yes"), ("policy", "name\n"), ("policy", "name a\nversion 1\n"),
    ("policy", "name a\nname b\nversion 1\ngeneration 0\nentries 1\nsha256 00\n"),
    ("policy", "name a\nversion -1\ngeneration 0\nentries 1\nsha256 00\n"), ("stats", "measured\n"),
    ("stats", "measured 1 2\n"), ("stats", "measured -1\n"),
    ("stats", "measured 18446744073709551616\n"),
  ])
  func rejectsATextThatItCannotRead(name: String, text: String) throws {
    var files = Self.good
    files[name] = text
    try withFolder(files) { folder throws in
      #expect(rejection { _ = try ModuleState(folder: folder) } == .malformed)
    }
  }

  @Test func anEmptyPolicyIsNone() throws {
    var files = Self.good
    files["policy"] = ""
    #expect(try withFolder(files) { try ModuleState(folder: $0).policy } == nil)
  }

  private static let access =
    "name hosts/rack 12\nversion 8\ngeneration 3\ndomains 4\nmode learning\nbytes 4096\nsha256 00fe\n"

  @Test func readsTheAccessPolicy() throws {
    var files = Self.good
    #expect(try withFolder(files) { try ModuleState(folder: $0).access } == nil)
    files["access/policy"] = Self.access
    #expect(
      try withFolder(files) { try ModuleState(folder: $0).access }
        == ModuleState.Access(
          name: "hosts/rack 12", version: 8, generation: 3, domains: 4, mode: .learning, bytes: 4096, sha256: "00fe"))
  }

  @Test(arguments: [
    "name a\n", access.replacing("learning", with: "strict"), access.replacing("4096", with: "-1"),
    access + "version 9\n", access.replacing("domains 4\n", with: ""),
    access.replacing("sha256 00fe\n", with: "sha256\n"),
  ])
  func rejectsAnAccessPolicyThatItCannotRead(text: String) throws {
    var files = Self.good
    files["access/policy"] = text
    try withFolder(files) { folder throws in
      #expect(rejection { _ = try ModuleState(folder: folder) } == .malformed)
    }
  }

  @Test func saysWhatIsInForce() throws {
    var files = Self.good
    let trust = "trust by policy “hosts/rack 12” version 7, enforcing"
    #expect(try withFolder(files) { InForce.words(folder: $0) } == "In force: \(trust); access by none.")
    files["access/policy"] = Self.access
    #expect(
      try withFolder(files) { InForce.words(folder: $0) }
        == "In force: \(trust); access by policy “hosts/rack 12” version 8, learning.")
    files["policy"] = ""
    files["state"] = "unarmed"
    #expect(try withFolder(files) { InForce.words(folder: $0) } == "Nothing is in force: the module is unarmed.")
    files["mode"] = "odd"
    #expect(try withFolder(files) { InForce.words(folder: $0) }.hasPrefix("What is in force cannot be read"))
    #expect(InForce.words(folder: "/nonexistent") == "Nothing is in force: the module was unloaded again.")
  }

  @Test func anErrorTellsWhatIsInForce() {
    let refused = KernelModuleError.kernel(KernelRefusal(.accessCommit, SystemError(rawValue: 5), detail: "a"))
    #expect(refused.noting("b").description.contains("\n  a\n  b\n"))
    let rejected = KernelModuleError.rejected(Rejection(.malformed, "a"))
    #expect(rejected.noting("b") == .rejected(Rejection(.malformed, "a\n  b")))
  }

  @Test(arguments: ["state", "mode", "locked", "pcr", "version", "boot", "tpm", "policy", "stats"])
  func saysWhatIsMissing(name: String) throws {
    var files = Self.good
    files[name] = nil
    try withFolder(files) { folder throws in
      let found = refusal { _ = try ModuleState(folder: folder) }
      #expect(found?.error.name == "ENOENT")
      #expect(found?.detail == "\(folder)/\(name)")
    }
  }

  @Test func saysThatTheModuleIsNotLoaded() {
    let found = refusal { _ = try ModuleState(folder: "/nonexistent") }
    #expect(found?.operation == .readState)
    #expect(found?.meaning == "the module is not loaded")
    #expect(!ModuleState.isPresent(folder: "/nonexistent"))
  }

  @Test func boundsWhatItReads() throws {
    var files = Self.good
    files["version"] = String(repeating: "v", count: (64 << 10) + 1)
    try withFolder(files) { folder throws in
      #expect(rejection { _ = try ModuleState(folder: folder) } == .size)
    }
  }

  @Test func readsTheLogInBothForms() throws {
    try withFolder(["measurements": "\u{1}\u{2}", "measurements_ascii": "1 armed\n"]) { folder throws in
      let reader = MeasurementLogFile(folder: folder)
      #expect(try reader.binary() == [1, 2])
      #expect(try reader.text() == "1 armed\n")
    }
    let found = refusal { _ = try MeasurementLogFile(folder: "/nonexistent").binary() }
    #expect(found?.operation == .readLog)
    #expect(found?.error.name == "ENOENT")
  }
}
