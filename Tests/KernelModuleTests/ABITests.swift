// SPDX-License-Identifier: Apache-2.0

import CKernelModule
import CMoor
import Testing

@testable import KernelModule

/// The same assertions as in Sources/CMoor, seen from Swift: sizes and numbers are the interface.
@Suite struct ABITests {
  @Test(arguments: [
    ("moor_header", MemoryLayout<moor_header>.stride, 8),
    ("moor_simple", MemoryLayout<moor_simple>.stride, 8),
    ("moor_trust_entry", MemoryLayout<moor_trust_entry>.stride, 8),
    ("moor_trust_begin", MemoryLayout<moor_trust_begin>.stride, 16),
    ("moor_trust_add", MemoryLayout<moor_trust_add>.stride, 24),
    ("moor_trust_commit", MemoryLayout<moor_trust_commit>.stride, 192),
    ("moor_attach_begin", MemoryLayout<moor_attach_begin>.stride, 24),
    ("moor_attach", MemoryLayout<moor_attach>.stride, 16),
    ("moor_arm", MemoryLayout<moor_arm>.stride, 40),
    ("moor_bind", MemoryLayout<moor_bind>.stride, 72),
    ("moor_gate", MemoryLayout<moor_gate>.stride, 24),
    ("moor_bank_value", MemoryLayout<moor_bank_value>.stride, 72),
    ("moor_snapshot", MemoryLayout<moor_snapshot>.stride, 632),
    ("moor_access_header", MemoryLayout<moor_access_header>.stride, 40),
    ("moor_access_slice", MemoryLayout<moor_access_slice>.stride, 8),
    ("moor_access_domain", MemoryLayout<moor_access_domain>.stride, 56),
    ("moor_access_rule", MemoryLayout<moor_access_rule>.stride, 48),
    ("moor_access_begin", MemoryLayout<moor_access_begin>.stride, 24),
    ("moor_access_commit", MemoryLayout<moor_access_commit>.stride, 200),
    ("moor_access_object", MemoryLayout<moor_access_object>.stride, 88),
  ])
  func structureHasTheSizeOfTheHeader(name: String, found: Int, expected: Int) {
    #expect(found == expected, "\(name)")
  }

  /// _IOC puts the size in bits 16 to 29: one that does not match its structure would never be answered.
  @Test(
    arguments: [
      (moor_ioc_attach_begin, 16, 24), (moor_ioc_attach, 17, 16), (moor_ioc_arm, 18, 40), (moor_ioc_release, 19, 8),
      (moor_ioc_trust_begin, 20, 16), (moor_ioc_trust_add, 21, 24), (moor_ioc_trust_commit, 22, 192),
      (moor_ioc_trust_abort, 23, 8), (moor_ioc_bind, 24, 72), (moor_ioc_gate, 25, 24), (moor_ioc_cap, 26, 8),
      (moor_ioc_lock, 27, 8), (moor_ioc_snapshot, 28, 632), (moor_ioc_access_object, 31, 88),
    ] as [(UInt, UInt, UInt)])
  func ioctlCarriesItsNumberAndSize(request: UInt, number: UInt, size: UInt) {
    #expect(request & 0xFF == number)
    #expect(request >> 16 & 0x3FFF == size)
    #expect(request >> 8 & 0xFF == 0xB7)
  }
}
