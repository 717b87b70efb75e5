// swift-tools-version: 6.1
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let package = Package(
  name: "moor",
  products: [
    .executable(name: "moor", targets: ["moor"]),
    .executable(name: "moor-boot", targets: ["moor-boot"]),
    .library(name: "TPM", targets: ["TPM"]),
    .library(name: "EventLog", targets: ["EventLog"]),
    .library(name: "TrustPolicy", targets: ["TrustPolicy"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // C libraries and the one ABI header, imported as they are.
    .systemLibrary(
      name: "CTSS2", pkgConfig: "tss2-esys tss2-sys tss2-tctildr",
      providers: [.apt(["libtss2-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CKmod", pkgConfig: "libkmod", providers: [.apt(["libkmod-dev"])]),
    .systemLibrary(name: "CBPF", pkgConfig: "libbpf", providers: [.apt(["libbpf-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CMoor"),
    .target(name: "CIoctl"),
    .target(name: "CSearch"),
    .target(name: "CXML"),
    .target(name: "CKernelModule", dependencies: ["CBPF", "CMoor"]),

    .target(name: "TPM", dependencies: ["CTSS2"]),
    .target(name: "EventLog", dependencies: ["CCrypto", "CMoor"]),
    .target(name: "PolicyText"),
    .target(name: "TrustPolicy", dependencies: ["CMoor", "PolicyText"]),
    .target(name: "AccessPolicy", dependencies: ["CIoctl", "CMoor", "PolicyText"]),
    .target(name: "Learning", dependencies: ["AccessPolicy", "CSearch", "CZlib", "EventLog"]),
    .target(name: "PolicyReview", dependencies: ["AccessPolicy", "EventLog", "Learning", "PolicyText", "TrustPolicy"]),
    .target(name: "Inventory", dependencies: ["AccessPolicy", "CXML", "PolicyText", "TrustPolicy"]),
    .target(name: "KernelModule", dependencies: ["CBPF", "CCrypto", "CKernelModule", "CKmod", "CMoor"]),
    .target(
      name: "MoorCommands",
      dependencies: [
        "AccessPolicy", "EventLog", "Inventory", "KernelModule", "Learning", "PolicyReview", "PolicyText", "TPM",
        "TrustPolicy",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(name: "moor", dependencies: ["MoorCommands"]),
    // What runs in the initrd: no Foundation in it, which would be most of its size.
    .target(name: "MoorBoot", dependencies: ["AccessPolicy", "KernelModule", "PolicyText", "TrustPolicy"]),
    .executableTarget(name: "moor-boot", dependencies: ["MoorBoot"]),

    // What the compiler of access policies costs, for scripts/bench-policy.
    .executableTarget(
      name: "access-bench", dependencies: ["AccessPolicy", "BenchRows", "PolicyText"], path: "Tests/AccessBench"),

    // How fast system logs are read, for scripts/bench-learning.
    .executableTarget(name: "learning-bench", dependencies: ["BenchRows", "Learning"], path: "Tests/LearningBench"),
    // How both of them tell what they measured.
    .target(name: "BenchRows", path: "Tests/BenchRows"),

    // A real swtpm for tests: its state in a temporary folder, ended by its own process id.
    .target(name: "SoftwareTPM", dependencies: ["TPM"], path: "Tests/SoftwareTPM"),
    .testTarget(name: "TPMTests", dependencies: ["TPM", "SoftwareTPM", "CCrypto"]),
    .testTarget(name: "EventLogTests", dependencies: ["CMoor", "EventLog"], resources: [.copy("Fixtures")]),
    .testTarget(name: "PolicyTextTests", dependencies: ["PolicyText"]),
    // The shared vectors of policies/tests.
    .target(name: "PolicyVectors", dependencies: ["PolicyText"], path: "Tests/PolicyVectors"),
    .testTarget(name: "TrustPolicyTests", dependencies: ["PolicyText", "PolicyVectors", "TrustPolicy"]),
    // The module's matcher, compiled from lsm/ for the tests alone.
    .target(name: "CAutomaton", path: "Tests/CAutomaton"),
    .testTarget(
      name: "AccessPolicyTests", dependencies: ["AccessPolicy", "CAutomaton", "PolicyText", "PolicyVectors"]),
    .testTarget(name: "LearningTests", dependencies: ["AccessPolicy", "EventLog", "Learning"]),
    .testTarget(
      name: "PolicyReviewTests",
      dependencies: ["AccessPolicy", "EventLog", "Learning", "PolicyReview", "PolicyText", "TrustPolicy"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "InventoryTests", dependencies: ["AccessPolicy", "Inventory", "PolicyText", "TrustPolicy"],
      resources: [.copy("Fixtures")]),
    .testTarget(name: "MoorBootTests", dependencies: ["KernelModule", "MoorBoot"]),
    .testTarget(name: "KernelModuleTests", dependencies: ["KernelModule", "CKernelModule", "CMoor"]),
    .testTarget(
      name: "MoorCommandsTests",
      dependencies: [
        "EventLog", "Inventory", "KernelModule", "MoorCommands", "PolicyText", "SoftwareTPM", "TPM", "TrustPolicy",
        "moor",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)

for target in package.targets where target.type == .regular || target.type == .executable || target.type == .test {
  target.swiftSettings = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ]
}
