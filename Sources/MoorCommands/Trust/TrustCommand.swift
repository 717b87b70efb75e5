// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// `moor trust`: the digests of a trust policy.
struct TrustCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trust",
    abstract: "Fill in, compare and check the digests of a trust policy.",
    subcommands: [TrustUpdateCommand.self, TrustDiffCommand.self, TrustVerifyCommand.self])
}
