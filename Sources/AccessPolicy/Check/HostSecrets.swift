// SPDX-License-Identifier: Apache-2.0

internal import PolicyText

/// Files and devices that hold the host's secrets, or all of its memory: no VM needs them.
enum HostSecrets {
  private static let globs: [Glob] = [
    "/etc/{,g}shadow{,-}", "/etc/security/opasswd", "/etc/ssh/ssh_host_*_key", "/{root,home/*}/.ssh/id_*",
    "/{root,home/*}/.gnupg/**", "/etc/ssl/private/**", "/etc/pki/**/private/**", "/etc/krb5.keytab", "/etc/crypttab",
    "/etc/luks/**", "/{etc,var/lib}/libvirt/secrets/**", "/etc/moor/**", "/proc/kcore", "/proc/*/mem",
    "/dev/{mem,kmem,port}", "/dev/tpm?", "/dev/tpmrm?",
  ].compactMap { text in
    guard let document = try? Document(parsing: Source(name: text, text: text)),
      let word = document.statements.first?.words.first
    else { return nil }
    return try? GlobReader.read(document.argument(word), vm: nil)
  }

  /// How many there are; the tests see that none was lost.
  static var count: Int { globs.count }

  /// What is to be said of a rule that reaches one, and is not denied it.
  static func find(_ rule: AccessRule, _ rules: [AccessRule]) -> Diagnostic? {
    guard let path = rule.path, !rule.isDenial, ![.exec, .unix, .delegate].contains(path.verb) else { return nil }
    let denied = rule.denials(among: rules)
    for secret in globs {
      guard let example = GlobIntersection.example(path.glob, secret, excluding: denied) else { continue }
      let permissions = path.permissions.subtracting(.own)
      return Diagnostic(
        .secret, at: rule.location,
        "the rule reaches what the host keeps secret: \(permissions) on \(SafeText.render(example))", severity: .warning
      )
    }
    return nil
  }
}
