// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EventLog

/// Lines as kernels write them, of libvirt hosts: what people posted of AppArmor and SELinux, and a filter of system calls.
@Suite struct ForeignDenialTests {
  static let appArmor =
    #"[25941.001453] audit: type=1400 audit(1600267331.284:8572): apparmor="DENIED" operation="open" profile="libvirt-1c01664c-8f99-4942-85c9-2c0c90b2e92b" name="/srv/a.img" pid=204198 comm="qemu-system-x86" requested_mask="r" denied_mask="r" fsuid=0 ouid=0"#
  static let seLinux =
    #"type=AVC msg=audit(1729238705.963:170): avc:  denied  { read write } for  pid=1681 comm="qemu-system-x86" name="sgx_vepc" dev="devtmpfs" ino=86 scontext=system_u:system_r:virtqemud_t:s0 tcontext=system_u:object_r:sgx_vepc_device_t:s0 tclass=chr_file permissive=0"#
  static let seccomp =
    #"type=SECCOMP msg=audit(1700000000.250:51): auid=4294967295 uid=64055 gid=108 ses=4294967295 pid=512 comm="qemu-system-x86" exe="/usr/bin/qemu-system-x86_64" sig=31 arch=c000003e syscall=57 compat=0 ip=0x7f5 code=0x80000000"#

  @Test func readsAppArmor() throws {
    let denial = try #require(ForeignDenial(line: Self.appArmor.utf8))
    #expect(denial.origin == .appArmor && denial.isEnforced)
    #expect(denial.pid == 204198)
    #expect(denial.command == UntrustedText("qemu-system-x86"))
    #expect(denial["name"] == UntrustedText("/srv/a.img"))
    #expect(denial["denied_mask"] == UntrustedText("r"))
    #expect(denial.stamp == AuditStamp(milliseconds: 1_600_267_331_284, serial: 8572))
  }

  @Test func readsSELinux() throws {
    let denial = try #require(ForeignDenial(line: Self.seLinux.utf8))
    #expect(denial.origin == .seLinux && denial.isEnforced)
    #expect(denial["denied"] == UntrustedText("read,write"))
    #expect(denial["tclass"] == UntrustedText("chr_file"))
  }

  @Test func readsSeccomp() throws {
    let denial = try #require(ForeignDenial(line: Self.seccomp.utf8))
    #expect(denial.origin == .seccomp && denial.isEnforced)
    #expect(denial.program == UntrustedText("/usr/bin/qemu-system-x86_64"))
    #expect(denial["syscall"] == UntrustedText("57"))
  }

  /// What passed is no denial; in hex, enriched and in the journal's form it is the same line.
  @Test(arguments: [
    (appArmor.replacing("DENIED", with: "ALLOWED"), false),
    (seLinux.replacing("permissive=0", with: "permissive=1"), false),
    (seccomp.replacing("0x80000000", with: "0x7ffc0000"), false),
    (seccomp.replacing("type=SECCOMP", with: "type=1326"), true),
    (seLinux + "\u{1D}ARCH=x86_64 SYSCALL=openat", true),
    (
      #"host audit[1681]: AVC avc:  denied  { open } for  pid=1681 comm=71656D75 scontext=a tcontext=b tclass=file"#,
      true
    ),
  ])
  func saysWhetherItFailed(line: String, isEnforced: Bool) throws {
    #expect(try #require(ForeignDenial(line: line.utf8)).isEnforced == isEnforced)
  }

  @Test(arguments: [
    "", "type=AVC msg=audit(1.000:1): ", "type=AVC msg=audit(1.000:1): avc:  denied  { read for pid=1 scontext=a",
    "type=AVC msg=audit(1.000:1): avc:  granted  { read } for  pid=1 scontext=a",
    "type=AVC msg=audit(1.000:1): apparmor=\"STATUS\"",
    "type=SECCOMP msg=audit(1.000:1): pid=1 sig=31", "type=SECCOMP msg=audit(1.000:1): code=0xffffffffff",
    "host qemu[1]: audit: type=1400 audit(1.000:1): apparmor=\"DENIED\"",
    "avc:  denied  { read } for  pid=1 scontext=a",
    "type=INTEGRITY_RULE msg=audit(1.000:1): apparmor=\"DENIED\"",
  ])
  func passesOverWhatIsNone(line: String) {
    #expect(ForeignDenial(line: line.utf8) == nil)
  }

  @Test func aLongLineIsBounded() throws {
    let long = Self.appArmor + String(repeating: " x=1", count: 10_000)
    #expect(try #require(ForeignDenial(line: long.utf8)).fields.count == 64)
    let broken = Self.appArmor + " \"=\"\"\" ===  a=\"never closed"
    #expect(ForeignDenial(line: broken.utf8) != nil)
  }
}
