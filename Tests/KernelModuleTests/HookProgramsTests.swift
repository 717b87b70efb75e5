// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import KernelModule

/// What libbpf says of files that hold no programs; attaching needs a kernel with the module (the lab).
@Suite struct HookProgramsTests {
  @Test(arguments: [
    ("/nonexistent/moor.bpf.o", "ENOENT", "there is no such file"),
    ("/etc/passwd", "EINVAL", "the file holds no BPF programs"),
  ])
  func saysWhyAFileHoldsNoPrograms(path: String, error: String, meaning: String) {
    let found = refusal { _ = try HookPrograms(path: path, withAccess: true) }
    #expect(found?.operation == .openPrograms)
    #expect(found?.error.name == error)
    #expect(found?.meaning == meaning)
    #expect(found?.detail.hasPrefix(path) == true)
  }

  @Test func libbpfsOwnWordsAreInTheDetail() {
    let found = refusal { _ = try HookPrograms(path: "/etc/passwd", withAccess: false) }
    #expect(found?.detail.contains("libbpf: elf: '/etc/passwd' is not a proper ELF object") == true)
  }
}
