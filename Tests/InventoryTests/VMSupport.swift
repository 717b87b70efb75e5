// SPDX-License-Identifier: Apache-2.0

import AccessPolicy
import Foundation
import PolicyText
import Testing
import TrustPolicy

@testable import Inventory

/// The abstractions that come with moor.
let policiesFolder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().appending(path: "policies").path

extension Bundle {
  /// A file of Fixtures.
  static func fixture(_ name: String) throws -> [UInt8] {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: nil))
    return [UInt8](try Data(contentsOf: url))
  }
}

extension VMDescription {
  /// What is in no rule, as text.
  var told: [String] { notes.map(\.description) }
}

extension Tree {
  /// A second name of a file.
  func hardLink(_ path: String, to target: String) throws {
    try FileManager.default.linkItem(at: folder.appending(path: target), to: folder.appending(path: path))
  }

  /// What a domain's XML describes on this tree.
  func domain(_ xml: some Sequence<UInt8>, name: String = "web1.xml") throws -> VMDescription {
    try LibvirtDomain.read(try XMLDocument.read(Array(xml)), name: name, root: root)
  }

  /// What QEMU's arguments describe on this tree.
  func commandLine(_ arguments: [String], folder: String? = nil) -> VMDescription {
    var vm = VMDescription(name: "web1", source: "test")
    let all = arguments.enumerated().map {
      QEMUArguments.Argument(bytes: Array($1.utf8), place: VMPlace("test", argument: $0 + 1))
    }
    QEMUCommandLine.read(all, into: &vm, folder: folder.map { Array($0.utf8) }, root: root)
    return vm
  }

  /// The policy for VMs: it loads, has no error by its text, and is in the one form.
  func policy(_ vms: [VMDescription]) throws -> (written: VMPolicy, access: AccessPolicy) {
    let written = VMPolicy(vms, root: root)
    let text = "policy \"test\" version 1\n\n" + written.text
    let source = Source(name: "p.moor", text: text)
    let tree = try PolicyLoader(searchPath: [policiesFolder]).load(source)
    let access = try AccessPolicy(tree)
    #expect(AccessCheck(access).diagnostics.filter { $0.severity == .error }.map(\.description) == [])
    let formatted = Formatter.format(try Document(parsing: source))
    #expect(String(decoding: formatted, as: UTF8.self) == text)
    return (written, access)
  }

  /// The rules of one VM, as text, without comments and includes.
  func rules(_ vm: VMDescription) throws -> [String] {
    let lines = try policy([vm]).written.text.split(separator: "\n").map { line in
      (line.split(separator: "  #", maxSplits: 1, omittingEmptySubsequences: false).first ?? "")
        .trimmingCharacters(in: .whitespaces)
    }
    return lines.filter {
      !$0.isEmpty && !$0.hasPrefix("#") && !$0.hasPrefix("include") && !$0.hasPrefix("vm ") && $0 != "}"
    }
  }
}
