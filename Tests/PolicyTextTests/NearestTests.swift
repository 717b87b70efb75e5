// SPDX-License-Identifier: Apache-2.0

import PolicyText
import Testing

@Suite struct NearestTests {
  @Test(arguments: [
    ("exce", "exec"), ("EXEC", "exec"), ("libary", "library"), ("frimware", "firmware"), ("modul", "module"),
    ("x", nil), ("", nil), ("executable-thing", nil), ("trust", nil),
  ]) func findsWhatWasMeant(_ word: String, _ expected: String?) {
    #expect(Nearest.match(Array(word.utf8), among: ["exec", "library", "firmware", "module"]) == expected)
  }

  @Test func givesUpOnLongWords() {
    let word = [UInt8](repeating: 0x61, count: 1 << 20)
    #expect(Nearest.match(word, among: [String(repeating: "a", count: 64)]) == nil)
  }
}
