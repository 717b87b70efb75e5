// SPDX-License-Identifier: Apache-2.0

/// An element of an XML document that keeps account of what of it was looked at: what is left over is told, and not lost.
final class XMLElement {
  /// Its name without a prefix.
  let name: String
  /// The namespace that the prefix stands for.
  let namespace: String?
  /// Where it begins, from 1.
  let line: Int
  /// The elements in it.
  var children: [XMLElement] = []

  private struct Attribute {
    let name: String
    let value: String
    var isRead = false
  }

  private var attributes: [Attribute] = []
  private var text = ""
  private var isTextRead = false

  init(name: String, namespace: String?, line: Int) {
    self.name = name
    self.namespace = namespace
    self.line = line
  }

  func add(attribute name: String, _ value: String) { attributes.append(Attribute(name: name, value: value)) }
  func add(text more: String) { text += more }

  /// An attribute's value, which counts as looked at from now on; nil when it is not there or empty.
  func attribute(_ name: String) -> String? {
    guard let index = attributes.firstIndex(where: { $0.name == name }) else { return nil }
    attributes[index].isRead = true
    return attributes[index].value.isEmpty ? nil : attributes[index].value
  }

  /// The text that stands directly in it, without blanks at its ends; nil when there is none.
  func content() -> String? {
    isTextRead = true
    let blanks: Set<Character> = [" ", "\t", "\n", "\r", "\r\n"]
    var trimmed = text[...]
    while let first = trimmed.first, blanks.contains(first) { trimmed.removeFirst() }
    while let last = trimmed.last, blanks.contains(last) { trimmed.removeLast() }
    return trimmed.isEmpty ? nil : String(trimmed)
  }

  /// The first element of a name in it.
  func child(_ name: String) -> XMLElement? { children.first { $0.name == name && $0.namespace == nil } }

  /// All elements of a name in it.
  func children(_ name: String) -> [XMLElement] { children.filter { $0.name == name && $0.namespace == nil } }

  /// Takes it, with all that is in it, for looked at.
  func dismiss() {
    isTextRead = true
    for index in attributes.indices { attributes[index].isRead = true }
    for child in children { child.dismiss() }
  }

  /// Paths in it that nobody looked at: what stands in attributes and texts and begins with a slash.
  func unreadPaths() -> [(line: Int, place: String, value: String)] {
    var found: [(line: Int, place: String, value: String)] = []
    for attribute in attributes where !attribute.isRead && attribute.value.hasPrefix("/") {
      found.append((line, "\(name) \(attribute.name)", attribute.value))
    }
    if !isTextRead, let value = content(), value.hasPrefix("/") { found.append((line, name, value)) }
    return found + children.flatMap { $0.unreadPaths() }
  }
}
