// SPDX-License-Identifier: Apache-2.0

internal import CXML
internal import PolicyText

/// Reads an XML document whole, within bounds: UTF-8 without a document type, and so without entities of its own.
///
/// The rules are those of XML 1.0 and Namespaces in XML 1.0, which libxml2 knows. Nothing but the bytes is read.
enum XMLDocument {
  /// Why a document was not read.
  struct Problem: Error, Hashable {
    /// The line, from 1; nil where it is about all of it.
    let line: Int?
    /// In words; safe to print.
    let message: String
  }

  /// Bytes of a document.
  static let longest = 4 << 20
  /// Elements in elements; a disk with a long chain behind it is the deepest that libvirt writes.
  static let deepest = 128
  /// Elements and attributes altogether.
  static let mostNodes = 200_000

  /// The namespace of `xmlns` and `xmlns:...`.
  private static let declarations = "http://www.w3.org/2000/xmlns/"

  /// The outermost element.
  static func read(_ bytes: [UInt8]) throws(Problem) -> XMLElement {
    guard bytes.count <= longest else { throw Problem(line: nil, message: "it is longer than \(longest) bytes") }
    guard String(validating: bytes, as: UTF8.self) != nil, !bytes.contains(0) else {
      throw Problem(line: nil, message: "it is no UTF-8 text")
    }
    guard !bytes.isEmpty else { throw Problem(line: nil, message: "it is empty") }
    // Asked of the bytes, before anything could come of it.
    for mark in ["<!DOCTYPE", "<!ENTITY"] where contains(bytes, Array(mark.utf8)) {
      throw Problem(line: nil, message: "it has a document type, which libvirt never writes")
    }
    guard moor_xml_is_available() != 0 else {
      throw Problem(line: nil, message: "libxml2 is not installed, which reads XML: on Debian, the package libxml2")
    }
    var result: Result<XMLElement, Problem> = .failure(Problem(line: nil, message: "it is empty"))
    bytes.withUnsafeBytes { buffer in
      let characters = buffer.bindMemory(to: CChar.self)
      guard let start = characters.baseAddress, let reader = moor_xml_open(start, characters.count) else { return }
      defer { moor_xml_close(reader) }
      do throws(Problem) {
        result = .success(try read(reader))
      } catch {
        result = .failure(error)
      }
    }
    return try result.get()
  }

  private static func read(_ reader: OpaquePointer) throws(Problem) -> XMLElement {
    var outermost: XMLElement?
    var open: [XMLElement] = []
    var nodes = 0
    while true {
      let kind = moor_xml_read(reader)
      let line = Int(moor_xml_line(reader))
      nodes += 1
      guard nodes <= mostNodes else { throw Problem(line: line, message: "it has more than \(mostNodes) nodes") }
      switch kind {
      case MOOR_XML_ELEMENT:
        guard open.count < deepest else {
          throw Problem(line: line, message: "elements stand in elements more than \(deepest) deep")
        }
        let isEmpty = moor_xml_is_empty_element(reader) != 0
        let element = XMLElement(
          name: text(moor_xml_name(reader)), namespace: moor_xml_namespace(reader).map { String(cString: $0) },
          line: line)
        while moor_xml_next_attribute(reader) != 0 {
          nodes += 1
          guard nodes <= mostNodes else { throw Problem(line: line, message: "it has more than \(mostNodes) nodes") }
          let name = text(moor_xml_name(reader))
          let namespace = moor_xml_namespace(reader).map { String(cString: $0) }
          if namespace == declarations { continue }
          // One of another namespace has another name than libvirt's own.
          element.add(attribute: namespace.map { "{\($0)}\(name)" } ?? name, text(moor_xml_value(reader)))
        }
        open.last?.children.append(element)
        if outermost == nil { outermost = element }
        if !isEmpty { open.append(element) }
      case MOOR_XML_ELEMENT_END: _ = open.popLast()
      case MOOR_XML_TEXT: open.last?.add(text: text(moor_xml_value(reader)))
      case MOOR_XML_ENTITY: throw Problem(line: line, message: "it has an entity, which libvirt never writes")
      case MOOR_XML_END:
        guard let outermost else { throw Problem(line: nil, message: "it is empty") }
        return outermost
      case MOOR_XML_OTHER: break
      default:
        let reason = moor_xml_problem().map { SafeText.show(String(cString: $0)) } ?? ""
        throw Problem(line: line, message: "it is no XML: \(reason.replacing("\\x0a", with: ""))")
      }
    }
  }

  private static func text(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }

  private static func contains(_ bytes: [UInt8], _ mark: [UInt8]) -> Bool {
    guard bytes.count >= mark.count, let first = mark.first else { return false }
    return bytes.indices.dropLast(mark.count - 1).contains { bytes[$0] == first && bytes[$0...].starts(with: mark) }
  }
}
