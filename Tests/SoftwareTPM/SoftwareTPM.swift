// SPDX-License-Identifier: Apache-2.0

import Foundation
public import TPM

/// A swtpm of one test: its state and sockets in a temporary folder, ended by its own process id.
public final class SoftwareTPM {
  /// Why there is no software TPM.
  public struct Failure: Error, CustomStringConvertible {
    /// What went wrong.
    public let description: String
  }

  private let folder: URL
  private var process = Process()

  /// Where it listens.
  public let tcti: TCTI

  /// The condition of every test that needs swtpm. In continuous integration the tests run regardless, and so fail
  /// when it is missing.
  public static let isExpected: Bool =
    ProcessInfo.processInfo.environment["CI"] == "true" || (find("swtpm") != nil && find("swtpm_setup") != nil)

  private static func find(_ program: String) -> URL? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"
    return path.split(separator: ":").map { URL(fileURLWithPath: String($0)).appendingPathComponent(program) }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }

  /// Where a swtpm listens: a unix socket and the one with `.ctrl` after it, or a port and the next one, of 127.0.0.1.
  private enum Endpoint {
    case socket(path: String)
    case port(Int)

    var arguments: [String] {
      switch self {
      case .socket(let path): ["--server", "type=unixio,path=\(path)", "--ctrl", "type=unixio,path=\(path).ctrl"]
      case .port(let port): ["--server", "type=tcp,port=\(port)", "--ctrl", "type=tcp,port=\(port + 1)"]
      }
    }
  }

  private let endpoint: Endpoint

  /// Makes a new TPM with these banks and starts it up.
  ///
  /// - Parameters:
  ///   - banks: as `swtpm_setup --pcr-banks` takes them.
  ///   - port: the first of two free TCP ports; nil for unix sockets in the folder.
  public init(banks: String = "sha256,sha384", port: Int? = nil) throws {
    guard let setup = Self.find("swtpm_setup") else { throw Failure(description: "swtpm_setup is not installed") }
    var template = Array("/tmp/moor-tpm-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw Failure(description: "no temporary folder") }
    folder = URL(fileURLWithPath: String(cString: made))
    if let port {
      endpoint = .port(port)
      tcti = try TCTI.swtpm(host: "127.0.0.1", port: port)
    } else {
      endpoint = .socket(path: folder.path + "/tpm")
      tcti = try TCTI.swtpm(path: folder.path + "/tpm")
    }

    let maker = Process()
    maker.executableURL = setup
    maker.arguments = [
      "--tpm2", "--tpmstate", folder.path, "--pcr-banks", banks, "--logfile", "\(folder.path)/setup.log",
    ]
    maker.standardOutput = FileHandle.nullDevice
    try maker.run()
    maker.waitUntilExit()
    guard maker.terminationStatus == 0 else { throw Failure(description: "swtpm_setup failed") }

    try start()
  }

  /// Starts it, with the state it had; TPM2_Startup(CLEAR) is done by swtpm.
  public func start() throws {
    guard let swtpm = Self.find("swtpm") else { throw Failure(description: "swtpm is not installed") }
    process = Process()
    process.executableURL = swtpm
    process.arguments =
      ["socket", "--tpm2", "--tpmstate", "dir=\(folder.path)", "--flags", "not-need-init,startup-clear"]
      + endpoint.arguments + ["--log", "file=\(folder.path)/log"]
    try process.run()
    let deadline = ContinuousClock.now + .seconds(20)
    while !listens {
      guard process.isRunning else { throw Failure(description: "swtpm ended at once") }
      guard ContinuousClock.now < deadline else { throw Failure(description: "swtpm does not listen") }
      usleep(5_000)
    }
  }

  deinit {
    kill()
    try? FileManager.default.removeItem(at: folder)
  }

  /// Ends it as a crash would.
  public func kill() {
    guard process.isRunning else { return }
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// The same from another thread, while this one waits for an answer.
  public func kill(after seconds: Double) {
    signal(SIGKILL, after: seconds)
  }

  /// Lets it be there, but not answer.
  public func stop() {
    Foundation.kill(process.processIdentifier, SIGSTOP)
  }

  /// Ends ``stop()``, from another thread.
  public func resume(after seconds: Double) {
    signal(SIGCONT, after: seconds)
  }

  private func signal(_ number: Int32, after seconds: Double) {
    let process = process
    let identifier = process.processIdentifier
    Thread.detachNewThread {
      Thread.sleep(forTimeInterval: seconds)
      // The number is this process's own only as long as it has not been waited for.
      if process.isRunning { Foundation.kill(identifier, number) }
    }
  }

  /// Whether both its sockets can be connected to.
  private var listens: Bool {
    switch endpoint {
    case .socket(let path): [path, path + ".ctrl"].allSatisfy(Self.connects(path:))
    case .port(let port): [port, port + 1].allSatisfy(Self.connects(port:))
    }
  }

  private static func connects(path: String) -> Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    return connects(to: address, family: AF_UNIX)
  }

  private static func connects(port: Int) -> Bool {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    return connects(to: address, family: AF_INET)
  }

  private static func connects<Address>(to address: Address, family: Int32) -> Bool {
    let descriptor = Foundation.socket(family, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size)) == 0
      }
    }
  }

  /// Starts a TPM on two ports that nobody else takes.
  public static func onFreePorts() throws -> SoftwareTPM {
    for _ in 1...20 {
      let port = Int.random(in: 20_000...32_000)
      if connects(port: port) || connects(port: port + 1) { continue }
      // Another process may have been faster; swtpm then ends at once.
      if let tpm = try? SoftwareTPM(port: port) { return tpm }
    }
    throw Failure(description: "no free ports, or swtpm does not start")
  }
}
