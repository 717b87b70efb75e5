// SPDX-License-Identifier: Apache-2.0

public import PolicyText

extension AccessPolicy {
  /// What is wrong with rules, each a statement on one line as a VM's block has it, by its index; those that can be read
  /// are not among them. Where much is wrong, not all of it is told at once.
  public static func problems(inRules rules: [String], limits: Limits = Limits()) -> [Int: String] {
    let head = "policy \"rules\" version 1\n\nvm rules {\n"
    let text = head + rules.map { "  \($0)\n" }.joined() + "}\n"
    let first = head.utf8.count(where: { $0 == UInt8(ascii: "\n") }) + 1
    do throws(PolicyError) {
      let tree = try PolicyLoader(searchPath: [], limits: limits).load(Source(name: "rules", text: text))
      _ = try AccessPolicy(tree, limits: limits)
      return [:]
    } catch {
      let found = error.diagnostics.filter { $0.severity == .error && rules.indices.contains($0.place.line - first) }
      return Dictionary(found.map { ($0.place.line - first, $0.message) }, uniquingKeysWith: { one, _ in one })
    }
  }
}
