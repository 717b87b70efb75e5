// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The files in Fixtures/.
enum Fixture {
  static func bytes(_ name: String, _ type: String) throws -> [UInt8] {
    let url = try #require(Bundle.module.url(forResource: name, withExtension: type, subdirectory: "Fixtures"))
    return Array(try Data(contentsOf: url))
  }
}
