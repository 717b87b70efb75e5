// SPDX-License-Identifier: Apache-2.0

/// How a TPM is reached: a TCTI configuration as tss2-tctildr reads it, `name:configuration`.
///
/// The name chooses a shared library that is loaded into the process, so the string must come from the person who
/// runs the program, never from data.
public struct TCTI: Hashable, Sendable {
  /// The whole string, as tss2-tctildr takes it.
  public let configuration: String

  /// The kernel's device with its resource manager, `device:/dev/tpmrm0`.
  public static let device = TCTI(unchecked: "device:/dev/tpmrm0")

  /// A character device.
  ///
  /// - Throws: ``TPMError`` with `invalidTCTI` when the path is not absolute or has a control character.
  public static func device(path: String) throws(TPMError) -> TCTI {
    try TCTI("device:" + path)
  }

  /// A swtpm that listens on the unix sockets PATH and PATH.ctrl.
  ///
  /// - Throws: ``TPMError`` with `invalidTCTI` when the path is not absolute, has a comma or a control character, or
  ///   is too long for a socket.
  public static func swtpm(path: String) throws(TPMError) -> TCTI {
    try TCTI("swtpm:path=" + path)
  }

  /// A swtpm that listens on a TCP port, with its control channel on the port after it.
  ///
  /// - Throws: ``TPMError`` with `invalidTCTI` when the host is empty or has a comma, or the port is not in 1...65534.
  public static func swtpm(host: String, port: Int) throws(TPMError) -> TCTI {
    try TCTI("swtpm:host=\(host),port=\(port)")
  }

  /// Reads a TCTI string.
  ///
  /// `device` and `swtpm` are checked in full; every other name is left to tss2-tctildr.
  ///
  /// - Throws: ``TPMError`` with `invalidTCTI`, saying what is wrong with which part.
  public init(_ string: String) throws(TPMError) {
    if string.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
      throw Self.invalid("a control character in it")
    }
    let name = string.prefix { $0 != ":" }
    let rest = string.dropFirst(name.count + 1)
    switch name {
    case "":
      throw Self.invalid("no TCTI name; write device:/dev/tpmrm0 or swtpm:path=SOCKET, for example")
    case "device":
      if string == "device" { break }
      guard rest.hasPrefix("/") else {
        throw Self.invalid("\"\(rest)\" is not an absolute path of a device")
      }
    case "swtpm":
      if string == "swtpm" { break }
      try Self.checkSWTPM(rest)
    default:
      guard name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_./+".contains($0)) }) else {
        throw Self.invalid("\"\(name)\" is no TCTI name")
      }
    }
    configuration = string
  }

  private init(unchecked: String) {
    configuration = unchecked
  }

  /// The device's path, when this is a `device:` string that has one.
  var devicePath: String? {
    configuration.hasPrefix("device:") ? String(configuration.dropFirst(7)) : nil
  }

  /// sockaddr_un.sun_path with its NUL (unix(7)), less the `.ctrl` that swtpm's second socket ends with.
  private static let longestSocketPath = 108 - 1 - 5

  private static func checkSWTPM(_ options: Substring) throws(TPMError) {
    var seen: [String: Substring] = [:]
    for option in options.split(separator: ",", omittingEmptySubsequences: false) {
      let key = String(option.prefix { $0 != "=" })
      let value = option.dropFirst(key.count + 1)
      guard ["host", "port", "path"].contains(key) else {
        throw invalid("\"\(option)\": swtpm takes host=, port= or path=")
      }
      guard !value.isEmpty else { throw invalid("\(key)= without a value") }
      guard seen.updateValue(value, forKey: key) == nil else { throw invalid("\(key)= more than once") }
    }
    if let path = seen["path"] {
      guard seen.count == 1 else { throw invalid("path= together with host= or port=") }
      guard path.hasPrefix("/") else { throw invalid("path=\(path) is not an absolute path") }
      guard path.utf8.count <= longestSocketPath else {
        throw invalid("path= has \(path.utf8.count) bytes, a socket of swtpm at most \(longestSocketPath)")
      }
    }
    if let text = seen["port"] {
      // The control channel listens on the port after it.
      guard text.allSatisfy(\.isWholeNumber), let port = Int(text), (1...65534).contains(port) else {
        throw invalid("port=\(text) is not in 1...65534")
      }
    }
  }

  private static func invalid(_ detail: String) -> TPMError {
    TPMError(.invalidTCTI, operation: "TCTI string", detail: detail)
  }
}

extension TCTI: CustomStringConvertible {
  /// The string as given.
  public var description: String { configuration }
}
