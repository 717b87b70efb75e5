// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

@testable import KernelModule

@Suite struct HookTableTests {
  @Test func hookNamesAreThoseOfTheModulesTable() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let table = try String(contentsOf: root.appending(path: "lsm/hooks.def"), encoding: .utf8)
    let names = table.split(separator: "\n").filter { $0.hasPrefix("MOOR_HOOK(") }.map { line in
      String(line.dropFirst("MOOR_HOOK(".count).prefix { $0 != "," })
    }
    #expect(names == HookTable.names)
  }
}
