// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

extension SafeText {
  /// A path or a word for a message.
  static func show(_ bytes: some Sequence<UInt8>) -> String { render(bytes, limit: 4096) }

  /// A word for a message.
  static func show(_ text: String) -> String { render(text.utf8, limit: 4096) }
}
