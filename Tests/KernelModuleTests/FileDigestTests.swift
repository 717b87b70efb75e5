// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Testing

@testable import KernelModule

@Suite struct FileDigestTests {
  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "moor-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
  }

  /// FIPS 180-4's examples, and a million times "a" from the same series, longer than one read.
  @Test(arguments: [
    ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
  ])
  func hashesAFile(text: String, times: Int, expected: String) throws {
    try withFolder { folder throws in
      try Data(String(repeating: text, count: times).utf8).write(to: URL(filePath: "\(folder)/file"))
      let digest = try FileDigest.sha256(ofFile: "\(folder)/file")
      #expect(digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == expected)
    }
  }

  @Test func refusesWhatIsNoRegularFile() throws {
    try withFolder { folder throws in
      #expect(symlink("/etc/hostname", "\(folder)/link") == 0)
      #expect(mkfifo("\(folder)/fifo", 0o600) == 0)
      let answers = ["link": "ELOOP", "fifo": "EINVAL", ".": "EINVAL", "missing": "ENOENT"]
      for (name, error) in answers {
        let found = refusal { _ = try FileDigest.sha256(ofFile: "\(folder)/\(name)") }
        #expect(found?.error.name == error, "\(name)")
      }
    }
  }

  @Test func aFileWithoutVerityHasNoSuchDigest() throws {
    try withFolder { folder throws in
      try Data("x".utf8).write(to: URL(filePath: "\(folder)/file"))
      #expect(try FileDigest.verity(ofFile: "\(folder)/file") == nil)
    }
  }
}
