// SPDX-License-Identifier: Apache-2.0

/// Values that are referred to by number, each of them once.
struct NumberedValues<Value: Hashable> {
  /// The values in the order of their numbers, from 0.
  private(set) var values: [Value]
  private var numbers: [Value: UInt32]

  /// A table that holds one value, with number 0: the one that says nothing.
  init(zero: Value) {
    values = [zero]
    numbers = [zero: 0]
  }

  subscript(number: UInt32) -> Value { values[Int(number)] }

  /// The number of a value, a new one when it has none yet.
  mutating func number(of value: Value) -> UInt32 {
    if let number = numbers[value] { return number }
    let number = UInt32(values.count)
    values.append(value)
    numbers[value] = number
    return number
  }
}
