// SPDX-License-Identifier: Apache-2.0

import Testing
import TrustPolicy

@Suite struct TrustPatternTests {
  @Test(arguments: [
    ("/usr/lib/x/*", "/usr/lib/x/a", true),
    ("/usr/lib/x/*", "/usr/lib/x/a/b", false),
    ("/usr/lib/x/*", "/usr/lib/xa", false),
    ("/usr/lib/x/**", "/usr/lib/x/a/b", true),
    ("/usr/lib/x/***", "/usr/lib/x/a/b", true),
    ("/usr/lib/x/**/b", "/usr/lib/x/a/b", true),
    ("/usr/lib/x/**/b", "/usr/lib/x/b", false),
    ("/usr/lib/x/?.so", "/usr/lib/x/a.so", true),
    ("/usr/lib/x/?.so", "/usr/lib/x/.so", false),
    ("/usr/lib/x/a?b", "/usr/lib/x/a/b", false),
    ("/usr/lib/x/*.so.*", "/usr/lib/x/liba.so.1", true),
    ("/usr/lib/x/*.so.*", "/usr/lib/x/liba.so", false),
    ("/usr/lib/x/\\**", "/usr/lib/x/*a", true),
    ("/usr/lib/x/\\**", "/usr/lib/x/aa", false),
    ("/usr/lib/x/*a*a*a*a*a*a*b", "/usr/lib/x/" + String(repeating: "a", count: 2000), false),
  ]) func covers(_ pattern: String, _ path: String, _ expected: Bool) throws {
    let policy = try makePolicy("library \(pattern)")
    #expect(policy.covers(.library, try TrustPath(path)) == expected)
  }
}
