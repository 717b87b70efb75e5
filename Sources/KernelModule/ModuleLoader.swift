// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Loads and unloads moor's kernel module through libkmod.
public struct ModuleLoader: Sendable {
  /// The module's name in the kernel.
  public static let moduleName = "moor"

  /// The module's parameters.
  public struct Parameters: Sendable, Equatable {
    /// Refuse what is guarded from arming on, until a policy is in force.
    public var isClosed = false
    /// The emulators that are refused while closed: absolute paths.
    public var guarded: [String] = []
    /// The PCR to extend.
    public var pcr: UInt32 = 13
    /// Whether a host without a TPM is refused.
    public var requiresTPM = true

    /// Makes the defaults: not closed, PCR 13, a TPM is required.
    public init() {}

    /// The PCRs that the module takes: 0 to 15 without IMA's 10. 16 and 17 to 23 can be reset.
    public static func isUsable(pcr: UInt32) -> Bool {
      pcr <= 15 && pcr != 10
    }

    /// The parameters as the kernel takes them, or why it would misread them.
    func text() throws(KernelModuleError) -> String {
      guard Self.isUsable(pcr: pcr) else {
        throw .rejected(
          Rejection(
            .parameter,
            "PCR \(pcr) cannot be used: expected 0 to 15, but not 10 (IMA's); 16 and above can be reset"))
      }
      for path in guarded {
        // The kernel splits at commas and white space, and takes quotes off.
        guard path.utf8.first == UInt8(ascii: "/"), !path.contains(where: { ",\"".contains($0) || $0.isWhitespace })
        else {
          throw .rejected(
            Rejection(
              .parameter, "“\(path)” cannot be guarded: expected an absolute path without commas, quotes and spaces"))
        }
      }
      var words = ["closed=\(isClosed ? 1 : 0)", "pcr=\(pcr)", "require_tpm=\(requiresTPM ? 1 : 0)"]
      if !guarded.isEmpty { words.append("guarded=\(guarded.joined(separator: ","))") }
      return words.joined(separator: " ")
    }
  }

  private let library: any ModuleLibrary
  private let messages: any KernelMessageSource

  /// Makes a loader.
  public init() {
    self.init(library: Kmod(), messages: KernelMessages())
  }

  package init(library: any ModuleLibrary, messages: any KernelMessageSource) {
    self.library = library
    self.messages = messages
  }

  /// Whether the module is in the kernel, armed or not.
  public var isLoaded: Bool { library.isLoaded(name: Self.moduleName) }

  /// Loads moor's module from a file.
  ///
  /// - Throws: What the kernel answered; the detail has what the module said in the kernel's log.
  public func load(path: String, parameters: Parameters) throws(KernelModuleError) {
    try insert(path: path, parameters: parameters.text(), as: .loadModule, naming: Self.moduleName)
  }

  /// Loads another module from a file that is not compressed, so that the kernel reads and the armed module
  /// measures it.
  public func loadOther(path: String) throws(KernelModuleError) {
    try insert(path: path, parameters: "", as: .loadOther, naming: Self.name(ofFile: path))
  }

  /// - Parameter name: The module's name, by which what the kernel said of it is found in its log.
  private func insert(
    path: String, parameters: String, as operation: KernelOperation, naming name: String
  ) throws(KernelModuleError) {
    let mark = messages.mark()
    let result = library.insert(path: path, parameters: parameters)
    guard result < 0 else { return }
    let said = messages.since(mark).filter { $0.contains(Self.moduleName) || $0.contains(name) }
    throw .kernel(
      KernelRefusal(operation, SystemError(rawValue: -result), detail: ([path] + said).joined(separator: "\n")))
  }

  /// The name by which the kernel knows the module of a file: it writes an underscore for a dash.
  private static func name(ofFile path: String) -> String {
    let file = path.split(separator: "/").last ?? ""
    return String(file.prefix { $0 != "." }.map { $0 == "-" ? "_" : $0 })
  }

  /// How long an unload waits for the kernel to free the programs that were just given back: they go after a grace
  /// period of RCU, and hold the module until then.
  private static let unloadAttempts = 150

  /// Unloads moor's module, which must have given its hooks back before.
  public func unload() throws(KernelModuleError) {
    try unload { usleep(100_000) }
  }

  package func unload(pause: () -> Void) throws(KernelModuleError) {
    for attempt in 1...Self.unloadAttempts {
      let result = library.remove(name: Self.moduleName)
      if result >= 0 { return }
      guard result == -EAGAIN, attempt < Self.unloadAttempts else {
        throw .kernel(KernelRefusal(.unloadModule, SystemError(rawValue: -result)))
      }
      pause()
    }
  }

  /// Waits until the device node is there: devtmpfs makes it by itself, but a /dev without it needs udev.
  ///
  /// - Throws: ``Rejection/Code/timeout`` after about `milliseconds`.
  public static func awaitDevice(
    path: String = Device.path, milliseconds: Int = 5000
  ) throws(KernelModuleError) {
    for _ in 0...(milliseconds / 10) {
      if access(path, F_OK) == 0 { return }
      usleep(10_000)
    }
    throw .rejected(
      Rejection(
        .timeout, "the module is loaded, but \(path) did not appear within \(milliseconds) ms: is /dev a devtmpfs?"))
  }
}
