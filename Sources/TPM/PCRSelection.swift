// SPDX-License-Identifier: Apache-2.0

/// A set of PCR indices, 0 to 31 (the widest TPMS_PCR_SELECT that the TSS carries is four bytes).
public struct PCRSet: OptionSet, Hashable, Sendable {
  /// Bit N stands for PCR N.
  public let rawValue: UInt32

  /// Creates a set from its bits.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// The largest index that can be in a set.
  public static let maximumIndex = 31

  /// The set of one PCR; nil when the index is not in 0...31.
  public init?(index: Int) {
    guard (0...Self.maximumIndex).contains(index) else { return nil }
    self.init(rawValue: 1 << UInt32(index))
  }

  /// The set of these PCRs; nil when an index is not in 0...31.
  public init?(indices: some Sequence<Int>) {
    var set = PCRSet()
    for index in indices {
      guard let one = PCRSet(index: index) else { return nil }
      set.formUnion(one)
    }
    self = set
  }

  /// PCR 0 to 23, those of a PC Client platform.
  public static let platform = PCRSet(rawValue: 0x00FF_FFFF)

  /// The indices, ascending.
  public var indices: [Int] {
    (0...Self.maximumIndex).filter { rawValue & (1 << UInt32($0)) != 0 }
  }
}

extension PCRSet: CustomStringConvertible {
  /// The indices, separated by commas.
  public var description: String {
    indices.map(String.init).joined(separator: ",")
  }
}

/// Which PCRs of which banks: TPML_PCR_SELECTION (TPM 2.0 Library Part 2, section 10.9.7).
///
/// A bank without a PCR is not part of a selection.
public struct PCRSelection: Hashable, Sendable {
  private var sets: [TPMAlgorithm: PCRSet]

  /// A selection of no PCR.
  public init() {
    sets = [:]
  }

  /// The same PCRs in each of these banks.
  public init(_ pcrs: PCRSet, in banks: some Sequence<TPMAlgorithm>) {
    self.init()
    for bank in banks {
      self[bank] = pcrs
    }
  }

  /// The PCRs selected in a bank; the empty set when the bank is not part of the selection.
  public subscript(bank: TPMAlgorithm) -> PCRSet {
    get { sets[bank] ?? [] }
    set { sets[bank] = newValue.isEmpty ? nil : newValue }
  }

  /// The banks with at least one PCR, ascending by identifier.
  public var banks: [TPMAlgorithm] { sets.keys.sorted() }

  /// True when no PCR is selected.
  public var isEmpty: Bool { sets.isEmpty }

  /// How many PCRs are selected, in all banks together.
  public var count: Int { sets.values.reduce(0) { $0 + $1.rawValue.nonzeroBitCount } }

  /// What this selection has and the other has not.
  public func subtracting(_ other: PCRSelection) -> PCRSelection {
    var rest = self
    for bank in banks {
      rest[bank] = self[bank].subtracting(other[bank])
    }
    return rest
  }

  /// True when the other selection has all that this one has.
  public func isSubset(of other: PCRSelection) -> Bool {
    subtracting(other).isEmpty
  }
}

extension PCRSelection: CustomStringConvertible {
  /// The selection in the notation of tpm2-tools, such as `sha256:0,7+sha384:13`.
  public var description: String {
    banks.map { "\($0):\(self[$0])" }.joined(separator: "+")
  }
}

/// The values of PCRs as of one instant.
public struct PCRValues: Equatable, Sendable {
  /// The TPM's pcrUpdateCounter at that instant (TPM 2.0 Library Part 3, TPM2_PCR_Read).
  public let updateCounter: UInt32
  private let values: [TPMAlgorithm: [Int: [UInt8]]]

  init(updateCounter: UInt32, values: [TPMAlgorithm: [Int: [UInt8]]]) {
    self.updateCounter = updateCounter
    self.values = values
  }

  /// The value of one PCR; nil when it was not asked for.
  public subscript(bank: TPMAlgorithm, pcr: Int) -> [UInt8]? {
    values[bank]?[pcr]
  }

  /// The banks that were read, ascending by identifier.
  public var banks: [TPMAlgorithm] { values.keys.sorted() }
}
