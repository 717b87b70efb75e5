// SPDX-License-Identifier: Apache-2.0

/// A set of bytes, none of which is 0: what a wildcard or a class matches.
///
/// It also says whether a byte that nobody mentions is in it, so that a whole automaton can be built from the few
/// bytes that are mentioned.
struct ByteSet: Hashable, Sendable {
  private var low: UInt64 = 0
  private var middle: UInt64 = 0
  private var high: UInt64 = 0
  private var top: UInt64 = 0
  /// Whether bytes that nobody mentions are in it: it is a wildcard or a negated class.
  let includesOthers: Bool

  static let slash = UInt8(ascii: "/")
  /// What `**` repeats.
  static let any = ByteSet(allBut: [])
  /// What `*` repeats and `?` is.
  static let anyButSlash = ByteSet(allBut: [slash])

  /// The empty set.
  init() { includesOthers = false }

  /// All bytes but these and 0.
  init(allBut bytes: some Sequence<UInt8>) {
    includesOthers = true
    (low, middle, high, top) = (~1, ~0, ~0, ~0)
    for byte in bytes { update(byte) { $0 &= ~$1 } }
  }

  /// These bytes.
  init(_ bytes: some Sequence<UInt8>) {
    self.init()
    for byte in bytes { insert(byte) }
  }

  mutating func insert(_ byte: UInt8) {
    if byte != 0 { update(byte) { $0 |= $1 } }
  }

  func contains(_ byte: UInt8) -> Bool {
    let bit: UInt64 = 1 << UInt64(byte & 63)
    return switch byte >> 6 {
    case 0: low & bit != 0
    case 1: middle & bit != 0
    case 2: high & bit != 0
    default: top & bit != 0
    }
  }

  var isEmpty: Bool { low | middle | high | top == 0 }

  /// Every byte but 0 that is not treated like one that nobody mentions.
  var mentioned: ByteSet {
    guard includesOthers else { return self }
    var set = ByteSet()
    (set.low, set.middle, set.high, set.top) = (~low & ~1, ~middle, ~high, ~top)
    return set
  }

  mutating func formUnion(_ other: ByteSet) {
    low |= other.low
    middle |= other.middle
    high |= other.high
    top |= other.top
  }

  func intersection(_ other: ByteSet) -> ByteSet {
    var set = ByteSet()
    (set.low, set.middle, set.high, set.top) = (
      low & other.low, middle & other.middle, high & other.high, top & other.top
    )
    return set
  }

  func subtracting(_ other: ByteSet) -> ByteSet {
    var set = ByteSet()
    (set.low, set.middle, set.high, set.top) = (
      low & ~other.low, middle & ~other.middle, high & ~other.high, top & ~other.top
    )
    return set
  }

  /// The bytes in ascending order.
  func forEach(_ body: (UInt8) -> Void) {
    for (word, base) in [(low, 0), (middle, 64), (high, 128), (top, 192)] {
      var rest = word
      while rest != 0 {
        body(UInt8(truncatingIfNeeded: base + rest.trailingZeroBitCount))
        rest &= rest - 1
      }
    }
  }

  /// A byte to show to a person: a letter or a digit where there is one.
  var example: UInt8? {
    for range in [UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x21...0x7E, 1...255] {
      if let byte = range.first(where: contains) { return byte }
    }
    return nil
  }

  private mutating func update(_ byte: UInt8, _ body: (inout UInt64, UInt64) -> Void) {
    let bit: UInt64 = 1 << UInt64(byte & 63)
    switch byte >> 6 {
    case 0: body(&low, bit)
    case 1: body(&middle, bit)
    case 2: body(&high, bit)
    default: body(&top, bit)
    }
  }
}
