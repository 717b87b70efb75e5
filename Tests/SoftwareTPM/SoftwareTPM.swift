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

  /// Makes a new TPM with these banks and starts it up.
  public init(banks: String = "sha256,sha384") throws {
    guard let setup = Self.find("swtpm_setup") else { throw Failure(description: "swtpm_setup is not installed") }
    var template = Array("/tmp/moor-tpm-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw Failure(description: "no temporary folder") }
    folder = URL(fileURLWithPath: String(cString: made))
    tcti = try TCTI.swtpm(path: folder.path + "/tpm")

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
    process.arguments = [
      "socket", "--tpm2", "--tpmstate", "dir=\(folder.path)", "--flags", "not-need-init,startup-clear",
      "--server", "type=unixio,path=\(folder.path)/tpm", "--ctrl", "type=unixio,path=\(folder.path)/tpm.ctrl",
      "--log", "file=\(folder.path)/log",
    ]
    try process.run()
    let deadline = ContinuousClock.now + .seconds(20)
    while !Self.listens(folder.path + "/tpm") || !Self.listens(folder.path + "/tpm.ctrl") {
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

  private static func listens(_ path: String) -> Bool {
    let descriptor = Foundation.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
  }
}
