// SPDX-License-Identifier: Apache-2.0

import AccessPolicy
import Foundation
import Glibc
import PolicyText
import Testing
import TrustPolicy

@testable import Inventory

/// Descriptions that nobody would write by mistake: each gives the right rules or a note, and leaves the other VMs theirs.
@Suite struct HostileVMTests {
  private func domain(_ devices: String, name: String = "a", more: String = "") -> String {
    "<domain type='kvm'><name>\(name)</name>\(more)<devices>\(devices)</devices></domain>"
  }

  /// The rules that an XML gives, and what it tells.
  private func read(_ tree: Tree, _ xml: String) throws -> (rules: [String], notes: [String]) {
    let vm = try tree.domain(xml.utf8, name: "a.xml")
    return (try tree.rules(vm), try tree.policy([vm]).written.notes)
  }

  private func read(_ tree: Tree, arguments: [String]) throws -> (rules: [String], notes: [String]) {
    let vm = tree.commandLine(arguments)
    return (try tree.rules(vm), try tree.policy([vm]).written.notes)
  }

  private static let strange: [(device: String, note: String)] = [
    (
      "<channel type='unix'><target type='virtio' name='../../../etc/x'/></channel>",
      "a.xml:1: unix listen /var/lib/libvirt/qemu/channel/target/domain-[0-9]+-a/../../../etc/x is no rule and is left out: "
    ),
    (
      "<tpm><backend type='emulator'/></tpm>",
      "a.xml:1: where the TPM's state is, is in no rule: the domain has no UUID"
    ),
    (
      "<shmem name='../sda'/>",
      "a.xml:1: shared memory of the name '../sda' is in no rule: it is no name of a file"
    ),
    (
      "<hostdev type='mdev'><source><address uuid='../../../../srv'/></source></hostdev>",
      "a.xml:1: a mediated device without a UUID is in no rule"
    ),
    (
      "<x:disk xmlns:x='urn:x' type='file'><source file='/etc/shadow'/></x:disk>",
      "a.xml:1: the element <disk> is of a namespace that is not known, and no rule is written for it"
    ),
    (
      "<disk type='file' xmlns:x='urn:x'><source x:file='/etc/shadow'/></disk>",
      "a.xml:1: /etc/shadow (source {urn:x}file) is in no rule: what it is for is not known"
    ),
    (
      "<disk type='file'><source file='/dev/fdset/3'/></disk>",
      "a.xml:1: /dev/fdset/3 is in no rule: QEMU takes it for a descriptor that is handed in"
    ),
    (
      "<filesystem><source dir='/'/><readonly/></filesystem>",
      "a.xml:1: all of the file system would be in a rule, which is not written"
    ),
    (
      "<graphics type='vnc' port='5900' listen='fe80::1%eth0'/>",
      "a.xml:1: the screen at fe80::1%eth0 is in no rule: expected an address as a number"
    ),
    (
      "<serial type='tcp'><source mode='bind' host='*' service='1'/></serial>",
      "a.xml:1: tcp at *:1 is in no rule: expected an address and a port as numbers"
    ),
  ]

  @Test(arguments: strange) func whatIsNoNameOrAddressIsInNoRule(_ device: String, _ note: String) throws {
    let tree = try Tree()
    try tree.write("d.raw")
    let disk = "<disk type='file'><source file='/d.raw'/></disk>"
    let (rules, notes) = try read(tree, domain(device + disk, more: "<uuid>../../..</uuid>"))
    #expect(notes.contains { $0.hasPrefix(note) }, "\(notes)")
    // The rest of the VM keeps its rules, and none is about what was meant.
    #expect(rules.contains("object rwk /d.raw"))
    #expect(
      !rules.contains { rule in
        ["shadow", "sda", "/srv", "..", "/var/**", "/**"].contains { rule.hasSuffix($0) }
      }, "\(rules)")
  }

  @Test func aUUIDIsWrittenAsLibvirtWritesIt() throws {
    let more = "<uuid>4DEA22B3-1D52-D8F3-2516-782E98AB3FA0</uuid>"
    let (rules, _) = try read(Tree(), domain("<tpm><backend type='emulator'/></tpm>", more: more))
    #expect(
      rules.contains { $0.hasSuffix(" /var/lib/libvirt/swtpm/4dea22b3-1d52-d8f3-2516-782e98ab3fa0/**") }, "\(rules)")
  }

  /// What formatting and the lexer would make of them stands in comments, too.
  @Test(arguments: [
    "top ", "top\\", "top #", "top\n}", "top\u{202E}", "\u{200B}", "top{", "top\t", "\"", "@{vm}", "*?[",
  ])
  func namesOfFilesAreQuoted(_ name: String) throws {
    let tree = try Tree()
    try tree.write("srv/base.raw")
    try tree.write(
      "srv/\(name)", QCOW2Builder(backing: Array("base.raw".utf8), backingFormat: "raw").build())
    var vm = VMDescription(name: "a", source: SafeText.show("/tmp/\(name) "))
    vm.add(VMImage(path: Array("/srv/\(name)".utf8), format: "qcow2", isWritable: true, place: VMPlace("test")))
    let (_, access) = try tree.policy([vm])
    let paths = access.domains[0].rules.compactMap { $0.path?.glob.literalPath }
    #expect(paths.contains(Array("/srv/\(name)".utf8)) && paths.contains(Array("/srv/base.raw".utf8)))
  }

  @Test func bytesThatAreNoUTF8AreKept() throws {
    let tree = try Tree()
    let folder = Array("/srv/".utf8) + [0xFF]
    var vm = VMDescription(name: "a", source: "test")
    vm.add(.folders, "object", "rw", [.literal(folder), .below], at: VMPlace("test"))
    let (written, access) = try tree.policy([vm])
    #expect(written.text.contains("object rw /srv/\\xff/**\n"))
    #expect(
      access.domains[0].rules.contains {
        $0.path.map { GlobMatcher($0.glob).match(folder + [0x2F, 0x78]).isMatch } == true
      })
  }

  @Test func pathsOfTheLongestLengthAreTaken() throws {
    let tree = try Tree()
    let long = "/" + String(repeating: "d/", count: 2046) + "ee"
    #expect(long.utf8.count == 4095)
    #expect(try read(tree, arguments: ["-hda", long]).rules == ["object rwk \(long)"])
    #expect(try read(tree, arguments: ["-hda", long + "e"]).rules == [])
    // With a pattern behind it, it is longer than a rule may be.
    let (rules, notes) = try read(tree, arguments: ["-L", long])
    #expect(rules == [])
    #expect(notes.count == 1 && notes[0].hasPrefix("test: argument 2: shared r /d/d/"))
  }

  private static let left: [(arguments: [String], note: String)] = [
    (["-drive", "file=json:{\"driver\":\"file\",,\"filename\":\"/a\\u0000/b\"}"], "it has a NUL in it"),
    (["-chardev", "socket,id=c,path=a\nb,abstract=on"], ""),
    (
      ["-netdev", "user,id=n,hostfwd=tcp:[::1]:1-:2"],
      "the forwarded port tcp:[::1]:1-:2 is in no rule: expected numbers"
    ),
    (["-netdev", "user,id=n,guestfwd=tcp:10.0.2.1:80-cmd:nc x"], "guestfwd=tcp:10.0.2.1:80-cmd:nc x is in no rule"),
    (["-set", "drive.d0.file=/etc/shadow"], "/etc/shadow (drive.d0.file) is in no rule"),
    (["-global", "vfio-pci.romfile=/r"], "/r (vfio-pci.romfile) is in no rule"),
    (["-object", "authz-list-file,filename=./acl"], "./acl (filename) is in no rule"),
    (["-add-fd", "fd=3,set=1,opaque=rdonly:/x"], "the descriptor that -add-fd hands in is in no rule"),
    (["-device", "vfio-pci,sysfsdev=/srv"], "is not on this host, or without an IOMMU"),
    (["-blockdev", "driver=quorum,node-name=q,children.0=a"], "the block driver 'quorum' is not known"),
    (
      ["-blockdev", "driver=raw,node-name=a,file=b", "-blockdev", "driver=raw,node-name=b,file=a"],
      "the block node 'a' is in no rule: no disk that is known stands upon it"
    ),
    (["-qtest-log", "/l"], "the option -qtest-log /l is not known, and no rule is written for it"),
    (["-"], "- is in no rule: it is relative, and to which folder is not known"),
    ([""], "is in no rule: it is relative, and to which folder is not known"),
  ]

  @Test(arguments: left) func whatIsLeftOutOfACommandLineIsTold(_ arguments: [String], _ note: String) throws {
    let (rules, notes) = try read(Tree(), arguments: arguments + ["-pidfile", "/p"])
    #expect(note.isEmpty || notes.contains { $0.contains(note) }, "\(notes)")
    #expect(rules.contains("object rwcdk /p"))
  }

  @Test func valuesAreBounded() throws {
    let deep = String(repeating: "{\"a\":", count: 200) + "1" + String(repeating: "}", count: 200)
    let keys = (0..<5000).map { "k\($0)=1" }
    let name = String(repeating: "n", count: 300)
    let values: [(arguments: [String], note: String)] = [
      (["-blockdev", "{\"a\":" + String(repeating: "[", count: 100_000)], "it is no JSON that can be read"),
      (["-blockdev", deep], "it has a key of more than 256 bytes"),
      (["-device", keys.joined(separator: ",")], "it has more than 4096 keys"),
      (["-drive", String(repeating: ",", count: 100_001)], ""),
      (["-chardev", "socket,id=c,path=\(name),abstract=on"], ""),
    ]
    for (arguments, note) in values {
      let (rules, notes) = try read(Tree(), arguments: arguments + ["-pidfile", "/p"])
      #expect(note.isEmpty || notes.contains { $0.hasSuffix(note) }, "\(note) in \(notes)")
      #expect(rules.contains("object rwcdk /p"))
    }
  }

  private static let options: [(arguments: [String], rules: [String])] = [
    (
      ["-netdev", "user,id=n,hostfwd=tcp::1-:2,hostfwd=udp:127.0.0.1:3-:4"], ["tcp listen *:1", "udp bind 127.0.0.1:3"]
    ),
    // 0.0.0.0 is an address of its own, and narrower than all of them.
    (["-vnc", "0.0.0.0:1"], ["tcp listen 0.0.0.0:5901"]),
    (["-vnc", "[::]:1"], ["tcp listen [::]:5901"]),
    (["-vnc", "[::ffff:127.0.0.1]:1"], ["tcp listen 127.0.0.1:5901"]),
    (["-incoming", "tcp:0:4444"], ["tcp listen 0.0.0.0:4444"]),
    (["-vnc", "10.0.0.1:1,websocket=127.0.0.1:5700"], ["tcp listen 10.0.0.1:5901", "tcp listen 127.0.0.1:5700"]),
    (["-gdb", "tcp::1234"], ["tcp listen *:1234"]),
    (["-serial", "file:/a,b"], ["object wac \"/a,b\""]),
    (["-smbios", "file=/a:b"], ["shared r /a:b"]),
    (["-acpitable", "file=/a:/b"], ["shared r /a", "shared r /b"]),
    (["-smbios", "type=11,value=/not/a/path,path=/p"], ["shared r /p"]),
    (["-boot", "menu=on,splash=/s.jpg"], ["shared r /s.jpg"]),
    (["-icount", "shift=auto,rr=record,rrfile=/r"], ["object rwc /r"]),
    (["-icount", "7,rr=replay,rrfile=/r"], ["shared r /r"]),
    (["-append", "/dev/vda", "-runas", "a/b"], []),
  ]

  @Test(arguments: options) func anOptionBecomesTheseRulesAlone(_ arguments: [String], _ rules: [String]) throws {
    #expect(try read(Tree(), arguments: arguments).rules == rules)
  }

  @Test func namesThatAreCutAlikeShareNothing() throws {
    let tree = try Tree()
    let vms = try ["worker-of-the-cluster-1", "worker-of-the-cluster-2"].map { name in
      try tree.domain(
        domain("", name: name, more: "<memoryBacking><hugepages/></memoryBacking>").utf8, name: "\(name).xml")
    }
    let (written, _) = try tree.policy(vms)
    #expect(!written.text.contains("hugepages") && !written.text.contains("master-key"))
    #expect(
      written.notes.contains(
        "worker-of-the-cluster-1.xml:1: /dev/hugepages/libvirt/qemu/[0-9]+-worker-of-the-cluste/** is in no rule: it would be "
          + "that of worker-of-the-cluster-2, too, whose name begins alike"), "\(written.notes)")
    #expect(
      try tree.policy([vms[0]]).written.text.contains(
        "object rwcd /dev/hugepages/libvirt/qemu/[0-9]+-worker-of-the-cluste/**"))
  }

  @Test func backingNamesAreOnlyNames() throws {
    let tree = try Tree()
    try tree.makeFolder("srv/folder")
    #expect(mkfifo(tree.folder.path + "/srv/fifo", 0o600) == 0)
    func notes(_ name: String, _ format: String? = "qcow2") throws -> (rules: [String], notes: [String]) {
      try tree.write("srv/top.qcow2", QCOW2Builder(backing: Array(name.utf8), backingFormat: format).build())
      return try read(tree, domain("<disk><driver type='qcow2'/><source file='/srv/top.qcow2'/></disk>"))
    }
    #expect(
      try notes("top.qcow2").notes.contains {
        $0.hasSuffix("its chain of images comes back to /srv/top.qcow2 and is not followed further")
      })
    #expect(try notes("json:{\"driver\":\"file\"}").notes.contains { $0.contains("is no file, and not followed") })
    // Seen from QEMU's folder, and not from the image's.
    #expect(
      try notes("file:folder/../base").notes.contains {
        $0.contains("it is relative, and to which folder is not known")
      })
    #expect(try notes("file:/srv/b").rules.contains("shared rk /srv/b"))
    #expect(try notes("folder").notes.contains { $0.hasSuffix("/srv/folder is a folder; expected an image") })
    #expect(
      try notes("fifo").notes.contains {
        $0.contains("what lies behind /srv/fifo is not followed: it is a device, pipe or socket")
      })
    #expect(try notes("../../../../../etc/shadow", "raw").rules.contains("shared rk /etc/shadow"))
    #expect(try notes("gone/../x").rules == notes("gone/../x").rules)
    #expect(try notes("\n").rules.contains("shared rk \"/srv/\\n\""))
  }

  @Test func chainsAreFollowedSoFar() throws {
    let tree = try Tree()
    for index in 0..<250 {
      try tree.write("srv/\(index)", QCOW2Builder(backing: Array("\(index + 1)".utf8), backingFormat: "qcow2").build())
    }
    let (rules, notes) = try read(tree, domain("<disk><driver type='qcow2'/><source file='/srv/0'/></disk>"))
    #expect(rules.filter { $0.hasPrefix("shared rk /srv/") }.count == ImageChain.longest - 1)
    #expect(notes.contains("a.xml:1: there are more than 200 images behind /srv/0; the rest has no rule"))
  }

  @Test func onlyTheBeginningOfAnImageIsRead() throws {
    let tree = try Tree()
    try tree.write("srv/base.raw")
    try tree.write("srv/top", QCOW2Builder(backing: Array("base.raw".utf8), backingFormat: "raw").build())
    // 8 TiB of nothing.
    #expect(truncate(tree.folder.path + "/srv/top", 1 << 43) == 0)
    let (rules, _) = try read(tree, arguments: ["-drive", "file=/srv/top,format=qcow2"])
    #expect(rules == ["object rwk /srv/top", "shared rk /srv/base.raw"])
  }

  /// A reader that opened them would wait for ever, or make a device do something.
  @Test func whatIsNoRegularFileIsNotOpened() throws {
    let tree = try Tree()
    try tree.makeFolder("etc/libvirt/qemu")
    #expect(mkfifo(tree.folder.path + "/etc/libvirt/qemu/a.xml", 0o600) == 0)
    try tree.link("etc/libvirt/qemu/b.xml", to: "b.xml")
    try tree.makeFolder("etc/libvirt/qemu/c.xml")
    try tree.write("etc/libvirt/qemu/d.xml", domain("<disk><source file='/etc/libvirt/qemu/a.xml'/></disk>"))
    var sources = VMSources(root: tree.root)
    sources.addLibvirt()
    #expect(sources.failures == [])
    #expect(
      sources.notes == [
        "/etc/libvirt/qemu/a.xml cannot be read: it is a device, pipe or socket: the VM has no rules",
        "/etc/libvirt/qemu/b.xml cannot be read: there are too many symbolic links: the VM has no rules",
        "/etc/libvirt/qemu/c.xml cannot be read: it is a folder: the VM has no rules",
      ])
    #expect(sources.vms.map(\.name) == ["a"])
    #expect(try tree.rules(sources.vms[0]).contains("object rwk /etc/libvirt/qemu/a.xml"))
    for path in ["/etc/libvirt/qemu/a.xml", "/dev/null", "/gone", "/etc/libvirt"].map({ Array($0.utf8) }) {
      var named = VMSources(root: tree.root, files: path.starts(with: "/dev".utf8) ? FileRoot() : tree.root)
      named.add(commandLine: path)
      #expect(named.vms.isEmpty && named.failures.count == 1)
    }
  }

  @Test func aFolderOfLibvirtThatCannotBeReadIsTold() throws {
    let tree = try Tree()
    try tree.link("etc/libvirt/qemu", to: "qemu")
    var sources = VMSources(root: tree.root)
    sources.addLibvirt()
    #expect(
      sources.notes == ["/etc/libvirt/qemu cannot be read: there are too many symbolic links: its VMs have no rules"])
    var none = VMSources(root: try Tree().root)
    none.addLibvirt()
    #expect(none.notes == [] && none.failures == [] && none.vms.isEmpty)
  }

  @Test(arguments: ["guest", "vm", "include", "template", "helper", "1", "a.", String(repeating: "n", count: 63)])
  func namesThatAreWordsOfThePolicyAreNames(_ name: String) throws {
    let tree = try Tree()
    var vm = VMDescription(name: name, source: "test")
    vm.add(VMImage(path: Array("/d".utf8), format: "raw", isWritable: true, place: VMPlace("test")))
    #expect(try tree.policy([vm]).access.domains.map(\.name) == [name])
  }

  @Test(arguments: [
    "<a><![CDATA[<!DOCTYPE a>]]></a>", "<a>&#0;</a>", "<a>&#xFFFFFFFF;</a>", "<a b='&#x1;'/>", "<a b='' b=''/>",
    "<?xml version='9'?><a", "<!-- -- --><a/>", "<a>]]></a>",
  ]) func xmlThatIsNoneIsRefused(_ text: String) {
    #expect(throws: XMLDocument.Problem.self) { try XMLDocument.read(Array(text.utf8)) }
  }

  @Test func whatXMLEscapesIsItself() throws {
    let (rules, _) = try read(Tree(), domain("<disk><source file='/a&#10;b&#x202E;c&lt;&apos;'/></disk>"))
    #expect(rules.contains("object rwk \"/a\\nb\\xe2\\x80\\xaec<'\""))
  }

  @Test func manyBlockNodesAreReadAtOnce() throws {
    let many = (0..<4000).flatMap { ["-blockdev", "driver=raw,node-name=n\($0),file=n\($0 + 1)"] }
    let (rules, notes) = try read(Tree(), arguments: many)
    #expect(rules == [])
    #expect(
      notes.count < 4001
        && notes.contains { $0.hasSuffix("block nodes stand upon each other too deep, or too many times") })
  }
}
