// SPDX-License-Identifier: Apache-2.0

import PolicyText
import Testing

/// The text is the base of both policies: what rules of access look like must be readable without a change to it.
@Suite struct AccessGrammarTests {
  static let text = """
    policy "hosts/rack12" version 7

    @{images} = /var/lib/libvirt/images

    vm web1 {
      object rw @{images}/web1.qcow2  # its own
      shared r @{images}/base.qcow2
      file rwc @{vmdir}/**
      temp /var/tmp/vl.??????
      delegate attach rw @{images}/** to /usr/sbin/virtqemud
      device rw /dev/kvm ioctl @{kvm}
      tcp listen 127.0.0.1:5901
      tcp connect [::1]:49152-49215
      unix connect @/tmp/.X11-unix/X0
      exec /usr/libexec/qemu-bridge-helper -> bridge_helper
      deny quiet file r /etc/{passwd,group}
      helper swtpm {
        file rw "@{not a variable}/tpm state"
      }
    }

    """

  @Test func readsRulesOfAccess() throws {
    let late: Set = ["vmdir", "kvm"]
    let tree = try PolicyLoader(lateVariables: late, files: MemoryFiles()).load(Source(name: "p", text: Self.text))
    let vm = try #require(tree.items.first)
    #expect(vm.argument(1).isWord("web1"))
    let rules = try tree.items(in: vm).map { rule in
      try (0..<rule.wordCount).flatMap { try tree.variables.expand(rule.argument($0)).map(\.shown) }.joined(
        separator: " ")
    }
    #expect(rules[0] == "object rw /var/lib/libvirt/images/web1.qcow2")
    #expect(rules[2] == "file rwc @{vmdir}/**")
    #expect(rules[4] == "delegate attach rw /var/lib/libvirt/images/** to /usr/sbin/virtqemud")
    #expect(rules[7] == "tcp connect [::1]:49152-49215")
    #expect(rules[8] == "unix connect @/tmp/.X11-unix/X0")
    #expect(rules[9] == "exec /usr/libexec/qemu-bridge-helper -> bridge_helper")
    #expect(rules[10] == "deny quiet file r /etc/{passwd,group}")
    let helper = try #require(tree.items(in: vm).last)
    #expect(tree.items(in: helper).map { $0.argument(2).shown } == ["@{not a variable}/tpm state"])
    #expect(Formatter.format(tree.main.document) == Array(Self.text.utf8))
  }

  @Test func sharesIncludedFilesBetweenBlocks() throws {
    let vms = (0..<500).map { "vm v\($0) {\n  include <abstractions/qemu>\n}\n" }.joined()
    let files = MemoryFiles(contents: ["/lib/abstractions/qemu": "file r /a\nfile r /b\n"])
    let tree = try PolicyLoader(searchPath: ["/lib"], files: files)
      .load(Source(name: "p", text: "policy \"n\" version 1\n" + vms))
    #expect(tree.files.count == 2)
    #expect(tree.items.count == 500)
    let blocks = tree.items.map { tree.items(in: $0) }
    #expect(blocks.allSatisfy { $0.count == 2 && $0[0].file === blocks[0][0].file })
  }
}
