// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import TrustPolicy

@testable import Inventory

@Suite struct QEMUCommandLineTests {
  private func host() throws -> Tree {
    let tree = try Tree()
    try tree.write("srv/vm/base.qcow2", QCOW2Builder().build())
    try tree.write(
      "srv/vm/web1.qcow2", QCOW2Builder(backing: Array("base.qcow2".utf8), backingFormat: "qcow2").build())
    try tree.write("srv/vm/web1.raw")
    try tree.write("usr/share/OVMF/OVMF_CODE_4M.ms.fd")
    return tree
  }

  @Test func readsWhatLibvirtLogged() throws {
    let tree = try host()
    let line = try QEMUArguments.read(Bundle.fixture("cmdline.txt"), name: "log")
    #expect(line.program?.bytes == Array("/usr/bin/qemu-system-x86_64".utf8))
    #expect(QEMUCommandLine.name(in: line.arguments) == "web1")
    var vm = VMDescription(name: "web1", source: "log")
    QEMUCommandLine.read(line.arguments, into: &vm, folder: nil, root: tree.root)
    #expect(vm.firmware == [Array("/usr/share/OVMF/OVMF_CODE_4M.ms.fd".utf8)])
    let rules = try tree.rules(vm)
    #expect(
      rules.map { String($0.prefix { $0 != "[" }.components(separatedBy: " ioctl ")[0]) } == [
        "object rwk /srv/vm/web1.qcow2", "shared rk /srv/vm/base.qcow2",
        "shared rk /usr/share/OVMF/OVMF_CODE_4M.ms.fd", "object rwk /var/lib/libvirt/qemu/nvram/web1_VARS.fd",
        "file r /var/lib/libvirt/qemu/domain-1-web1/master-key.aes", "device rw /dev/kvm",
        "inherit unix", "pty own", "device rw /dev/net/tun", "inherit tun", "device rw /dev/vhost-net",
        "inherit vhost", "tcp listen 127.0.0.1:5901",
      ])
    #expect(vm.told == [])
  }

  @Test(arguments: [
    (["-drive", "file=/srv/vm/web1.raw,if=virtio,format=raw"], ["object rwk /srv/vm/web1.raw"]),
    (["-drive", "file=/srv/vm/web1.raw,format=raw,readonly=on"], ["shared rk /srv/vm/web1.raw"]),
    (["-drive", "file=/srv/a,,b.raw,media=cdrom,format=raw"], ["shared rk \"/srv/a,b.raw\""]),
    (["-drive", "file=/d,format=raw,snapshot=on"], ["shared rk /d", "temp /var/tmp/vl.??????"]),
    (["-snapshot", "-hda", "/srv/vm/web1.raw"], ["shared rk /srv/vm/web1.raw", "temp /var/tmp/vl.??????"]),
    (["-snapshot", "-drive", "file=/d,format=raw,snapshot=off"], ["object rwk /d"]),
    (["-hda", "/srv/vm/web1.qcow2"], ["object rwk /srv/vm/web1.qcow2", "shared rk /srv/vm/base.qcow2"]),
    (["/srv/vm/web1.raw"], ["object rwk /srv/vm/web1.raw"]),
    (["-cdrom", "/c.iso"], ["shared rk /c.iso"]),
    (
      ["-drive", "driver=qcow2,file.driver=file,file.filename=/srv/vm/web1.qcow2"],
      ["object rwk /srv/vm/web1.qcow2", "shared rk /srv/vm/base.qcow2"]
    ),
    (
      ["-drive", "file=json:{\"driver\":\"raw\",,\"file\":{\"driver\":\"file\",,\"filename\":\"/a,,b\"}}"],
      ["object rwk \"/a,b\""]
    ),
    (
      ["-hda", "json:{\"driver\":\"raw\",\"file\":{\"driver\":\"file\",\"filename\":\"/a,b\"}}"],
      ["object rwk \"/a,b\""]
    ),
    (["-drive", "file=nbd:unix:/run/n.sock:exportname=x"], ["unix connect /run/n.sock"]),
    (
      [
        "-blockdev", "driver=qcow2,node-name=q,file=f", "-blockdev",
        "driver=file,node-name=f,filename=/srv/vm/web1.qcow2",
      ],
      ["object rwk /srv/vm/web1.qcow2", "shared rk /srv/vm/base.qcow2"]
    ),
    (["-blockdev", "driver=raw,node-name=r,read-only=on,file.driver=file,file.filename=/r"], ["shared rk /r"]),
    (
      ["-blockdev", "{\"driver\":\"throttle\",\"file\":{\"driver\":\"host_device\",\"filename\":\"/dev/sdb\"}}"],
      ["object rwk /dev/sdb"]
    ),
    (["-pflash", "/v.fd"], ["object rwk /v.fd"]),
    (["-drive", "if=pflash,format=raw,readonly=on,file=/c.fd"], ["shared rk /c.fd"]),
    (["-kernel", "/k", "-initrd", "/i", "-append", "/not/a/path"], ["shared r /k", "shared r /i"]),
    (["-bios", "/b.bin"], ["shared r /b.bin"]),
    (["-chardev", "file,id=c,path=/l"], ["object wac /l"]),
    (["-chardev", "socket,id=c,path=/s,server=on,wait=off"], ["unix listen /s"]),
    (["-chardev", "socket,id=c,path=/s,server,nowait"], ["unix listen /s"]),
    (["-chardev", "socket,id=c,path=n,abstract=on"], ["unix connect \"@n\""]),
    (["-chardev", "socket,id=c,host=127.0.0.1,port=4444"], ["tcp connect 127.0.0.1:4444"]),
    (["-serial", "file:/l", "-serial", "mon:stdio"], ["object wac /l"]),
    (["-serial", "/dev/ttyS0"], ["object rw /dev/ttyS0 ioctl TCGETS TCSETS TCSETSF TCSETSW"]),
    (["-monitor", "unix:/m,server=on,wait=off"], ["unix listen /m"]),
    (["-qmp", "tcp:127.0.0.1:4444,server=on"], ["tcp listen 127.0.0.1:4444"]),
    (["-vnc", "127.0.0.1:2"], ["tcp listen 127.0.0.1:5902"]),
    (["-vnc", ":2,to=9"], ["tcp listen *:5902-5909"]),
    (["-vnc", "[::1]:0,websocket=on"], ["tcp listen [::1]:5900", "tcp listen [::1]:5700"]),
    (["-vnc", "unix:/v"], ["unix listen /v"]),
    (["-vnc", "none", "-nographic"], []),
    (["-pidfile", "/p", "-D", "/d.log"], ["object rwcdk /p", "object wac /d.log"]),
    (["--enable-kvm", "-machine", "accel=kvm"], ["device rw /dev/kvm"]),
    (
      ["-virtfs", "local,path=/f,mount_tag=/tag,security_model=none,readonly=on"], ["shared rk /f", "shared rk /f/**"]
    ),
    (["-object", "memory-backend-memfd,id=m,size=1G"], ["anon memfd"]),
    (
      ["-netdev", "vhost-vdpa,id=n,vhostdev=/dev/vhost-vdpa-0"],
      ["object rw /dev/vhost-vdpa-0 ioctl " + (KernelCommands.vhost + KernelCommands.vdpa).joined(separator: " ")]
    ),
    (["-incoming", "tcp:127.0.0.1:49152"], ["tcp listen 127.0.0.1:49152"]),
  ]) func anOptionBecomesRules(_ arguments: [String], _ rules: [String]) throws {
    let tree = try host()
    #expect(try tree.rules(tree.commandLine(arguments)) == rules)
  }

  @Test(arguments: [
    (["-hda", "disk.img"], "2: disk.img is in no rule: it is relative, and to which folder is not known"),
    (["-flux", "/capacitor"], "1: the option -flux /capacitor is not known, and no rule is written for it"),
    (["-flux", "-S"], "1: the option -flux is not known, and no rule is written for it"),
    (["-drive"], "1: -drive has no value"),
    (
      ["-blockdev", "driver=teleport,file=/x"],
      "2: the block driver 'teleport' is not known, and no rule is written for it"
    ),
    (
      ["-blockdev", "{\"driver\":"],
      "2: {\"driver\": cannot be read, and no rule is written for it: it is no JSON that can be read"
    ),
    (["-device", "virtio-flux,gate=/dev/gate"], "2: /dev/gate (gate) is in no rule: what it is for is not known"),
    (["-chardev", "warp,id=c"], "2: the character device 'warp' is not known, and no rule is written for it"),
    (
      ["-vnc", "host.example:1"], "2: tcp at host.example:5901 is in no rule: expected an address and a port as numbers"
    ),
    (["-drive", "file=rbd:pool/x"], "2: a disk is reached by rbd: to which addresses the VM connects is in no rule"),
    (["-readconfig", "/c"], "2: -readconfig /c is not followed, and in no rule"),
    (
      ["-device", "vfio-pci,host=0a:00.0"],
      "2: vfio-pci 0000:0a:00.0 is not on this host, or without an IOMMU: its group, /dev/vfio/N, is in no rule"
    ),
  ]) func whatHasNoRuleIsTold(_ arguments: [String], _ note: String) throws {
    #expect(try host().commandLine(arguments).told == ["test: argument \(note)"])
  }

  @Test func relativePathsAreSeenFromTheFolder() throws {
    let tree = try host()
    let vm = tree.commandLine(["-hda", "web1.qcow2"], folder: "/srv/vm")
    #expect(try tree.rules(vm) == ["object rwk /srv/vm/web1.qcow2", "shared rk /srv/vm/base.qcow2"])
  }

  @Test func nodesThatStandUponEachOtherEnd() throws {
    var arguments: [String] = []
    for index in 0..<70 {
      arguments += ["-blockdev", "driver=qcow2,node-name=n\(index),file=n\(index + 1),backing=n\(index + 1)"]
    }
    arguments += ["-blockdev", "driver=raw,node-name=x,file=x", "-blockdev", "driver=raw,file=x"]
    let notes = try host().commandLine(arguments).told
    #expect(notes.contains { $0.hasSuffix("block nodes stand upon each other too deep, or too many times") })
  }

  private func words(_ text: String) -> [String]? {
    guard let line = try? QEMUArguments.read(Array(text.utf8), name: "f") else { return nil }
    return ([line.program].compactMap { $0 } + line.arguments).map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  @Test(arguments: [
    ("/usr/bin/kvm\0-hda\0/a b\n\0-S\0", ["/usr/bin/kvm", "-hda", "/a b\n", "-S"]),
    ("/usr/bin/qemu-kvm\n-hda\n/a b\n", ["/usr/bin/qemu-kvm", "-hda", "/a b"]),
    ("qemu-system-x86_64 -hda '/a b' \"/c\\\"d\" /e\\ f", ["qemu-system-x86_64", "-hda", "/a b", "/c\"d", "/e f"]),
    ("#!/bin/sh\nset -e; cd /tmp\nexec sudo qemu-system-x86_64 \\\n  -S '' # end\n", ["qemu-system-x86_64", "-S", ""]),
    ("X=$HOME kvm -S >/tmp/log 2>&1 &\necho `date`\n", ["kvm", "-S"]),
    ("kvm -vnc [::1]:0\n", ["kvm", "-vnc", "[::1]:0"]),
    ("-hda /a -S", ["-hda", "/a", "-S"]),
  ]) func readsArguments(_ text: String, _ arguments: [String]) {
    #expect(words(text) == arguments)
  }

  @Test(arguments: [
    ("", "it is empty"), ("echo hello there\n", "no command in it runs qemu-system-... or qemu-kvm"),
    (
      "kvm -hda \"$DISK\"", "line 1: what the shell makes of '$' is not known; give /proc/PID/cmdline of the running VM"
    ),
    ("kvm -hda ~/disk", "line 1: what the shell makes of '~' is not known; give /proc/PID/cmdline of the running VM"),
    ("kvm -hda 'x\n-S", "line 1: a quote is not closed"), ("kvm -S\nkvm -S -s\n", "line 2: a second QEMU is run here"),
  ]) func refusesArguments(_ text: String, _ message: String) {
    #expect(throws: QEMUArguments.Problem(message: message)) { try QEMUArguments.read(Array(text.utf8), name: "f") }
  }

  @Test func takesAnyBytes() throws {
    let tree = try host()
    let whole = Array(try Bundle.fixture("cmdline.txt").prefix(2500))
    func take(_ bytes: [UInt8]) {
      guard let line = try? QEMUArguments.read(bytes, name: "f") else { return }
      var vm = VMDescription(name: "a", source: "f")
      QEMUCommandLine.read(line.arguments, into: &vm, folder: nil, root: tree.root)
    }
    for end in stride(from: 0, to: whole.count, by: 7) { take(Array(whole[..<end])) }
    for index in stride(from: 0, to: whole.count, by: 3) {
      for byte: UInt8 in [0, UInt8(ascii: "'"), UInt8(ascii: ","), whole[index] ^ 0x80] {
        var bytes = whole
        bytes[index] = byte
        take(bytes)
      }
    }
    let cut = QEMUArguments.Argument(bytes: [0xFF, 0x2C, 0x3D], place: VMPlace("x"))
    #expect(throws: Never.self) { try QEMUOptions(cut.bytes, implied: nil) }
  }
}
