// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EventLog
import FoundationEssentials
import Glibc
import KernelModule
import Testing

@testable import MoorCommands

@Suite struct LoadCommandTests {
  private static let digest = "sha256:" + HexBytes(MeasurementLog.digest(1)).description
  private static let policy = """
    policy "host" version 3 generation 2
    trust {
      exec /usr/bin/qemu \(digest)
      exec /usr/sbin/virtqemud measured \(digest)
      module /usr/lib/moor/kvm_amd.ko \(digest)
      module /usr/lib/moor/kvm.ko \(digest)
    }

    """

  private func run(
    _ arguments: [String], policy: String = LoadCommandTests.policy, _ module: StandInModule
  ) throws -> (code: Int32, console: RecordingConsole) {
    let folder = try TemporaryFolder()
    let path = try folder.write("p.moor", policy)
    let console = RecordingConsole()
    let code = exitCode {
      try LoadCommand.parse(["--policy", path] + arguments).run(CommandContext(console, module))
    }
    return (code, console)
  }

  @Test(arguments: [("learning", false), ("enforcing", true)])
  func commitsThePolicyInTheMode(mode: String, isEnforcing: Bool) throws {
    let module = try StandInModule()
    #expect(try run(["--mode", mode], module).code == 0)
    let launch = try #require(module.launches.first)
    #expect(launch.policy?.isEnforcing == isEnforcing)
    #expect(launch.policy?.name == "host")
    #expect(launch.policy?.version == 3)
    #expect(launch.policy?.generation == 2)
    #expect(launch.policy?.image.count == 4)
    #expect(!launch.parameters.isClosed)
    #expect(launch.parameters.guarded == [])
    #expect(launch.parameters.requiresTPM)
  }

  @Test(
    arguments: [([], ["/usr/bin/qemu"]), (["--guarded", "/a", "--guarded", "/b"], ["/a", "/b"])]
      as [([String], [String])])
  func closedRefusesTheEmulators(arguments: [String], guarded: [String]) throws {
    let module = try StandInModule()
    #expect(try run(["--mode", "enforcing", "--closed"] + arguments, module).code == 0)
    #expect(module.launches.first?.parameters.isClosed == true)
    #expect(module.launches.first?.parameters.guarded == guarded)
  }

  @Test func usesTheFilesOfTheRunningKernel() throws {
    let module = try StandInModule()
    #expect(try run(["--mode", "learning"], module).code == 0)
    var names = utsname()
    uname(&names)
    let release = withUnsafeBytes(of: names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    #expect(module.launches.first?.module == "/usr/lib/moor/\(release)/moor.ko")
    #expect(module.launches.first?.programs == "/usr/lib/moor/moor.bpf.o")
  }

  @Test func saysThatRulesOfAccessHaveNoEffect() throws {
    let module = try StandInModule()
    let (code, console) = try run(
      ["--mode", "learning"], policy: Self.policy + "vm web1 {\n  object rw /srv/web1.qcow2\n}\n", module)
    #expect(code == 0)
    #expect(module.launches.first?.policy?.image.count == 4)
    #expect(console.notes.contains { $0.hasPrefix("/") && $0.contains("is not enforced yet: 1 block") })
    #expect(try !run(["--mode", "learning"], module).console.notes.contains { $0.contains("not enforced yet") })
  }

  @Test func withoutAPolicyItOnlyArms() throws {
    let module = try StandInModule()
    let code = exitCode {
      try LoadCommand.parse(["--no-policy"]).run(CommandContext(RecordingConsole(), module))
    }
    #expect(code == 0)
    #expect(module.launches.first?.policy == nil)
  }

  @Test(
    arguments: [
      ("no header", "trust { }\n", 65), ("no digest", "policy \"p\" version 1\ntrust {\n  exec /usr/bin/qemu\n}\n", 65),
      ("no emulator", "policy \"p\" version 1\ntrust {\n  library /usr/lib/a.so \(digest)\n}\n", 65),
      ("a relative path", "policy \"p\" version 1\ntrust {\n  exec qemu \(digest)\n}\n", 65),
      ("a doubled path", "policy \"p\" version 1\ntrust {\n  exec /q \(digest)\n  exec /q \(digest)\n}\n", 65),
      ("a short digest", "policy \"p\" version 1\ntrust {\n  exec /q sha256:00\n}\n", 65),
    ] as [(String, String, Int32)])
  func loadsNothingForAPolicyThatCannotBeEnforced(what: String, policy: String, code: Int32) throws {
    let module = try StandInModule()
    #expect(try run(["--mode", "enforcing"], policy: policy, module).code == code, "\(what)")
    #expect(module.launches.isEmpty)
  }

  @Test func anEmptyPolicyIsNotCommitted() throws {
    let module = try StandInModule()
    #expect(try run(["--mode", "learning"], policy: "policy \"p\" version 1\ntrust { }\n", module).code == 65)
    #expect(module.launches.isEmpty)
  }

  @Test func saysThatThereIsNoPolicy() throws {
    let module = try StandInModule()
    let code = exitCode {
      try LoadCommand.parse(["--mode", "learning", "--policy", "/nonexistent"])
        .run(CommandContext(RecordingConsole(), module))
    }
    #expect(code == 66)
    #expect(module.launches.isEmpty)
  }

  @Test(
    arguments: [
      (KernelOperation.loadModule, EPERM, 77), (.loadModule, ENODEV, 69), (.loadModule, ENOENT, 66),
      (.loadModule, ENOEXEC, 78),
      (.attachBegin, EBUSY, 75), (.arm, EPROTO, 78), (.arm, EIO, 74), (.trustCommit, ESTALE, 77),
      (.trustCommit, EBADMSG, 70),
      (.openDevice, ENOENT, 69), (.openPrograms, ENOENT, 66), (.cap, ENODEV, 69), (.attachBegin, ENOTSUP, 78),
    ] as [(KernelOperation, Int32, Int32)])
  func exitCodeSaysWhatKindOfFailureItWas(operation: KernelOperation, error: Int32, code: Int32) throws {
    let module = try StandInModule()
    module.failures["launch"] = .kernel(KernelRefusal(operation, SystemError(rawValue: error)))
    #expect(try run(["--mode", "learning"], module).code == code)
  }

  @Test(arguments: [
    [], ["--no-policy", "--mode", "learning"], ["--mode", "learning", "--guarded", "/a"], ["--mode", "off"],
    ["--mode", "learning", "--pcr", "10"], ["--mode", "learning", "--pcr", "16"],
    ["--mode", "learning", "--pcr", "-1"],
    ["--no-policy", "--load-modules"],
  ])
  func rejectsOptionsThatMeanNothing(arguments: [String]) {
    #expect(throws: (any Error).self) { try LoadCommand.parse(arguments) }
  }

  /// kvm_amd needs kvm, which comes later in the policy: it is tried again.
  @Test func loadsTheModulesThatThePolicyListsInTheOrderThatWorks() throws {
    let module = try StandInModule()
    var loaded: Set<String> = []
    module.loadable = { path in
      if path.contains("amd"), !loaded.contains("/usr/lib/moor/kvm.ko") {
        return .kernel(KernelRefusal(.loadModule, SystemError(rawValue: ENOENT)))
      }
      loaded.insert(path)
      return nil
    }
    #expect(try run(["--mode", "enforcing", "--load-modules"], module).code == 0)
    #expect(loaded == ["/usr/lib/moor/kvm.ko", "/usr/lib/moor/kvm_amd.ko"])
    #expect(module.asked.last == "gate")
  }

  @Test func namesAModuleThatDoesNotLoad() throws {
    let module = try StandInModule()
    module.loadable = { path in
      path.contains("amd") ? .kernel(KernelRefusal(.loadModule, SystemError(rawValue: EOPNOTSUPP), detail: path)) : nil
    }
    let (code, console) = try run(["--mode", "enforcing", "--load-modules"], module)
    #expect(code == 0)
    #expect(console.notes.contains { $0.contains("cannot load the kernel module") && $0.contains("kvm_amd.ko") })
  }
}
