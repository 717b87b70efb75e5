// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EventLog
import FoundationEssentials
import KernelModule
import Testing

@testable import MoorCommands

@Suite struct TrustUpdateCommandTests {
  private static let text = """
    # the host's policy
    policy "host" version 3

    trust {
      exec /usr/bin/qemu memory-exec   # the emulator
      library /usr/lib/qemu/**
      firmware /usr/share/bios.bin sha256:\(hex(0xAA))
    }

    """

  private static func hex(_ byte: UInt8) -> String { HexBytes(MeasurementLog.digest(byte)).description }

  /// Runs `moor trust update` in a folder with the policy above.
  private struct Run {
    let folder: TemporaryFolder
    let console = RecordingConsole()
    let module: StandInModule
    var policy: String { folder.path + "/p.moor" }

    init(_ events: [MeasurementEvent], policy: String = TrustUpdateCommandTests.text) throws {
      folder = try TemporaryFolder()
      module = try StandInModule()
      module.log = try .sample(events)
      _ = try folder.write("p.moor", policy)
    }

    func update(_ arguments: [String] = ["--yes"], json: Bool = false) -> Int32 {
      exitCode {
        try TrustUpdateCommand.parse(["--policy", policy] + arguments).run(CommandContext(console, module, json: json))
      }
    }
  }

  private static let emulator = MeasurementLog.file("/usr/bin/qemu", .exec, 1)
  private static let plugin = MeasurementLog.file("/usr/lib/qemu/tcg.so", .library, 2)

  @Test func writesDigestsWhereTheyBelong() throws {
    let run = try Run([Self.emulator, Self.plugin])
    #expect(run.update() == 0)
    #expect(
      try run.folder.read("p.moor")
        == Self.text.replacing(
          "memory-exec   #", with: "memory-exec sha256:\(Self.hex(1))   #"))
    let lock = try run.folder.read("p.lock")
    #expect(lock.contains("lock \"host\" version 3"))
    #expect(lock.contains("library /usr/lib/qemu/tcg.so sha256:\(Self.hex(2))"))
    #expect(run.folder.names == ["p.lock", "p.moor"])
  }

  @Test func aSecondUpdateChangesNothing() throws {
    let run = try Run([Self.emulator, Self.plugin])
    #expect(run.update() == 0)
    let before = try run.folder.read("p.moor") + run.folder.read("p.lock")
    #expect(run.update([]) == 0)
    #expect(run.console.questions == [])
    #expect(try run.folder.read("p.moor") + run.folder.read("p.lock") == before)
  }

  @Test(arguments: [(nil, 75), (false, 75), (true, 0)] as [(Bool?, Int32)])
  func changesNothingWithoutAYes(answer: Bool?, code: Int32) throws {
    let run = try Run([Self.emulator])
    run.console.answer = answer
    #expect(run.update([]) == code)
    #expect(run.console.questions == ["Write these changes?"])
    #expect(run.console.text.contains("+ sha256:\(Self.hex(1))"))
    #expect((try run.folder.read("p.moor") == Self.text) == (code != 0))
  }

  @Test func inJSONOnlyYesIsAYes() throws {
    let run = try Run([Self.emulator])
    run.console.answer = true
    #expect(run.update([], json: true) == 75)
    #expect(run.console.questions == [])
    #expect(try AnyJSON(run.console.text)["written"] == "false")
    run.console.lines = []
    #expect(run.update(["--yes"], json: true) == 0)
    #expect(try AnyJSON(run.console.text)["written"] == "true")
  }

  @Test func replacesADigestAndShowsBoth() throws {
    let run = try Run([MeasurementLog.file("/usr/share/bios.bin", .firmware, 0xBB)])
    #expect(run.update() == 0)
    #expect(run.console.text.contains("- sha256:\(Self.hex(0xAA))"))
    #expect(run.console.text.contains("+ sha256:\(Self.hex(0xBB))"))
    #expect(try run.folder.read("p.moor") == Self.text.replacing(Self.hex(0xAA), with: Self.hex(0xBB)))
  }

  @Test func keepsTheOldDigestForAnUpdateWindow() throws {
    let run = try Run([MeasurementLog.file("/usr/share/bios.bin", .firmware, 0xBB)])
    #expect(run.update(["--yes", "--keep"]) == 0)
    let text = try run.folder.read("p.moor")
    #expect(text.contains(Self.hex(0xAA)) && text.contains(Self.hex(0xBB)))
  }

  @Test func namesWhatThePolicyDoesNotCover() throws {
    let evil = MeasurementLog.file("/tmp/evil.so", .library, 9)
    let run = try Run([evil])
    #expect(run.update() == 0)
    #expect(run.console.text.contains("library /tmp/evil.so"))
    #expect(try run.folder.read("p.moor") == Self.text)
    #expect(!run.folder.has("p.lock"))
  }

  /// What ran inside a domain is added as a program that is only measured: it never becomes an emulator by itself.
  @Test func addsWhatWasMeasuredButNoEmulator() throws {
    let run = try Run([MeasurementLog.file("/usr/libexec/helper", .exec, 9)])
    #expect(run.update(["--yes", "--add"]) == 0)
    #expect(try run.folder.read("p.moor").contains("exec /usr/libexec/helper measured sha256:\(Self.hex(9))"))
  }

  @Test func saysWhenAnIncludedFileKeepsAnOlderDigest() throws {
    let run = try Run(
      [MeasurementLog.file("/usr/lib/a.so", .library, 2)],
      policy: "policy \"host\" version 3\ninclude \"part.moor\"\n")
    let part = "trust {\n  library /usr/lib/a.so sha256:\(Self.hex(1))\n}\n"
    _ = try run.folder.write("part.moor", part)
    #expect(run.update() == 0)
    #expect(run.console.text.contains("/usr/lib/a.so keeps its older digest too"))
    #expect(try run.folder.read("part.moor") == part)
    #expect(try run.folder.read("p.lock").contains("library /usr/lib/a.so sha256:\(Self.hex(2))"))
  }

  @Test func refusedFilesCountOnlyWhenAskedFor() throws {
    let refused = MeasurementLog.file("/usr/share/bios.bin", .firmware, 0xBB, record: .refuse)
    let run = try Run([refused])
    #expect(run.update() == 0)
    #expect(try run.folder.read("p.moor") == Self.text)
    #expect(run.update(["--yes", "--refused"]) == 0)
    #expect(try run.folder.read("p.moor").contains(Self.hex(0xBB)))
  }

  @Test func takesTheLastOfTwoMeasurementsAndSaysSo() throws {
    let run = try Run([MeasurementLog.file("/usr/bin/qemu", .exec, 5), MeasurementLog.file("/usr/bin/qemu", .exec, 6)])
    #expect(run.update() == 0)
    #expect(run.console.text.contains("/usr/bin/qemu changed between two measurements"))
    #expect(try run.folder.read("p.moor").contains(Self.hex(6)))
    #expect(!(try run.folder.read("p.moor").contains(Self.hex(5))))
  }

  @Test func aLogThatThePCRDoesNotProveIsNotTaken() throws {
    let run = try Run([Self.emulator])
    run.module.kernelBanks = [BankValue(algorithm: 0x000B, digest: MeasurementLog.digest(0))]
    #expect(run.update() == 65)
    #expect(try run.folder.read("p.moor") == Self.text)
    #expect(run.update(["--yes", "--unproven"]) == 0)
    #expect(run.console.text.contains("which PCR 13 does not prove"))
  }

  @Test func aHostWithoutATPMIsSaidAloud() throws {
    let run = try Run([Self.emulator])
    run.module.kernelBanks = []
    #expect(run.update() == 0)
    #expect(run.console.text.contains("without a TPM nothing proves it"))
  }

  @Test(
    arguments: [
      ("policy \"host\" version 3\ntrust {\n  exec qemu\n}\n", 65), ("", 65), ("policy \"host\"\n", 65),
    ] as [(String, Int32)])
  func aPolicyThatCannotBeReadStaysAsItIs(text: String, code: Int32) throws {
    let run = try Run([Self.emulator], policy: text)
    #expect(run.update() == code)
    #expect(try run.folder.read("p.moor") == text)
  }

  @Test(arguments: [
    ["--from-disk", "--log", "x"], ["--from-disk", "--add"], ["--from-disk", "--refused"],
    ["--log", "x", "--unproven"],
  ])
  func rejectsOptionsThatMeanNothing(arguments: [String]) {
    #expect(throws: (any Error).self) { try TrustUpdateCommand.parse(arguments) }
  }

  @Test func fillsInFromTheDisk() throws {
    let folder = try TemporaryFolder()
    // FIPS 180-4: the digest of "abc".
    let file = try folder.write("lib.so", "abc")
    let policy = try folder.write(
      "p.moor", "policy \"p\" version 1\ntrust {\n  library \(file)\n  library \(file)x\n}\n")
    let console = RecordingConsole()
    let module = try StandInModule()
    let code = exitCode {
      try TrustUpdateCommand.parse(["--policy", policy, "--from-disk", "--yes"]).run(CommandContext(console, module))
    }
    #expect(code == 0)
    let digest = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    #expect(try folder.read("p.moor").contains("library \(file) \(digest)\n"))
    #expect(console.text.contains("\(file)x was not hashed: No such file or directory"))
    #expect(module.asked == [])
  }
}

@Suite struct TrustDiffCommandTests {
  private func policy(_ folder: TemporaryFolder, _ name: String, version: Int, _ byte: UInt8) throws -> String {
    let digest = HexBytes(MeasurementLog.digest(byte)).description
    return try folder.write(
      name, "policy \"p\" version \(version)\ntrust {\n  library /usr/lib/a.so sha256:\(digest)\n}\n")
  }

  @Test(arguments: [(1, 0), (2, 1)] as [(UInt8, Int32)])
  func exitCodeSaysWhetherAnythingDiffers(byte: UInt8, code: Int32) throws {
    let folder = try TemporaryFolder()
    let module = try StandInModule()
    module.log = try .sample([MeasurementLog.file("/usr/lib/a.so", byte)])
    let path = try policy(folder, "p.moor", version: 1, 1)
    let before = try folder.read("p.moor")
    let found = exitCode {
      try TrustDiffCommand.parse(["--policy", path]).run(CommandContext(RecordingConsole(), module))
    }
    #expect(found == code)
    #expect(try folder.read("p.moor") == before)
  }

  @Test func comparesTwoPolicies() throws {
    let folder = try TemporaryFolder()
    let old = try policy(folder, "old.moor", version: 1, 1)
    let new = try policy(folder, "new.moor", version: 2, 2)
    let console = RecordingConsole()
    let code = exitCode {
      try TrustDiffCommand.parse(["--policy", new, "--against", old]).run(CommandContext(console, StandInModule()))
    }
    #expect(code == 1)
    #expect(console.text.contains("~ version 1 -> 2"))
    #expect(console.text.contains("~ library /usr/lib/a.so"))
  }
}

@Suite struct TrustVerifyCommandTests {
  private static let abc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

  @Test(
    arguments: [
      ("fits", "abc", abc, "1 of 1 files fit", 0),
      ("differs", "abd", abc, "differs", 1),
      ("has no digest", "abc", "", "unmeasured", 1),
      ("is not there", nil, abc, "unreadable", 1),
    ] as [(String, String?, String, String, Int32)])
  func saysOfEachFileWhetherItFits(
    what: String, content: String?, digest: String, expected: String, code: Int32
  ) throws {
    let folder = try TemporaryFolder()
    if let content { _ = try folder.write("lib.so", content) }
    let policy = try folder.write(
      "p.moor", "policy \"p\" version 1\ntrust {\n  library \(folder.path)/lib.so \(digest)\n}\n")
    let console = RecordingConsole()
    let found = exitCode {
      try TrustVerifyCommand.parse(["--policy", policy]).run(CommandContext(console, StandInModule()))
    }
    #expect(found == code, "\(what)")
    #expect(console.text.contains(expected), "\(console.text)")
  }

  @Test func aLinkInPlaceOfAFileIsNotFollowed() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("real.so", "abc")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/lib.so", withDestinationPath: folder.path + "/real.so")
    let policy = try folder.write(
      "p.moor", "policy \"p\" version 1\ntrust {\n  library \(folder.path)/lib.so \(Self.abc)\n}\n")
    let console = RecordingConsole()
    let found = exitCode {
      try TrustVerifyCommand.parse(["--policy", policy]).run(CommandContext(console, StandInModule()))
    }
    #expect(found == 1)
    #expect(console.text.contains("unreadable"))
  }
}
