// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import PolicyText
import Testing
import TrustPolicy

@testable import MoorCommands

@Suite struct InitCommandTests {
  /// Collects what a command writes.
  private final class Recorder: Console {
    var lines: [String] = []
    var notes: [String] = []
    var isTerminal: Bool { false }
    func write(_ line: String) { lines.append(line) }
    func note(_ line: String) { notes.append(line) }
    func ask(_ question: String) -> Bool? { nil }
  }

  /// A host below a temporary folder: this test's own program as emulator, a ROM, a name, and a kernel's module.
  private final class Host {
    let folder = FileManager.default.temporaryDirectory.appending(path: "moor-init-\(UUID().uuidString)").path
    var policy: String { folder + "/policy.moor" }

    init() throws {
      try write("etc/hostname", "rack12\n")
      try write("usr/share/seabios/bios-256k.bin", "ROM")
      try write("usr/lib/modules/6.1.0/modules.dep", "kernel/kvm.ko:\n")
      try write("usr/lib/modules/6.1.0/kernel/kvm.ko", "module")
      try FileManager.default.createSymbolicLink(atPath: folder + "/lib", withDestinationPath: "usr/lib")
      try makeFolder("usr/bin")
      try FileManager.default.copyItem(atPath: "/bin/true", toPath: folder + "/usr/bin/qemu-system-x86_64")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func makeFolder(_ path: String) throws {
      try FileManager.default.createDirectory(atPath: folder + "/" + path, withIntermediateDirectories: true)
    }

    func write(_ path: String, _ text: String) throws {
      try makeFolder((path as NSString).deletingLastPathComponent)
      try Data(text.utf8).write(to: URL(filePath: folder + "/" + path))
    }
  }

  private func run(_ host: Host, _ arguments: [String] = []) throws -> Recorder {
    let recorder = Recorder()
    let command = try InitCommand.parse(["--root", host.folder, "--output", host.policy] + arguments)
    var context = CommandContext(command.output)
    context.console = recorder
    try command.run(context)
    return recorder
  }

  /// The failure of a run that must not succeed.
  private func failure(_ host: Host, _ arguments: [String] = []) throws -> CommandFailure? {
    #expect(throws: CommandFailure.self) { try run(host, arguments) }
  }

  @Test func writesAPolicyWithoutDigests() throws {
    let host = try Host()
    let output = try run(host)
    let policy = try TrustPolicy.load(host.policy)
    #expect(policy.header.name == "hosts/rack12")
    #expect(policy.header.version == 1)
    #expect(
      policy.rules.map { "\($0.kind.word) \($0.path)" } == [
        "exec /usr/bin/qemu-system-x86_64", "firmware /usr/share/seabios/bios-256k.bin",
        "module /usr/lib/modules/6.1.0/kernel/kvm.ko",
      ])
    #expect(policy.unmeasured.count == 3)
    #expect(policy.rules[0].flags == .domain)
    #expect(policy.check(against: FileRoot(host.folder)).isEmpty)
    #expect(output.lines[0].contains("wrote \(host.policy), 3 entries, 3 without a digest"))
    // What the emulator needs is not below this root, and is said to be missing.
    #expect(output.lines[0].contains("/usr/bin/qemu-system-x86_64 needs libc.so.6, which was not found"))
  }

  @Test func measuresWhatIsOnDisk() throws {
    let host = try Host()
    _ = try run(host, ["--measure", "--memory-exec", "--name", "lab"])
    let policy = try TrustPolicy.load(host.policy)
    #expect(policy.header.name == "lab")
    #expect(policy.rules[0].flags == [.domain, .memoryExec])
    // sha256sum of "ROM" and of "module".
    #expect(
      policy.rules[1...].map { $0.digests.map(\.description) } == [
        ["sha256:2e33d39c6d1e08f6be4001e8347a1b06d496d8529e709f965d2a21ca5b427a88"],
        ["sha256:120970d812836f19888625587a4606a5ad23cef31c8684e601771552548fc6b9"],
      ])
    #expect(throws: Never.self) { try policy.requireEnforceable() }
  }

  @Test func unpacksCompressedModulesAndListsTheCopies() throws {
    let host = try Host()
    try host.write("usr/lib/modules/6.1.0/modules.dep", "kernel/kvm-amd.ko.xz: kernel/kvm.ko\nkernel/kvm.ko:\n")
    try host.write("usr/lib/modules/6.1.0/kernel/kvm-amd.ko", "\u{7F}ELF module")
    let packing = try Process.run(
      URL(filePath: "/usr/bin/xz"), arguments: [host.folder + "/usr/lib/modules/6.1.0/kernel/kvm-amd.ko"])
    packing.waitUntilExit()
    #expect(packing.terminationStatus == 0)

    // Without the option it is told, and nothing is unpacked.
    let plain = try run(host)
    #expect(plain.lines[0].contains("note: 1 kernel modules are compressed and not listed; --unpack-modules does both"))
    #expect(!FileManager.default.fileExists(atPath: host.folder + "/var"))

    let copy = "/var/lib/moor/modules/6.1.0/kvm-amd.ko"
    let output = try run(host, ["--unpack-modules", "--force", "--measure"])
    #expect(output.lines[0].contains("unpacked 1 kernel modules below /var/lib/moor/modules"))
    #expect(!output.lines[0].contains("compressed"))
    let modules = try TrustPolicy.load(host.policy).rules.filter { $0.kind == .module }
    #expect(modules.map(\.path.description) == ["/usr/lib/modules/6.1.0/kernel/kvm.ko", copy])
    #expect(modules.allSatisfy { $0.digests.count == 1 })
    #expect(try String(contentsOfFile: host.folder + copy, encoding: .utf8) == "\u{7F}ELF module")
  }

  @Test func unpacksNothingWithoutAKernel() throws {
    let host = try Host()
    try host.write("usr/lib/modules/6.12/modules.dep", "")
    let refused = try failure(host, ["--unpack-modules"])
    #expect(refused?.description == "no kernel's modules can be unpacked: name one with --kernel-release")
  }

  @Test func neverReplacesWithoutForce() throws {
    let host = try Host()
    try host.write("policy.moor", "mine")
    let refused = try failure(host)
    #expect(refused?.status == .cannotCreate)
    #expect(refused?.description == "\(host.policy) is there already; --force replaces it")
    #expect(try String(contentsOfFile: host.policy, encoding: .utf8) == "mine")
    _ = try run(host, ["--force"])
    #expect(try TrustPolicy.load(host.policy).rules.count == 3)
  }

  @Test func doesNotFollowALinkThatLeadsNowhere() throws {
    let host = try Host()
    try FileManager.default.createSymbolicLink(atPath: host.policy, withDestinationPath: host.folder + "/elsewhere")
    #expect(try failure(host)?.status == .cannotCreate)
    #expect(!FileManager.default.fileExists(atPath: host.folder + "/elsewhere"))
  }

  @Test func refusesAHostWithoutEmulator() throws {
    let host = try Host()
    try FileManager.default.removeItem(atPath: host.folder + "/usr/bin/qemu-system-x86_64")
    let refused = try failure(host)
    #expect(refused?.status == .noInput)
    #expect(
      refused?.description == "no emulator was found below \(host.folder): install one, or name it with --emulator")
    #expect(!FileManager.default.fileExists(atPath: host.policy))
  }

  @Test(arguments: [
    ("/gone", "the emulator /gone cannot be listed: there is no such file"),
    ("/etc/hostname", "the emulator /etc/hostname cannot be listed: it is no ELF file"),
    ("/usr", "the emulator /usr cannot be listed: Invalid argument"),
  ]) func refusesAnEmulatorThatIsNone(_ path: String, _ expected: String) throws {
    let host = try Host()
    let refused = try failure(host, ["--emulator", path])
    #expect(refused?.status == .noInput)
    #expect(refused?.description == expected)
    #expect(!FileManager.default.fileExists(atPath: host.policy))
  }

  @Test func writesToStandardOutput() throws {
    let host = try Host()
    let output = try run(host, ["--output", "-"])
    let text = try #require(output.lines.first)
    #expect(try TrustPolicy(try PolicyLoader().load(Source(name: "p", text: text))).rules.count == 3)
    #expect(!FileManager.default.fileExists(atPath: host.policy))
    #expect(!FileManager.default.fileExists(atPath: "-"))
  }

  @Test func textAndJSONSayTheSame() throws {
    struct Report: Decodable {
      let policy: String
      let name: String
      let entries: Int
      let unmeasured: Int
      let problems: [String]
      let inventory: Found
      struct Found: Decodable {
        let emulators: [TrustPath]
        let modules: [TrustPath]
      }
    }
    let host = try Host()
    let output = try run(host, ["--json"])
    let report = try JSONDecoder().decode(Report.self, from: Data(output.lines.joined(separator: "\n").utf8))
    #expect(report.policy == host.policy)
    #expect(report.name == "hosts/rack12")
    #expect(report.entries == 3)
    #expect(report.unmeasured == 3)
    #expect(report.inventory.emulators.map(\.description) == ["/usr/bin/qemu-system-x86_64"])
    #expect(report.inventory.modules.map(\.description) == ["/usr/lib/modules/6.1.0/kernel/kvm.ko"])
    #expect(report.problems.allSatisfy { $0.contains("needs") })
  }

  @Test(arguments: [
    (["--root", "relative"], "The root \"relative\" is not an absolute path."),
    (["--emulator", "qemu"], "The emulator \"qemu\" is not an absolute path."),
    (["--kernel-release", "../x"], "\"../x\" is no kernel release, such as 6.1.0-18-amd64."),
    (["--name", ""], "The name: a name has 1 to 127 bytes, this one has 0."),
    (["--name", "a\nb"], "The name: a name is UTF-8 without control characters."),
  ]) func refusesWrongUsage(_ arguments: [String], _ message: String) {
    do {
      _ = try InitCommand.parse(arguments)
      Issue.record("parsed \(arguments)")
    } catch {
      #expect(InitCommand.message(for: error).hasPrefix(message))
      #expect(InitCommand.exitCode(for: error) == .validationFailure)
    }
  }
}
