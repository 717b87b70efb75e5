// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import PolicyText
import Testing
import TrustPolicy

@testable import MoorCommands

/// `moor init` on a host that has VMs.
@Suite struct InitVMTests {
  private static let abstractions = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "policies/abstractions").path

  /// A host below a temporary folder: this machine's `true` as emulator, moor's abstractions, and libvirt's folder.
  private final class Host {
    let folder = FileManager.default.temporaryDirectory.appending(path: "moor-init-\(UUID().uuidString)").path
    var policy: String { folder + "/policy.moor" }

    init() throws {
      try write("etc/hostname", "rack12\n")
      try makeFolder("usr/bin")
      try FileManager.default.copyItem(atPath: "/bin/true", toPath: folder + "/usr/bin/qemu-system-x86_64")
      try makeFolder("etc/moor")
      try FileManager.default.copyItem(atPath: InitVMTests.abstractions, toPath: folder + "/etc/moor/abstractions")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func makeFolder(_ path: String) throws {
      try FileManager.default.createDirectory(atPath: folder + "/" + path, withIntermediateDirectories: true)
    }

    func write(_ path: String, _ text: String = "x") throws {
      try makeFolder((path as NSString).deletingLastPathComponent)
      try Data(text.utf8).write(to: URL(filePath: folder + "/" + path))
    }

    func link(_ path: String, to target: String) throws {
      try FileManager.default.linkItem(atPath: folder + "/" + target, toPath: folder + "/" + path)
    }

    /// A domain in libvirt's folder with one raw disk; returns where it stands.
    func domain(_ name: String, _ disk: String, file: String? = nil) throws {
      try write(
        "etc/libvirt/qemu/\(file ?? name).xml",
        """
        <domain type='qemu'>
          <name>\(name)</name>
          <devices>
            <disk type='file' device='disk'>
              <source file='\(disk)'/>
            </disk>
          </devices>
        </domain>

        """)
    }
  }

  private func run(_ host: Host, _ arguments: [String] = []) throws -> RecordingConsole {
    let console = RecordingConsole()
    let command = try InitCommand.parse(["--root", host.folder, "--output", host.policy] + arguments)
    try command.run(CommandContext(console, try StandInModule(), json: arguments.contains("--json")))
    return console
  }

  private func failure(_ host: Host, _ arguments: [String] = []) throws -> CommandFailure? {
    let failure = #expect(throws: CommandFailure.self) { try run(host, arguments) }
    #expect(!FileManager.default.fileExists(atPath: host.policy))
    return failure
  }

  private func text(_ host: Host) throws -> String { try String(contentsOfFile: host.policy, encoding: .utf8) }

  /// What `moor check` and `moor fmt` say of what was written, with the host's own abstractions beside it.
  private func requireSound(_ host: Host) throws {
    let bytes = Array(try text(host).utf8)
    let source = Source(name: host.policy, bytes: bytes)
    #expect(Formatter.format(try Document(parsing: source)) == bytes)
    let tree = try PolicyLoader(searchPath: [host.folder + "/etc/moor"]).load(source)
    #expect(throws: Never.self) { try TrustPolicy(tree) }
  }

  @Test func libvirtsVMsGetABlockEach() throws {
    let host = try Host()
    try host.write("srv/web1.raw")
    try host.write("srv/web2.raw")
    try host.domain("web2", "/srv/web2.raw")
    try host.domain("web1", "/srv/web1.raw")
    try host.write("etc/libvirt/qemu/networks/default.xml", "<network/>")
    let output = try run(host)
    try requireSound(host)
    let written = try text(host)
    #expect(
      written.contains("}\n\n# /etc/libvirt/qemu/web1.xml\nvm web1 {\n  include <abstractions/qemu>\n\n  # Disks"))
    #expect(written.contains("\n  object rwk /srv/web1.raw\n"))
    #expect(written.contains("\n  object rwk /srv/web2.raw\n"))
    #expect(output.text.contains("VM web1, by /etc/libvirt/qemu/web1.xml\nVM web2, by /etc/libvirt/qemu/web2.xml\n"))
    // Once more gives the same.
    _ = try run(host, ["--force"])
    #expect(try text(host) == written)
    _ = try run(host, ["--force", "--no-vms"])
    #expect(try !text(host).contains("vm web1"))
  }

  @Test func twoVMsInOneObjectAreAnErrorWithBothPlaces() throws {
    let host = try Host()
    try host.write("srv/web1.raw")
    try host.domain("web1", "/srv/web1.raw")
    try host.domain("web2", "/srv/web1.raw")
    let same = try failure(host)
    #expect(same?.status == .data)
    #expect(
      same?.description
        == "/etc/libvirt/qemu/web2.xml:5: web1 and web2 meet in /srv/web1.raw; expected objects of one VM, or 'shared' in all of "
        + "them\n  /etc/libvirt/qemu/web1.xml:5: the rule of web1: object rwk /srv/web1.raw\nnothing was written")
    try host.link("srv/web2.raw", to: "srv/web1.raw")
    try host.domain("web2", "/srv/web2.raw")
    let linked = try failure(host)
    #expect(
      linked?.description.hasPrefix(
        "/etc/libvirt/qemu/web2.xml:5: web1 and web2 meet in one object: /srv/web1.raw and /srv/web2.raw are one file, by a hard "
          + "link or a bind mount;") == true, "\(linked?.description ?? "")")
    #expect(linked?.description.contains("\n  /etc/libvirt/qemu/web1.xml:5: the rule of web1: ") == true)
    // By a symbolic link it is the same path once it is resolved.
    try FileManager.default.removeItem(atPath: host.folder + "/srv/web2.raw")
    try FileManager.default.createSymbolicLink(
      atPath: host.folder + "/srv/web2.raw", withDestinationPath: "/srv/web1.raw")
    #expect(try failure(host)?.description.contains("web1 and web2 meet in /srv/web1.raw;") == true)
  }

  @Test func aVMWithoutAValidNameIsTold() throws {
    let host = try Host()
    try host.write("srv/a.raw")
    try host.domain("Windows 10", "/srv/a.raw", file: "windows")
    let problem =
      "/etc/libvirt/qemu/windows.xml: 'Windows 10' is no name that a VM can have: expected 1 to 63 letters, digits, '.', '_' or "
      + "'-', beginning with a letter or a digit"
    #expect(try run(host).text.contains("note: \(problem): the VM has no rules"))
    try FileManager.default.removeItem(atPath: host.policy)
    let named = try failure(host, ["--xml", host.folder + "/etc/libvirt/qemu/windows.xml"])
    #expect(named?.status == .data)
    #expect(named?.description == problem.replacing("/etc/", with: host.folder + "/etc/"))
    #expect(try failure(host, ["--vm=-a=/srv/a.raw"])?.status == .data)
    #expect(
      try failure(host, ["--vm", "a=/srv/a.raw", "--vm", "a=/srv/a.raw"])?.description.contains("describes a VM a, too")
        == true)
  }

  @Test func aVMIsDescribedByItsDisksOrItsArguments() throws {
    let host = try Host()
    try host.write("srv/a, b.raw")
    try host.write("srv/\u{E4}\n.raw")
    try host.write(
      "line", "/usr/bin/qemu-system-x86_64\n-name\nguest=two\n-drive\nfile=/srv/\u{E4}.raw,format=raw\n-m\n1G\n")
    let output = try run(
      host, ["--vm", "one=/srv/a,, b.raw,/srv/\u{E4}\n.raw", "--command-line", host.folder + "/line"])
    try requireSound(host)
    let written = try text(host)
    #expect(written.contains("\n  object rwk \"/srv/a, b.raw\"\n  object rwk \"/srv/\u{E4}\\n.raw\"\n"))
    #expect(written.contains("vm two {\n"))
    #expect(
      output.text.contains("/line:5: /srv/\u{E4}.raw: there is no such file"))
  }

  @Test func pathsUpToTheLongestAreTaken() throws {
    let host = try Host()
    let long =
      "/" + String(repeating: String(repeating: "d", count: 99) + "/", count: 40) + String(repeating: "e", count: 94)
    #expect(long.utf8.count == 4095)
    _ = try run(host, ["--vm", "a=\(long)"])
    try requireSound(host)
    #expect(try text(host).contains("object rwk \(long)\n"))
    let output = try run(host, ["--force", "--vm", "a=\(long)f"])
    #expect(output.text.contains("is in no rule: it is longer than 4,095 bytes"))
    #expect(try !text(host).contains("object rwk"))
  }

  @Test func invalidUTF8IsWrittenAsItIs() throws {
    let host = try Host()
    let line = Array("/usr/bin/qemu-kvm\0-name\0a\0-hda\0/srv/".utf8) + [0xFF, 0xFE] + Array("\0".utf8)
    try Data(line).write(to: URL(filePath: host.folder + "/line"))
    _ = try run(host, ["--command-line", host.folder + "/line"])
    try requireSound(host)
    #expect(try text(host).contains("object rwk \"/srv/\\xff\\xfe\"\n"))
  }

  @Test func aVMsFirmwareAndEmulatorAreTrusted() throws {
    let host = try Host()
    try host.makeFolder("opt/qemu")
    try FileManager.default.copyItem(atPath: "/bin/true", toPath: host.folder + "/opt/qemu/kvm")
    try host.write("opt/qemu/code.fd")
    try host.write(
      "web1.xml",
      "<domain type='kvm'><name>web1</name><os><loader readonly='yes' type='rom'>/opt/qemu/code.fd</loader></os>"
        + "<devices><emulator>/opt/qemu/kvm</emulator></devices></domain>")
    _ = try run(host, ["--xml", host.folder + "/web1.xml"])
    try requireSound(host)
    let written = try text(host)
    #expect(written.contains("  exec /opt/qemu/kvm\n"))
    #expect(written.contains("  firmware /opt/qemu/code.fd\n"))
    #expect(written.contains("  shared rk /opt/qemu/code.fd\n"))
  }

  @Test(arguments: [
    ("a.xml", "<domain><name>a", "no XML"), ("b.xml", "<network/>", "it is a <network>; expected a <domain>"),
    ("c.xml", "<!DOCTYPE x><domain/>", "it has a document type"),
  ]) func aNamedFileMustBeADomain(_ name: String, _ content: String, _ message: String) throws {
    let host = try Host()
    try host.write(name, content)
    let refused = try failure(host, ["--xml", "\(host.folder)/\(name)"])
    #expect(refused?.status == .data)
    #expect(refused?.description.contains(message) == true, "\(refused?.description ?? "")")
    #expect(
      try failure(host, ["--xml", "\(host.folder)/gone.xml"])?.description.hasSuffix(
        "gone.xml cannot be read: there is no such file") == true)
  }

  @Test func withoutAbstractionsNothingIsWritten() throws {
    let host = try Host()
    try FileManager.default.removeItem(atPath: host.folder + "/etc/moor/abstractions")
    try host.write("srv/a.raw")
    guard !FileManager.default.fileExists(atPath: "/usr/share/moor/policies/abstractions/qemu"),
      !FileManager.default.fileExists(atPath: "/etc/moor/abstractions/qemu")
    else { return }
    let refused = try failure(host, ["--vm", "a=/srv/a.raw"])
    #expect(refused?.status == .configuration)
    #expect(refused?.description.hasPrefix("abstractions/qemu, which every VM's rules include, is not in ") == true)
  }

  @Test(arguments: [
    (["--vm", "a"], "The VM \"a\" is not of the form NAME=DISK,..."),
    (["--vm", "a="], "The VM \"a=\" is not of the form NAME=DISK,..."),
    (["--vm", "a=/\u{FFFD}"], "The VM \"a=/\u{FFFD}\" is not UTF-8: describe it with --command-line."),
    (["--vm", "a=b"], "The disk \"b\" is not an absolute path."),
    (["--no-vms", "--vm", "a=/b"], "--no-vms leaves out the VMs that --xml, --command-line and --vm describe."),
  ]) func refusesWrongUsage(_ arguments: [String], _ message: String) {
    do {
      _ = try InitCommand.parse(arguments)
      Issue.record("parsed \(arguments)")
    } catch {
      #expect(InitCommand.message(for: error).hasPrefix(message))
    }
  }
}
