// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EventLog
import FoundationEssentials
import Glibc
import KernelModule
import Testing

@testable import MoorCommands

/// `moor load --revert-after`: what is not kept comes back.
@Suite(.serialized) final class RevertingLoadTests {
  private let folder: TemporaryFolder
  private let module: StandInModule
  private let console = RecordingConsole()

  init() throws {
    folder = try TemporaryFolder()
    module = try StandInModule()
    module.current = .success(try Self.state())
  }

  private static func policy(_ version: Int, access: Bool = true) -> String {
    """
    policy "host" version \(version)
    trust {
      exec /usr/bin/qemu sha256:\(HexBytes(MeasurementLog.digest(UInt8(version))))
    }
    \(access ? "vm web1 {\n  object rw /srv/web\(version).qcow2\n}" : "")

    """
  }

  /// A module that has these in force.
  private static func state(_ launch: Launch? = nil, _ state: String = "open") throws -> ModuleState {
    func line(_ name: String, _ version: UInt64, _ digest: [UInt8], _ more: String) -> String {
      #"{"name":"\#(name)","version":\#(version),"generation":0,"sha256":"\#(HexBytes(digest))",\#(more)},"#
    }
    let trust = launch?.policy.map { #""policy":"# + line($0.name, $0.version, $0.image.digest, #""entries":1"#) } ?? ""
    let access =
      launch?.access.map {
        #""access":"# + line($0.name, $0.version, $0.image.digest, #""domains":1,"bytes":9,"mode":"enforcing""#)
      } ?? ""
    let json = """
      {"state":"\(state)","mode":"\(trust.isEmpty ? "none" : "enforcing")","isLocked":\(state == "locked"),"pcr":13,"hasTPM":true,
      "version":"1","boot":"b","attachesAccess":true,\(trust)\(access)"statistics":[]}
      """
    return try JSONDecoder().decode(ModuleState.self, from: Data(json.utf8))
  }

  private var context: CommandContext {
    var context = CommandContext(console, module)
    context.loaded = LoadedPolicies(folder: folder.path + "/run")
    context.terminal = nil
    return context
  }

  private func load(_ text: String, _ arguments: [String], terminal: Int32? = nil) throws -> Int32 {
    let path = try folder.write("p.moor", text)
    var context = context
    context.terminal = terminal
    return exitCode {
      try LoadCommand.parse(["--policy", path, "--mode", "enforcing"] + arguments).run(context)
    }
  }

  /// Puts a first policy in force, as an operator did before.
  private func begin(access: Bool = true) throws {
    module.onLaunch = { launch in self.module.current = .success(try Self.state(launch)) }
    #expect(try load(Self.policy(1, access: access), []) == 0)
  }

  private var versions: [UInt64?] { module.launches.map { $0.policy?.version } }

  @Test func comesBackWhenNobodyKeepsIt() throws {
    try begin()
    #expect(try load(Self.policy(2), ["--revert-after", "1s"]) == 75)
    #expect(versions == [1, 2, 1])
    #expect(module.launches[2].policy?.image == module.launches[0].policy?.image)
    #expect(module.launches[2].policy?.isEnforcing == true)
    #expect(module.launches[2].access?.image == module.launches[0].access?.image)
    #expect(module.launches[2].access?.isEnforcing == true)
    #expect(module.launches[2].access?.objects == module.launches[0].access?.objects)
    let notes = console.notes.joined(separator: "\n")
    #expect(notes.contains("unless it is kept within 1 s: policy “host” version 1, enforcing"))
    #expect(notes.contains("in force again: policy “host” version 1"))
    // Nothing is left of it.
    #expect(try load(Self.policy(3), []) == 0)
  }

  @Test func aKeyKeepsIt() throws {
    try begin()
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    defer { ends.forEach { close($0) } }
    let before = module.onLaunch
    module.onLaunch = { launch in
      try before?(launch)
      _ = write(ends[1], "\n", 1)
    }
    #expect(try load(Self.policy(2), ["--revert-after", "20s"], terminal: ends[0]) == 0)
    #expect(versions == [1, 2])
    #expect(console.notes.last == "kept")
  }

  @Test func aTerminalThatIsLostKeepsNothing() throws {
    try begin()
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    defer { close(ends[0]) }
    close(ends[1])
    let before = module.onLaunch
    module.onLaunch = { launch in
      try before?(launch)
      guard self.module.launches.count == 2 else { return }
      for signal in [SIGHUP, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU] { raise(signal) }
    }
    #expect(try load(Self.policy(2), ["--revert-after", "1s"], terminal: ends[0]) == 75)
    #expect(versions == [1, 2, 1])
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGQUIT]) func aSignalTakesItBackAtOnce(signal: Int32) throws {
    try begin()
    let before = module.onLaunch
    module.onLaunch = { launch in
      try before?(launch)
      if self.module.launches.count == 2 { raise(signal) }
    }
    #expect(try load(Self.policy(2), ["--revert-after", "1h"]) == 75)
    #expect(versions == [1, 2, 1])
  }

  @Test func anotherCallKeepsIt() throws {
    try begin()
    let before = module.onLaunch
    let context = context
    module.onLaunch = { launch in
      try before?(launch)
      // Meanwhile neither another load nor a lock is possible.
      #expect(try self.load(Self.policy(3), []) == 75)
      #expect(exitCode { try LockCommand.parse(["--yes"]).run(context) } == 75)
      #expect(exitCode { try LoadCommand.parse(["--keep"]).run(context) } == 0)
      #expect(exitCode { try LoadCommand.parse(["--keep"]).run(context) } == 1)
    }
    #expect(try load(Self.policy(2), ["--revert-after", "1h"]) == 0)
    #expect(versions == [1, 2])
    #expect(console.lines.contains("kept"))
  }

  @Test func whereNothingWasTheModuleGoes() throws {
    module.isLoaded = false
    module.onLaunch = { launch in
      self.module.isLoaded = true
      self.module.current = .success(try Self.state(launch))
    }
    #expect(try load(Self.policy(2), ["--revert-after", "1s"]) == 75)
    #expect(module.asked == ["launch", "release", "unload"])
    #expect(console.notes.contains { $0.contains("nothing is in force, as before") })
  }

  @Test func aVMThatRunsKeepsTheModuleWhichThenLearns() throws {
    module.isLoaded = false
    module.failures["release"] = .kernel(KernelRefusal(.release, SystemError(rawValue: EBUSY)))
    module.onLaunch = { launch in
      self.module.isLoaded = true
      self.module.current = .success(try Self.state(launch))
    }
    #expect(try load(Self.policy(2), ["--revert-after", "1s"]) == 75)
    #expect(versions == [2, 2])
    #expect(module.launches[1].policy?.isEnforcing == false)
    #expect(module.launches[1].access?.isEnforcing == false)
  }

  @Test func rulesOfAccessThatWereNotThereLearn() throws {
    try begin(access: false)
    #expect(try load(Self.policy(2), ["--revert-after", "1s"]) == 75)
    #expect(versions == [1, 2, 1])
    #expect(module.launches[2].access?.version == 2)
    #expect(module.launches[2].access?.isEnforcing == false)
  }

  @Test func aLoadThatFailsHalfwayIsTakenBack() throws {
    try begin()
    module.onLaunch = { launch in
      self.module.current = .success(try Self.state(launch))
      if launch.policy?.version == 2 {
        throw KernelModuleError.kernel(KernelRefusal(.accessCommit, SystemError(rawValue: ENOMEM)))
      }
    }
    #expect(try load(Self.policy(2), ["--revert-after", "1h"]) == 75)
    #expect(versions == [1, 2, 1])
  }

  @Test func whatCouldNotComeBackIsNotLoaded() throws {
    // No copy: something else has loaded it.
    try begin()
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path + "/run") where name.hasSuffix(".trust")
    {
      try FileManager.default.removeItem(atPath: "\(folder.path)/run/\(name)")
    }
    #expect(try load(Self.policy(2), ["--revert-after", "1s"]) == 66)
    module.current = .success(try Self.state(module.launches[0], "locked"))
    #expect(try load(Self.policy(2), ["--revert-after", "1s"]) == 77)
    #expect(versions == [1])
    for arguments in [
      ["--keep", "--mode", "learning"], ["--revert-after", "1s"],
      ["--mode", "learning", "--closed", "--revert-after", "1s"],
    ] {
      #expect(throws: (any Error).self) { try LoadCommand.parse(arguments) }
    }
  }

  /// A copy that was changed is none.
  @Test func copiesAreKnownByTheirDigest() throws {
    try begin()
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/run").sorted()
    #expect(names.map { URL(filePath: $0).pathExtension }.sorted() == ["access", "objects", "trust"])
    let trust = try #require(names.first { $0.hasSuffix(".trust") })
    let url = URL(filePath: "\(folder.path)/run/\(trust)")
    var bytes = try Data(contentsOf: url)
    bytes[bytes.count - 9] ^= 1
    try bytes.write(to: url)
    #expect(try load(Self.policy(2), ["--revert-after", "1s"]) == 66)
    // Of what is no longer in force nothing stays.
    #expect(try load(Self.policy(2), []) == 0)
    #expect(try !FileManager.default.contentsOfDirectory(atPath: folder.path + "/run").contains(trust))
  }

  @Test(
    arguments: [
      ("90", 90), ("90s", 90), ("5m", 300), ("1h", 3600), ("24h", 86400), ("25h", nil), ("0", nil), ("", nil),
      ("s", nil),
      ("-1", nil), ("1d", nil), ("1.5m", nil), ("99999999999999999999h", nil),
    ] as [(String, Int?)])
  func readsSpansOfTime(text: String, seconds: Int?) {
    #expect(TimeSpan(argument: text)?.seconds == seconds)
  }
}
