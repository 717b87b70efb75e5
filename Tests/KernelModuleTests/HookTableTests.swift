// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

@testable import KernelModule

@Suite struct HookTableTests {
  @Test func hookNamesAndGroupsAreThoseOfTheModulesTable() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let table = try String(contentsOf: root.appending(path: "lsm/hooks.def"), encoding: .utf8)
    let rows = table.split(separator: "\n").filter { $0.hasPrefix("MOOR_HOOK(") }
    func name(_ row: Substring) -> String { String(row.dropFirst("MOOR_HOOK(".count).prefix { $0 != "," }) }
    #expect(rows.map(name) == HookTable.names)
    #expect(Set(rows.filter { $0.hasSuffix(", LAUNCH)") }.map(name)) == HookTable.launch)
    #expect(Set(rows.filter { $0.hasSuffix(", LATER)") }.map(name)) == HookTable.later)
  }
}
