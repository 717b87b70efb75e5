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

  private static let access =
    policy + """
      vm web1 {
        object rw /srv/web1.qcow2
        capability sys_nice net_admin
        memory exec
        anon eventfd
        pty own
        anon kvm-vcpu ioctl KVM_RUN
        device rw /dev/kvm ioctl KVM_CREATE_VM
        signal term to hypervisor
        exec /usr/bin/true
      }

      vm web2 {
        object rw /srv/web2.qcow2
        tcp listen 127.0.0.1:5902
        udp connect *:53
      }

      """

  @Test(arguments: [("learning", false), ("enforcing", true)])
  func commitsTheRulesOfAccessInTheMode(mode: String, isEnforcing: Bool) throws {
    let module = try StandInModule()
    let (code, console) = try run(["--mode", mode], policy: Self.access, module)
    #expect(code == 0)
    let launch = try #require(module.launches.first)
    #expect(launch.policy?.image.count == 4)
    let access = try #require(launch.access)
    #expect(access.isEnforcing == isEnforcing)
    #expect(access.name == "host")
    #expect(access.version == 3)
    #expect(access.generation == 2)
    #expect(access.image.domainCount == 2)
    #expect(access.learning == [])
    #expect(
      console.notes.contains {
        $0.hasSuffix(
          ".moor:12:3: 2 rules are handed over and not enforced yet; the first is: anon eventfd")
      })
  }

  @Test func aPolicyWithoutRulesOfAccessCommitsNone() throws {
    let module = try StandInModule()
    let (code, console) = try run(["--mode", "enforcing"], module)
    #expect(code == 0)
    #expect(module.launches.first?.access == nil)
    #expect(!console.notes.contains { $0.contains("access") || $0.contains("not enforced") })
  }

  @Test func saysThatOlderRulesOfAccessStay() throws {
    let module = try StandInModule()
    module.current = .success(try StandInModule.state("open", mode: "enforcing", access: "old rules"))
    #expect(
      try run(["--mode", "enforcing"], module).console.notes.contains { $0.contains("\"old rules\" version 9 stay") })
    #expect(
      try !run(["--mode", "enforcing"], policy: Self.access, module).console.notes.contains { $0.contains("stay") })
  }

  @Test func someVMsLearnWhileOthersAreEnforced() throws {
    let module = try StandInModule()
    #expect(try run(["--mode", "enforcing"], policy: Self.access, module).code == 0)
    #expect(try run(["--mode", "enforcing", "--learn", "web2"], policy: Self.access, module).code == 0)
    #expect(
      try run(["--mode", "enforcing", "--learn", "web2", "--learn", "web1"], policy: Self.access, module).code == 0)
    #expect(module.launches.map { $0.access?.learning } == [[], ["web2"], ["web1", "web2"]])
    #expect(module.launches.allSatisfy { $0.access?.isEnforcing == true })
    #expect(Set(module.launches.compactMap { $0.access?.image.digest }).count == 3)
  }

  @Test(
    arguments: [
      ("a name that is not there", access, ["--learn", "web3"]),
      ("a rule that is none", access + "vm web3 {\n  files r /a\n}\n", []),
      ("two VMs that meet", access + "vm web3 {\n  object rw /srv/web1.*\n}\n", []),
      ("a learner and no rules", policy, ["--learn", "web1"]),
    ] as [(String, String, [String])])
  func loadsNothingWhenAccessCannotBePacked(what: String, policy: String, arguments: [String]) throws {
    let module = try StandInModule()
    #expect(try run(["--mode", "enforcing"] + arguments, policy: policy, module).code == 65, "\(what)")
    #expect(module.launches.isEmpty)
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
      (.openAccess, ENOENT, 78), (.accessBegin, EBUSY, 75), (.accessCommit, EAGAIN, 75), (.accessCommit, ESTALE, 77),
      (.accessCommit, EPERM, 77), (.accessCommit, EINVAL, 78), (.accessCommit, EKEYREJECTED, 75),
      (.accessCommit, EIO, 74), (.accessData, ENOMEM, 75), (.accessCommit, EBADMSG, 70),
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
    ["--no-policy", "--load-modules"], ["--mode", "learning", "--learn", "web1"], ["--no-policy", "--learn", "web1"],
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
