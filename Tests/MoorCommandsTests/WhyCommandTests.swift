// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import Testing

@testable import MoorCommands

/// `moor why` reads logs and policies, and writes nothing.
@Suite struct WhyCommandTests {
  private static let boot = "0f2c8f0e-3c5b-4a55-9d1c-7f8a1b2c3d4e"
  private static let policy = """
    policy "host" version 3

    vm web1 {
      object rw /srv/web1.qcow2
      deny file r /etc/**
      tcp listen 127.0.0.1:5901
    }

    vm web2 {
      object rw /srv/web2.qcow2
    }

    """

  private static func line(_ sequence: Int, _ text: String, vm: String = "web1", second: Int? = nil) -> String {
    "audit: type=1805 audit(17000000\(10 + (second ?? sequence)).250:\(sequence + 50)): moor boot=\(boot) seq=\(sequence) \(text) "
      + "program=\"/usr/bin/qemu-system-x86_64\" vm=\"\(vm)\" pid=512"
  }

  private static let other = line(3, #"record=deny class=path permission=read,write path="/srv/web2.qcow2""#)
  private static let seccomp =
    #"audit: type=1326 audit(1700000013.900:60): uid=0 pid=512 comm="qemu-system-x86" exe="/usr/bin/qemu-system-x86_64" sig=31 arch=c000003e syscall=57 compat=0 ip=0x7f code=0x80000000"#
  private static let appArmor =
    #"type=AVC msg=audit(1700000050.000:70): apparmor="DENIED" operation="open" profile="libvirt-1c01664c" name="/srv/a.img" pid=77 comm="qemu-system-x86" requested_mask="r" denied_mask="r" fsuid=0 ouid=0"#

  private func why(
    _ arguments: [String], log: [String]? = nil, policy: String = WhyCommandTests.policy, isLoaded: Bool = true
  ) throws -> (code: Int32, output: String) {
    let folder = try TemporaryFolder()
    let console = RecordingConsole()
    let module = try StandInModule()
    module.isLoaded = isLoaded
    var words = arguments + ["--policy", try folder.write("p.moor", policy)]
    if let log { words += ["--log", try folder.write("audit.log", log.map { $0 + "\n" }.joined())] }
    let code = exitCode { try WhyCommand.parse(words).run(CommandContext(console, module)) }
    return (code, console.text.replacing(folder.path + "/", with: ""))
  }

  @Test func explainsAPastedLine() throws {
    let found = try why([Self.other])
    #expect(found.code == 0)
    #expect(
      found.output == """
        VM web1 was denied read,write on /srv/web2.qcow2
          by       /usr/bin/qemu-system-x86_64, process 512
          at       2023-11-14T22:13:33Z, line seq=3
          rule     none allows it
          lacks    read,write
          nearest  p.moor:4:3: object rw /srv/web1.qcow2
          allow    file rw /srv/web2.qcow2   in the block of web1
          risk     error: web1 and web2 meet in /srv/web2.qcow2; expected objects of one VM, or 'shared' in all of them
        """)
    // Without what a log puts before it.
    let short = Self.other[(try #require(Self.other.firstRange(of: "moor boot")).lowerBound)...]
    #expect(try why([String(short)]).output.hasPrefix("VM web1 was denied read,write on /srv/web2.qcow2\n"))
    #expect(try why(short.split(separator: " ").map(String.init)).code == 0)
  }

  @Test func findsTheLastDenialAndWhatIsNearIt() throws {
    let log = [
      Self.line(1, "record=learn class=capability kind=sys_nice"),
      Self.line(2, #"record=deny class=path permission=read path="/etc/hosts""#), Self.other,
      Self.line(4, #"record=audit class=path permission=read path="/srv/web1.qcow2""#), Self.seccomp, Self.appArmor,
    ]
    let last = try why([], log: log)
    #expect(last.code == 0)
    #expect(last.output.hasPrefix("VM web1 was denied read,write on /srv/web2.qcow2\n"))
    #expect(
      last.output.hasSuffix(
        "\n  also     the process's own seccomp filter denied system call 57, and it was ended or signalled by SIGSYS"))
    #expect(try why(["--last"], log: log).output == last.output)
    let second = try why(["--seq", "2"], log: log)
    #expect(second.output.contains("rule  p.moor:5:3: deny file r /etc/**"))
    #expect(second.output.contains("a denial stands above every rule that allows"))
    let first = try why(["--seq", "1"], log: log)
    #expect(first.output.hasPrefix("VM web1 did, and would be denied when enforced: capability on sys_nice\n"))
    #expect(first.output.contains("allow  capability sys_nice   in the block of web1"))
    #expect(first.output.contains("risk   `moor check` would find nothing against it"))
  }

  @Test(arguments: [
    ("record=deny class=tcp permission=listen address=127.0.0.1 port=5902", "allow    tcp listen 127.0.0.1:5902"),
    (
      "record=deny class=tcp permission=listen address=127.0.0.1 port=5902",
      "nearest  p.moor:6:3: tcp listen 127.0.0.1:5901"
    ),
    ("record=deny class=ioctl command=0xae01 path=\"/dev/kvm\"", "allow  device r /dev/kvm ioctl KVM_CREATE_VM"),
    ("record=deny class=signal kind=term peer=hypervisor target=1", "allow  signal term to hypervisor"),
    ("record=deny class=signal kind=term peer=other target=1", "allow  no rule can"),
    ("record=deny class=kernel kind=bpf", "allow  no rule can"),
    ("record=deny class=path permission=read path=\"/etc/shadow-\"", "deny file r /etc/**"),
    ("record=deny class=path permission=write path=\"/srv/web1.qcow2\"", "p.moor allows it"),
    (
      "record=deny class=path permission=read path=\"/srv/x\" owner_vm=\"web2\"",
      "VM web1 was denied read on /srv/x\n"
    ),
    ("record=deny class=path permission=read path=\"/srv/x\" owner_vm=\"web2\"", "owner  it is web2's alone"),
    ("record=deny class=path permission=read path=\"/srv/x\" owner_vm=\"web2\"", "allow  no rule can"),
    (
      "record=deny class=descriptor kind=file permission=receive path=\"/srv/x\" owner_vm=\"web2\"",
      "VM web1 was denied receive on /srv/x\n"
    ),
    ("record=deny class=descriptor kind=pipe permission=inherit", "allow  inherit pipe"),
    ("record=deny class=memory kind=exec", "VM web1 was denied memory on exec\n"),
    ("record=deny class=path permission=read path=\"/root/.ssh/id_rsa\"", "what the host keeps secret"),
  ])
  func saysWhatWouldAllowIt(text: String, expected: String) throws {
    let found = try why([Self.line(9, text)])
    #expect(found.code == 0)
    #expect(found.output.contains(expected), "\(found.output)")
  }

  @Test func aVMWithoutABlockGetsOne() throws {
    let text = Self.line(9, #"record=deny class=path permission=read path="/a""#, vm: "web9")
    let found = try why([text])
    #expect(found.output.contains("p.moor says nothing of web9: it has no block, and there is no template guest"))
    #expect(found.output.contains("file r /a   in the block of web9"))
    // Where no rule could allow it, too.
    let mount = try why([Self.line(9, "record=deny class=mount", vm: "web9")])
    #expect(mount.output.contains("p.moor says nothing of web9"))
    let line = Self.line(9, "record=deny class=capability kind=sys_nice")
    let helper = try why([line.replacing(" pid=", with: " helper=3 pid=")])
    #expect(helper.output.contains("p.moor has not this helper of web1"))
    let template = try why([text], policy: Self.policy + "template guest {\n}\n")
    #expect(template.output.contains("file r /a   in the block of template guest"))
    #expect(template.output.contains("find nothing against it"))
  }

  @Test func saysThatItWasNotMoor() throws {
    let found = try why([Self.appArmor])
    #expect(found.code == 0)
    #expect(
      found.output == """
        AppArmor denied open (r) on /srv/a.img, by its profile libvirt-1c01664c
          by     qemu-system-x86, process 77
          at     2023-11-14T22:14:10Z
          moor   has nothing to do with it: none of its rules can allow this
          allow  aa-status shows the profile; libvirt makes one for each VM and reads /etc/apparmor.d/local/abstractions/libvirt-qemu
        """)
    #expect(try why(["--pid", "77"], log: [Self.other, Self.appArmor]).output.hasPrefix("AppArmor denied open"))
    #expect(try why([Self.seccomp]).output.hasPrefix("the process's own seccomp filter denied system call 57"))
  }

  @Test func saysWhatLeavesNoLine() throws {
    let found = try why(["--pid", "99"], log: [Self.other])
    #expect(found.code == 1)
    #expect(found.output.hasPrefix("no denial of process 99 is in audit.log\n"))
    for word in [
      "moor     leaves no line of these", "files    modes", "devices  a device cgroup", "calls    a seccomp",
    ] {
      #expect(found.output.contains(word), "\(word) in \(found.output)")
    }
    #expect(try why([], log: [], isLoaded: false).output.contains("is not loaded, and denies nothing"))
  }

  @Test func refusesWhatIsNoDenial() throws {
    #expect(try why(["hello"]).code == 65)
    #expect(try why([Self.line(4, "record=audit class=capability kind=sys_nice")]).code == 65)
    #expect(try why([String(Self.other.dropLast(8))]).code == 65)
    #expect(throws: (any Error).self) { try WhyCommand.parse([Self.other, "--last"]) }
    #expect(throws: (any Error).self) { try WhyCommand.parse(["--seq", "1", "--last"]) }
  }

  @Test func explainsARefusal() throws {
    let text =
      "audit: type=1805 audit(1700000000.250:57): moor boot=\(Self.boot) seq=7 record=refuse kind=library path=\"/usr/lib/x.so\" "
      + "reason=unlisted vm=\"web1\" pid=512"
    let found = try why([text])
    #expect(found.output.hasPrefix("VM web1 was refused /usr/lib/x.so, by what is trusted\n"))
    #expect(found.output.contains("moor trust update --from-disk"))
  }
}
