// SPDX-License-Identifier: Apache-2.0

import AccessPolicy
import Foundation
import PolicyText
import Testing
import TrustPolicy

@testable import Inventory

@Suite struct LibvirtDomainTests {
  private func host() throws -> Tree {
    let tree = try Tree()
    try tree.write("srv/vm/base.qcow2", QCOW2Builder().build())
    try tree.write(
      "srv/vm/web1.qcow2", QCOW2Builder(backing: Array("base.qcow2".utf8), backingFormat: "qcow2").build())
    try tree.write("srv/vm/web2.qcow2", QCOW2Builder().build())
    for name in ["srv/vm/quorum.raw", "srv/iso/a, \"b\" & c.iso", "dev/dm-3", "usr/share/OVMF/OVMF_CODE_4M.ms.fd"] {
      try tree.write(name)
    }
    try tree.link("dev/vg0/web1-data", to: "/dev/dm-3")
    return tree
  }

  @Test func everyPartOfADomainBecomesARule() throws {
    let tree = try host()
    let vm = try tree.domain(Bundle.fixture("web1.xml"))
    #expect(vm.name == "web1")
    #expect(vm.emulators == [Array("/usr/bin/qemu-system-x86_64".utf8)])
    #expect(vm.firmware == [Array("/usr/share/OVMF/OVMF_CODE_4M.ms.fd".utf8)])
    let tun = KernelCommands.tap.joined(separator: " ")
    let vhost = (KernelCommands.vhost + ["VHOST_NET_SET_BACKEND"]).joined(separator: " ")
    let rules = try tree.rules(vm)
    #expect(
      rules == [
        "object rwk /srv/vm/web1.qcow2",
        "shared rk /srv/vm/base.qcow2",
        "object rwk /dev/dm-3",
        "shared rk /srv/vm/quorum.raw",
        "shared rk \"/srv/iso/a, \\\"b\\\" & c.iso\"",
        "tcp connect 10.0.0.5:6789",
        "shared rk /usr/share/OVMF/OVMF_CODE_4M.ms.fd",
        "object rwk /var/lib/libvirt/qemu/nvram/web1_VARS.fd",
        "shared r /srv/boot/vmlinuz",
        "shared r /srv/boot/initrd",
        "shared r /srv/boot/web1.dtb",
        "device rw /dev/kvm",
        "object rwcd /dev/hugepages/libvirt/qemu/[0-9]+-web1/**",
        "object wc /var/log/vm/web1-serial.log",
        "pty own",
        "unix listen /run/vm/web1.serial",
        "unix listen /var/lib/libvirt/qemu/channel/target/domain-[0-9]+-web1/org.qemu.guest_agent.0",
        "unix listen /run/libvirt/qemu/channel/[0-9]+-web1/org.qemu.guest_agent.0",
        "device rw /dev/net/tun ioctl \(tun)",
        "inherit tun",
        "device rw /dev/vhost-net ioctl \(vhost)",
        "inherit vhost",
        "tcp listen 127.0.0.1:5901",
        "tcp listen 127.0.0.1:5900-65535",
        "device r /dev/urandom",
        "object rwcdlk rename truncate chmod /srv/share/web1",
        "object rwcdlk rename truncate chmod /srv/share/web1/**",
        "unix connect /run/libvirt/qemu/swtpm/[0-9]+-web1-swtpm.sock",
        "file r /var/lib/libvirt/qemu/domain-[0-9]+-web1/master-key.aes",
        "unix listen /var/lib/libvirt/qemu/domain-[0-9]+-web1/monitor.sock",
        "inherit pipe unix file",
        "helper swtpm {",
        "object rwcdk rename truncate chmod /var/lib/libvirt/swtpm/4dea22b3-1d52-d8f3-2516-782e98ab3fa0/**",
        "object wac /var/log/swtpm/libvirt/qemu/web1-swtpm.log",
      ])
  }

  @Test func whatHasNoRuleIsTold() throws {
    let tree = try host()
    let vm = try tree.domain(Bundle.fixture("web1.xml"), name: "/etc/libvirt/qemu/web1.xml")
    let notes = try tree.policy([vm]).written.notes
    #expect(
      notes.map { $0.replacing("/etc/libvirt/qemu/web1.xml:", with: "") } == [
        "28: /var/lib/libvirt/qemu/nvram/web1_VARS.fd: there is no such file",
        "55: /dev/vg0/web1-data is /dev/dm-3 now, by which the kernel knows it: numbers of the device mapper may be others "
          + "after the next boot",
        "58: /srv/vm/quorum.raw is shareable: 'shared' lets the VM only read it, since nothing of which two VMs may change can "
          + "belong to one",
        "72: a rbd disk is on the network: to which addresses the VM connects is in no rule",
      ])
  }

  @Test func whatIsNotKnownIsTold() throws {
    let tree = try host()
    try tree.makeFolder("sys/kernel/iommu_groups/17")
    try tree.makeFolder("sys/devices/pci0000:00/0000:0a:00.0")
    try tree.link("sys/bus/pci/devices/0000:0a:00.0", to: "../../../devices/pci0000:00/0000:0a:00.0")
    try tree.link("sys/devices/pci0000:00/0000:0a:00.0/iommu_group", to: "/sys/kernel/iommu_groups/17")
    try tree.write("srv/vm/gpu.qcow2", QCOW2Builder(backing: Array("/srv/vm/other.qcow2".utf8)).build())
    try tree.write("srv/vm/gpu-base.raw")
    let vm = try tree.domain(Bundle.fixture("gpu.xml"), name: "gpu.xml")
    let rules = try tree.rules(vm)
    // What the XML says of the chain counts, not what the header says.
    #expect(rules.contains("shared rk /srv/vm/gpu-base.raw") && !rules.contains { $0.contains("other.qcow2") })
    #expect(rules.contains { $0.hasPrefix("object rw /dev/vfio/17 ioctl VFIO_GROUP_GET_DEVICE_FD ") })
    #expect(rules.contains("file r /sys/devices/pci0000:00/0000:0a:00.0/**"))
    for rule in [
      "shared r /srv/rom/gpu.rom", "shared r /srv/key.bin", "object rwk /var/lib/libvirt/qemu/nvram/gpu_VARS.fd",
    ] {
      #expect(rules.contains(rule), "\(rule)")
    }
    #expect(rules.contains { $0.hasPrefix("device rw /dev/vhost-vsock ioctl ") })
    let notes = vm.told
    for note in [
      "gpu.xml:4: libvirt chooses the efi firmware when the VM starts",
      "gpu.xml:7: the element <flux> is not known, and no rule is written for it",
      "gpu.xml:13: /run/pr.sock (source path) is in no rule: what it is for is not known",
      "gpu.xml:24: the volume data of the pool default is in no rule",
      "gpu.xml:35: a PCI device at 0000:0b:00.1 is not on this host, or without an IOMMU",
      "gpu.xml:39: the device <teleporter> is not known, and no rule is written for it",
      "gpu.xml:46: the environment variable SECRET is in no rule",
    ] {
      #expect(notes.contains { $0.hasPrefix(note) }, "\(note) in\n\(notes.joined(separator: "\n"))")
    }
  }

  @Test func theSameDescriptionsGiveTheSameText() throws {
    let tree = try host()
    let vms = try ["web1.xml", "web2.xml"].map { try tree.domain(Bundle.fixture($0), name: $0) }
    let text = try tree.policy(vms).written.text
    #expect(try tree.policy(vms.reversed()).written.text == text)
    #expect(text.contains("\n\n# web2.xml\nvm web2 {\n"))
  }

  private static func domain(_ devices: String, name: String = "a", more: String = "") -> [UInt8] {
    Array("<domain type='kvm'><name>\(name)</name>\(more)<devices>\(devices)</devices></domain>".utf8)
  }

  @Test(arguments: [
    ("<disk type='file' device='disk'><source file='/d'/><readonly/></disk>", "shared rk /d"),
    ("<disk type='file' device='floppy'><source file='/d'/></disk>", "object rwk /d"),
    ("<disk type='block' device='disk'><source dev='/dev/sdb'/></disk>", "object rwk /dev/sdb"),
    ("<disk type='dir' device='disk'><source dir='/d'/></disk>", "shared r /d/**"),
    ("<serial type='file'><source path='/l'/></serial>", "object wc /l"),
    ("<serial type='tcp'><source mode='bind' host='127.0.0.1' service='4000'/></serial>", "tcp listen 127.0.0.1:4000"),
    ("<serial type='tcp'><source mode='connect' host='::1' service='4000'/></serial>", "tcp connect [::1]:4000"),
    ("<channel type='unix'><source mode='connect' path='/s'/></channel>", "unix connect /s"),
    ("<graphics type='vnc'><listen type='socket' socket='/v'/></graphics>", "unix listen /v"),
    ("<graphics type='vnc' port='-1' autoport='yes'/>", "tcp listen 127.0.0.1:5900-65535"),
    ("<filesystem><driver type='virtiofs'/><source socket='/f'/></filesystem>", "unix connect /f"),
    ("<filesystem><source dir='/f'/><target dir='/g'/><readonly/></filesystem>", "shared rk /f/**"),
    ("<interface type='vhostuser'><source type='unix' path='/u' mode='server'/></interface>", "unix listen /u"),
    ("<tpm><backend type='passthrough'><device path='/dev/tpm1'/></backend></tpm>", "object rw /dev/tpm1"),
    ("<shmem name='ring'/>", "file rwc /dev/shm/ring"),
    ("<memory model='nvdimm'><source><path>/n</path></source></memory>", "object rw /n"),
    ("<input type='evdev'><source dev='/dev/input/event3'/></input>", "object rw /dev/input/event3 ioctl any"),
    (
      "<hostdev mode='subsystem' type='usb'><source><address bus='1' device='3'/></source></hostdev>",
      "object rw /dev/bus/usb/001/003 ioctl any"
    ),
  ]) func aDeviceBecomesARule(_ device: String, _ rule: String) throws {
    let tree = try Tree()
    let rules = try tree.rules(try tree.domain(Self.domain(device)))
    #expect(rules.contains(rule), "\(rule) in\n\(rules.joined(separator: "\n"))")
  }

  /// To 20 characters, whatever the last of them is.
  @Test func namesAreCutAsLibvirtCutsThem() throws {
    let tree = try Tree()
    let rules = try tree.rules(try tree.domain(Self.domain("", name: "a-name-of-many-more-letters")))
    #expect(rules.contains("unix listen /var/lib/libvirt/qemu/domain-[0-9]+-a-name-of-many-more-/monitor.sock"))
  }

  @Test(arguments: [
    ("<network/>", "it is a <network>; expected a <domain>"), ("<domain/>", "line 1: the domain has no name"),
  ]) func refusesWhatIsNoDomain(_ text: String, _ message: String) throws {
    let tree = try Tree()
    #expect(throws: LibvirtDomain.NoDomain(message: message)) { try tree.domain(text.utf8) }
  }

  @Test func takesAnyBytes() throws {
    let tree = try host()
    let whole = try Bundle.fixture("web2.xml")
    // Without the line ending behind it, a document is whole.
    for end in 0..<(whole.count - 1) { #expect(throws: (any Error).self) { try tree.domain(whole[..<end]) } }
    var read = 0
    for index in whole.indices {
      for byte: UInt8 in [
        0, UInt8(ascii: "<"), UInt8(ascii: "&"), UInt8(ascii: "'"), whole[index] ^ 0x01, whole[index] ^ 0x80,
      ] {
        var bytes = whole
        bytes[index] = byte
        guard let vm = try? tree.domain(bytes) else { continue }
        read += 1
        if index % 5 == 0 { _ = VMPolicy([vm], root: tree.root) }
      }
    }
    #expect(read > 100)
  }
}
