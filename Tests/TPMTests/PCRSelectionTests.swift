// SPDX-License-Identifier: Apache-2.0

import TPM
import Testing

@Suite struct PCRSelectionTests {
  @Test(arguments: [-1, 32, 64, Int.max, Int.min]) func hasNoIndexOutsideOfItsBits(index: Int) {
    #expect(PCRSet(index: index) == nil)
    #expect(PCRSet(indices: [0, index]) == nil)
  }

  @Test func countsAndListsInOrder() throws {
    let set = try #require(PCRSet(indices: [31, 7, 0, 7]))
    #expect(set.indices == [0, 7, 31])
    #expect(set.description == "0,7,31")
    let selection = PCRSelection(set, in: [.sha384, .sha256])
    #expect(selection.count == 6)
    #expect(selection.banks == [.sha256, .sha384])
    #expect(selection.description == "sha256:0,7,31+sha384:0,7,31")
  }

  @Test func dropsBanksWithoutPCR() {
    var selection = PCRSelection(.platform, in: [.sha256, .sha384])
    selection[.sha256] = []
    #expect(selection == PCRSelection(.platform, in: [.sha384]))
    #expect(selection.subtracting(selection).isEmpty)
    #expect(PCRSelection([], in: [.sha256]).isEmpty)
  }

  @Test func comparesBankByBank() throws {
    let one = try #require(PCRSet(index: 1))
    let small = PCRSelection(one, in: [.sha256])
    let large = PCRSelection(.platform, in: [.sha256, .sha384])
    #expect(small.isSubset(of: large))
    #expect(!large.isSubset(of: small))
    #expect(!PCRSelection(one, in: [.sha512]).isSubset(of: large))
    #expect(large.subtracting(small).count == 47)
  }
}

@Suite struct TPMAlgorithmTests {
  @Test(arguments: [
    (TPMAlgorithm.sha1, "sha1", 20), (.sha256, "sha256", 32), (.sha384, "sha384", 48), (.sha512, "sha512", 64),
    (.sm3_256, "sm3_256", 32), (.sha3_256, "sha3_256", 32), (.sha3_384, "sha3_384", 48), (.sha3_512, "sha3_512", 64),
  ])
  func knowsNameAndDigestSize(algorithm: TPMAlgorithm, name: String, size: Int) {
    #expect(algorithm.name == name)
    #expect(TPMAlgorithm(name: name) == algorithm)
    #expect(algorithm.digestSize == size)
  }

  @Test func keepsWhatItDoesNotKnow() {
    #expect(TPMAlgorithm(rawValue: 0xABC).name == "0x0abc")
    #expect(TPMAlgorithm(rawValue: 0xABC).digestSize == nil)
    #expect(TPMAlgorithm(rawValue: 0x0023).digestSize == nil)
    #expect(TPMAlgorithm(name: "SHA256") == nil)
    #expect(TPMAlgorithm(name: "") == nil)
  }
}
