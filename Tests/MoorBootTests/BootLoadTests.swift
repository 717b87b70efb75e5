// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import KernelModule
import MoorBoot
import Testing

@Suite struct BootLoadTests {
  private static let digest = "sha256:" + String(repeating: "0123456789abcdef", count: 4)
  private static let good = """
    policy "host" version 7 generation 2
    trust {
      exec /usr/bin/qemu-system-x86_64 \(digest)
      exec /usr/sbin/virtqemud measured \(digest)
      library /usr/lib/libc.so.6 \(digest)
    }
    """

  private func withPolicy(_ text: String, _ body: (BootOptions) throws -> Void) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "moor-\(UUID().uuidString).moor")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    var options = BootOptions()
    options.policy = file.path
    try body(options)
  }

  private func exitCode(_ arguments: [String]) -> (code: Int32, said: String) {
    var said = ""
    let code = BootLoad.main(arguments) {
      said += $0
    } complain: {
      said += $0
    }
    return (code, said)
  }

  @Test func loadsClosedAndGuardsTheEmulators() throws {
    try withPolicy(Self.good) { options throws in
      let launch = try BootLoad.plan(options)
      #expect(launch.parameters.isClosed)
      #expect(launch.parameters.requiresTPM)
      #expect(launch.parameters.guarded == ["/usr/bin/qemu-system-x86_64"])
      #expect(launch.policy?.isEnforcing == true)
      #expect(launch.policy?.name == "host")
      #expect(launch.policy?.version == 7)
      #expect(launch.policy?.generation == 2)
      #expect(launch.policy?.image.count == 3)
      #expect(launch.access == nil)
    }
  }

  @Test func putsRulesOfAccessInForce() throws {
    let vms = "\nvm web1 {\n  object rw /srv/web1\n}\nvm web2 {\n  object rw /srv/web2\n}\n"
    try withPolicy(Self.good + vms) { options throws in
      let access = try #require(try BootLoad.plan(options).access)
      #expect(access.isEnforcing)
      #expect(access.name == "host")
      #expect(access.version == 7)
      #expect(access.generation == 2)
      #expect(access.image.domainCount == 2)
    }
  }

  @Test(arguments: [
    ("an unmeasured path", "policy \"p\" version 1\ntrust {\n  exec /usr/bin/qemu\n}\n", "has no digest"),
    ("no emulator", "policy \"p\" version 1\ntrust {\n  library /a/b \(digest)\n}\n", "names no emulator"),
    ("no header", "trust { }\n", ":1:1: error:"),
    ("a rule of access that is none", good + "\nvm a {\n  files r /a\n}\n", ":8:3: error:"),
    ("two VMs that meet", good + "\nvm a {\n  object r /a\n}\nvm b {\n  object r /a\n}\n", "meet in /a"),
    ("a relative path", "policy \"p\" version 1\ntrust {\n  exec usr/bin/qemu \(digest)\n}\n", ":3:8: error:"),
  ])
  func refusesAPolicyBeforeAnythingIsLoaded(what: String, text: String, message: String) throws {
    try withPolicy(text) { options throws in
      let (code, said) = exitCode(["load", "--policy", options.policy])
      #expect(code == 65, "\(what)")
      #expect(said.contains(message), "\(said)")
    }
  }

  @Test func saysThatThePolicyIsNotThere() {
    let (code, said) = exitCode(["load", "--policy", "/nonexistent/policy.moor"])
    #expect(code == 65)
    #expect(said.contains("there is no such file"))
  }

  @Test func saysThatTheModuleIsNotThere() throws {
    try withPolicy(Self.good) { options throws in
      let (code, said) = exitCode(["load", "--policy", options.policy, "--module", "/nonexistent/moor.ko"])
      #expect(code == 70)
      #expect(said.contains("cannot load the kernel module: ENOENT"))
    }
  }

  @Test func refusesAPCRThatProvesNothing() throws {
    try withPolicy(Self.good) { options throws in
      let (code, said) = exitCode([
        "load", "--policy", options.policy, "--pcr", "16", "--module", "/nonexistent/moor.ko",
      ])
      #expect(code == 70)
      #expect(said.contains("PCR 16 cannot be used"))
    }
  }
}
