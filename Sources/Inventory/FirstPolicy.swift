// SPDX-License-Identifier: Apache-2.0

internal import PolicyText
public import TrustPolicy

/// The first policy of a host, as a text for a person to read and change.
public struct FirstPolicy: Sendable {
  /// The policy's name.
  public var name: String
  /// Whether the emulators may have anonymous executable memory.
  public var allowsMemoryExec = false
  /// Digests taken from disk; without, they are learned.
  public var digests: [TrustPath: TrustDigest] = [:]

  /// Prepares a policy of a name.
  public init(name: String) { self.name = name }

  /// The text: it loads as it stands, and formatting does not change it.
  public func text(of inventory: Inventory) -> String {
    let head = """
      # The trust policy of this host: the files that may run, load and be opened as part of a guarded VM.
      #
      # A path without a digest is not measured yet. Load the policy in learning mode, run the VMs, let
      # "moor trust update" fill in the digests from the measurement log, and read what it shows before it is in force.
      # The kernel sees resolved paths: an entry for a symbolic link never matches.
      policy \(Quote.string(name.utf8)) version 1

      trust {

      """
    let groups = [
      emulators(inventory),
      group(
        """
        Programs of the hypervisor: measured and checked, but they start no domain.
        """, .exec, inventory.hypervisor, flags: []),
      group(
        """
        The dynamic linker and the libraries that the emulators and their plug-ins are linked with. What they open
        by name at run time (sound, graphics, name services) is found while learning.
        """, .library, inventory.libraries),
      group("Plug-ins of QEMU.", .library, inventory.plugins),
      group(
        """
        Firmware and ROMs. Templates of a VM's variables are not among them: each VM writes its own copy.
        """, .firmware, inventory.firmware),
      modules(inventory),
    ]
    return head + groups.filter { !$0.isEmpty }.joined(separator: "\n") + "}\n"
  }

  private func emulators(_ inventory: Inventory) -> String {
    let memory =
      allowsMemoryExec
      ? """
      memory-exec permits anonymous executable memory, which QEMU needs without KVM (TCG). With KVM, remove it.
      A VM that has rules of access needs "memory exec" in its block as well.
      """
      : """
      QEMU without KVM (TCG) needs anonymous executable memory: the flag memory-exec, behind the path, and
      "memory exec" in the block of a VM that has rules of access. With KVM, leave both out.
      """
    let flags: TrustFlags = allowsMemoryExec ? [.domain, .memoryExec] : .domain
    let comment = "Emulators: executing one starts a guarded domain, for the VM that \"moor run\" bound.\n" + memory
    return inventory.emulators.isEmpty
      ? comments(comment + "\nNone was found. Write exec and the emulator's path.")
      : group(comment, .exec, inventory.emulators, flags: flags)
  }

  private func modules(_ inventory: Inventory) -> String {
    var text = group(
      "Kernel modules behind the guarded devices, in an order in which they can be loaded.", .module, inventory.modules)
    guard let first = inventory.compressedModules.first else { return text }
    if !text.isEmpty { text += "\n" }
    let folder = String(decoding: first.copy.bytes.dropLast(first.copy.name.count + 1), as: UTF8.self)
    text += comments(
      """
      Compressed kernel modules: the tools hand them to the kernel without a file, and nothing can be measured by
      path. "moor init --unpack-modules --output -" unpacks them into
      \(folder); then take the # away.
      """)
    for module in inventory.compressedModules {
      text += "  # \(TrustText.statement(.module, module.copy, flags: [], digests: []))\n"
    }
    return text
  }

  private func group(_ comment: String, _ kind: TrustKind, _ paths: [TrustPath], flags: TrustFlags = []) -> String {
    paths.isEmpty
      ? ""
      : comments(comment)
        + paths.map { path in
          "  " + TrustText.statement(kind, path, flags: flags, digests: digests[path].map { [$0] } ?? []) + "\n"
        }.joined()
  }

  private func comments(_ text: String) -> String {
    text.split(separator: "\n").map { "  # \($0)\n" }.joined()
  }
}
