// SPDX-License-Identifier: Apache-2.0

import Foundation
import Inventory
import PolicyText
import Testing
import TrustPolicy

@Suite struct InventoryTests {
  /// A host with merged /usr, one emulator with a plug-in, firmware with links and templates, and modules.
  private func host() throws -> Tree {
    let tree = try Tree()
    try tree.link("lib", to: "usr/lib")
    let emulator = ELFBuilder(interpreter: "/lib/ld.so", needed: ["liba.so"])
    try tree.write("usr/bin/qemu-system-x86_64", emulator.build())
    try tree.link("usr/bin/qemu-system-amd64", to: "qemu-system-x86_64")
    try tree.write("usr/bin/qemu-system-script", "#!/bin/sh\nexec qemu-system-x86_64\n")
    try tree.write("usr/bin/qemu-img", emulator.build())
    try tree.write("opt/my emulator/run", emulator.build())
    try tree.write("usr/sbin/virtqemud", emulator.build())
    try tree.write("usr/sbin/sshd", emulator.build())
    try tree.write("usr/lib/ld.so", ELFBuilder().build())
    try tree.write("usr/lib/liba.so", ELFBuilder().build())
    try tree.write("usr/lib/libp.so", ELFBuilder().build())
    try tree.write("usr/lib/x86_64-linux-gnu/qemu/accel.so", ELFBuilder(needed: ["libp.so"]).build())
    try tree.write("usr/lib/aarch64-linux-gnu/qemu/accel.so", ELFBuilder(machine: 183, needed: ["libz.so"]).build())
    try tree.write("usr/share/seabios/bios-256k.bin")
    try tree.write("usr/share/qemu/qboot.rom")
    try tree.link("usr/share/qemu/bios-256k.bin", to: "../seabios/bios-256k.bin")
    try tree.link("usr/share/qemu/gone.bin", to: "../gone")
    try tree.write("usr/share/qemu/empty.rom", "")
    try tree.write("usr/share/qemu/keymaps/de")
    try tree.write("usr/share/qemu/trace-events-all")
    try tree.write("usr/share/OVMF/OVMF_CODE_4M.fd")
    try tree.write("usr/share/OVMF/OVMF_VARS_4M.fd")
    try tree.write(
      "usr/lib/modules/6.1.0/modules.dep",
      """
      kernel/arch/x86/kvm/kvm-amd.ko: kernel/arch/x86/kvm/kvm.ko kernel/drivers/crypto/ccp.ko kernel/virt/irqbypass.ko
      kernel/arch/x86/kvm/kvm.ko: kernel/virt/irqbypass.ko
      kernel/drivers/vhost/vhost.ko.xz:
      kernel/drivers/vhost/vhost_net.ko.xz: kernel/drivers/vhost/vhost.ko.xz
      kernel/fs/ext4.ko: kernel/lib/crc.ko
      kernel/drivers/vfio/vfio.ko:
      """)
    for name in ["arch/x86/kvm/kvm-amd.ko", "arch/x86/kvm/kvm.ko", "drivers/crypto/ccp.ko", "virt/irqbypass.ko"] {
      try tree.write("usr/lib/modules/6.1.0/kernel/\(name)")
    }
    try tree.write("usr/lib/modules/6.1.0/kernel/drivers/vhost/vhost.ko.xz")
    try tree.write("usr/lib/modules/6.1.0/kernel/drivers/vhost/vhost_net.ko.xz")
    try tree.write("var/lib/moor/modules/6.1.0/vhost.ko")
    return tree
  }

  private func text(_ paths: [TrustPath]) -> [String] { paths.map(\.description) }

  @Test func findsWhatIsInstalledByResolvedPath() throws {
    let tree = try host()
    var options = Inventory.Options()
    options.emulators = ["/opt/my emulator/run", "/usr/bin/qemu-system-amd64"]
    options.kernelRelease = "6.1.0"
    let found = Inventory(tree.root, options)
    #expect(text(found.emulators) == ["/opt/my emulator/run", "/usr/bin/qemu-system-x86_64"])
    #expect(text(found.hypervisor) == ["/usr/sbin/virtqemud"])
    #expect(text(found.libraries) == ["/usr/lib/ld.so", "/usr/lib/liba.so", "/usr/lib/libp.so"])
    #expect(text(found.plugins) == ["/usr/lib/x86_64-linux-gnu/qemu/accel.so"])
    #expect(
      text(found.firmware) == [
        "/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/qemu/qboot.rom", "/usr/share/seabios/bios-256k.bin",
      ])
    let folder = "/usr/lib/modules/6.1.0/kernel"
    #expect(
      text(found.modules) == [
        "\(folder)/virt/irqbypass.ko", "\(folder)/drivers/crypto/ccp.ko", "\(folder)/arch/x86/kvm/kvm.ko",
        "\(folder)/arch/x86/kvm/kvm-amd.ko", "/var/lib/moor/modules/6.1.0/vhost.ko",
      ])
    #expect(text(found.compressedModules.map(\.file)) == ["\(folder)/drivers/vhost/vhost_net.ko.xz"])
    #expect(
      KernelModules(tree.root, release: "6.1.0").packed.map { String(decoding: $0.copy, as: UTF8.self) } == [
        "/var/lib/moor/modules/6.1.0/vhost.ko", "/var/lib/moor/modules/6.1.0/vhost_net.ko",
      ])
    #expect(text(found.compressedModules.map(\.copy)) == ["/var/lib/moor/modules/6.1.0/vhost_net.ko"])
    #expect(
      found.problems == ["/lib/modules/6.1.0/kernel/drivers/vfio/vfio.ko is listed in modules.dep and is not there"])
  }

  @Test func writesAPolicyThatLoadsAndIsFormatted() throws {
    let tree = try host()
    var options = Inventory.Options()
    options.emulators = ["/opt/my emulator/run"]
    options.kernelRelease = "6.1.0"
    let found = Inventory(tree.root, options)
    var first = FirstPolicy(name: "hosts/\"odd\"")
    first.allowsMemoryExec = true
    first.digests = [found.libraries[0]: try #require(TrustDigest(.sha256, [UInt8](repeating: 7, count: 32)))]
    let source = Source(name: "p", text: first.text(of: found))
    let policy = try TrustPolicy(try PolicyLoader().load(source))
    #expect(policy.header.name == "hosts/\"odd\"")
    let all = found.emulators + found.hypervisor + found.libraries + found.plugins + found.firmware + found.modules
    #expect(Set(policy.rules.map(\.path)) == Set(all))
    #expect(
      policy.rules.filter { $0.kind == .exec }.map(\.flags) == [[.domain, .memoryExec], [.domain, .memoryExec], []])
    #expect(policy.unmeasured.count == all.count - 1)
    #expect(policy.check(against: tree.root).isEmpty)
    #expect(Formatter.format(policy.tree.main.document) == source.bytes)
    #expect(
      String(decoding: source.bytes, as: UTF8.self).contains("  # module /var/lib/moor/modules/6.1.0/vhost_net.ko\n"))
  }

  @Test func saysWhatWasNotFound() throws {
    let tree = try Tree()
    try tree.write("script", "#!/bin/sh\n")
    var options = Inventory.Options()
    options.emulators = ["/script", "/gone"]
    options.kernelRelease = "6.1.0"
    let found = Inventory(tree.root, options)
    #expect(
      found.refusedEmulators == [
        "the emulator /script cannot be listed: it is no ELF file",
        "the emulator /gone cannot be listed: there is no such file",
      ])
    #expect(found.problems == ["there are no kernel modules of 6.1.0: run depmod, or name another kernel"])
    let text = FirstPolicy(name: "n").text(of: found)
    #expect(try TrustPolicy(try PolicyLoader().load(Source(name: "p", text: text))).rules.isEmpty)
  }

  @Test(arguments: ["", "..", ".", "a/b", "6.1\n", "6.1 x", "../../etc", String(repeating: "a", count: 65)])
  func refusesWhatIsNoKernelRelease(_ text: String) {
    #expect(!KernelModules.isRelease(text))
    #expect(KernelModules(FileRoot(), release: text).problems.count == 1)
  }
}
