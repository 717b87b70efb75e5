// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import TrustPolicy

@Suite struct TrustDiffTests {
  static let one = String(repeating: "11", count: 32)
  static let two = String(repeating: "22", count: 32)

  @Test func tellsWhatChangedInWords() throws {
    let old = try makePolicy(
      """
      exec /a memory-exec sha256:\(Self.one)
      exec /gone
      library /b sha256:\(Self.one)
      library /new-digest
      library /usr/lib/x/**
      """)
    let new = try makePolicy(
      """
      exec /a sha256:\(Self.one)
      library /b sha256:\(Self.two)
      library /new-digest sha256:\(Self.one)
      firmware /f sha256:\(Self.two)
      firmware /usr/lib/x/**
      """, version: 2)
    let diff = TrustDiff(from: old, to: new)
    #expect(
      diff.description == """
        ~ version 1 -> 2
        - library /usr/lib/x/** (pattern)
        + firmware /usr/lib/x/** (pattern)
        ~ exec /a
            flags memory-exec -> none
        - exec /gone (not measured)
        ~ library /b
            - sha256:\(Self.one)
            + sha256:\(Self.two)
        ~ library /new-digest (measured for the first time)
            + sha256:\(Self.one)
        + firmware /f
            + sha256:\(Self.two)
        """)
    #expect(try JSONDecoder().decode(TrustDiff.self, from: try JSONEncoder().encode(diff)) == diff)
  }

  @Test func findsNothingBetweenEquals() throws {
    let one = try makePolicy("exec /a sha256:\(Self.one)\nlibrary /b")
    let other = try makePolicy("library /b  # comment\nexec   /a sha256:\(Self.one)")
    #expect(TrustDiff(from: one, to: other).isEmpty)
    #expect(TrustDiff(from: one, to: other).description == "no difference")
  }
}
