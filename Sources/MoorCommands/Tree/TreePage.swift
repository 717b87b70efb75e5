// SPDX-License-Identifier: Apache-2.0

internal import AccessPolicy
internal import EventLog
internal import FoundationEssentials
internal import Learning

/// The tree as one page for a browser: rows that fold, and a search, without a network.
///
/// Names in it were chosen by whoever a VM let in. They are escaped twice, as ``UntrustedText`` and for HTML, stand between
/// tags only, and the page's own policy lets nothing run or load but the one script and the one style whose digests it
/// names. Rows are flat, with their level: browsers do not nest elements deeper than some hundreds.
struct TreePage {
  let text: String

  init(_ report: TreeReport) throws {
    let rows = report.tree.inOrder.map { Self.row(report.tree.nodes[$0.node], $0.depth) }
    let summary = report.summary(Style(isColoured: false))
    let policy =
      "default-src 'none'; style-src '\(try Self.source(TreePageParts.style))'; "
      + "script-src '\(try Self.source(TreePageParts.script))'; base-uri 'none'; form-action 'none'"
    text = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="\(policy)">
      <meta name="viewport" content="width=device-width">
      <title>moor tree</title>
      <style>\(TreePageParts.style)</style>
      </head>
      <body>
      <header>
      <label>Search <input id="search" type="search" autocomplete="off"></label>
      <button id="unfold" type="button">unfold all</button>
      <button id="fold" type="button">fold all</button>
      <span id="found" role="status"></span>
      </header>
      <pre id="summary" class="\(report.completeness.isComplete ? "complete" : "incomplete")">\
      \(Self.escaped(summary.joined(separator: "\n")))</pre>
      <main id="tree" role="tree">
      \(rows.joined(separator: "\n"))
      </main>
      <script>\(TreePageParts.script)</script>
      </body>
      </html>

      """
  }

  private static func row(_ node: EventTree.Node, _ depth: Int) -> String {
    let hasMore = !node.children.isEmpty
    let name = node.kind == .vm ? "VM \(TreeText.name(node))" : TreeText.name(node)
    let tally = node.tally
    var words = ["<span class=\"name\">\(escaped(name))</span>"]
    if node.kind == .object, !node.permissions.isEmpty {
      words.append("<span class=\"permissions\">\(escaped(node.permissions.description))</span>")
    }
    words.append("<span class=\"\(tally.denied > 0 ? "denied" : "counts")\">\(escaped(TreeText.counts(tally)))</span>")
    if node.kind == .object { words.append("<span class=\"time\">\(escaped(TreeText.span(tally)))</span>") }
    let expanded = hasMore ? " aria-expanded=\"true\"" : ""
    return "<div role=\"treeitem\" tabindex=\"0\" aria-level=\"\(depth + 1)\"\(expanded) class=\"\(node.kind.rawValue) "
      + "l\(min(depth, TreePageParts.mostLevels))\">\(words.joined(separator: " "))</div>"
  }

  /// For text between tags and in quoted attributes.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A part of the page as its policy names it (CSP Level 3, section 2.3.1, hash-source).
  private static func source(_ part: String) throws -> String {
    "sha256-" + Data(try Digest(hashing: Array(part.utf8), with: .sha256).bytes).base64EncodedString()
  }
}
