// SPDX-License-Identifier: Apache-2.0

internal import CMoor

/// Reads the measurement log where every process with the right to do so finds it.
public struct MeasurementLogFile: Sendable {
  /// More than this is no log that a host makes: 64 MiB.
  public static let limit = 64 << 20

  /// Where the module shows its log.
  public static let folder = MOOR_SECURITYFS_PATH

  private let folder: String

  /// Names the module's folder in securityfs.
  public init(folder: String = MeasurementLogFile.folder) {
    self.folder = folder
  }

  /// The records as the TCG canonical event log in TLV form; untrusted until replayed.
  public func binary() throws(KernelModuleError) -> [UInt8] {
    try SmallFile.read("\(folder)/measurements", limit: Self.limit, as: .readLog)
  }

  /// The same records as text, one a line.
  public func text() throws(KernelModuleError) -> String {
    let bytes = try SmallFile.read("\(folder)/measurements_ascii", limit: Self.limit, as: .readLog)
    return String(decoding: bytes, as: UTF8.self)
  }
}
