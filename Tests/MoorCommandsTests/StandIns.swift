// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EventLog
import FoundationEssentials
import KernelModule
import TPM
import Testing

@testable import MoorCommands

/// Keeps what a command writes, and answers what it asks.
final class RecordingConsole: Console {
  var lines: [String] = []
  var notes: [String] = []
  var questions: [String] = []
  var isTerminal = false
  var answer: Bool?

  func write(_ line: String) { lines.append(line) }
  func note(_ line: String) { notes.append(line) }
  func ask(_ question: String) -> Bool? {
    questions.append(question)
    return answer
  }

  var text: String { lines.joined(separator: "\n") }
}

/// A module and a TPM whose answers a test chooses; keeps what was asked of them.
final class StandInModule: ModuleAccess {
  var isLoaded = true
  var current: Result<ModuleState, KernelModuleError>
  var log: MeasurementLog
  /// The PCR as the kernel read it with the log; nil for what the log leads to.
  var kernelBanks: [BankValue]?
  /// The PCR as the TPM library reads it, one value each time; the last stays.
  var pcrReadings: [[Digest]] = []
  var failures: [String: KernelModuleError] = [:]
  var tpmFailure: TPMError?
  var asked: [String] = []
  /// What the module says of itself once it was locked.
  var locked: ModuleState?
  var launches: [Launch] = []
  /// What happens when something is put in force.
  var onLaunch: ((Launch) throws -> Void)?
  var loadable: (String) -> KernelModuleError? = { _ in nil }

  init() throws {
    log = try .sample()
    current = .success(try Self.state("open", mode: "enforcing"))
  }

  /// - Parameter access: The name of the access policy in force.
  static func state(_ state: String, mode: String = "none", access: String? = nil) throws -> ModuleState {
    let policy =
      access.map {
        """
        "access":{"name":"\($0)","version":9,"generation":0,"domains":1,"mode":"learning","bytes":640,"sha256":"00fe"},
        """
      } ?? ""
    let json = """
      {"state":"\(state)","mode":"\(mode)","isLocked":\(state == "locked"),"pcr":13,"hasTPM":true,"version":"1",
      "boot":"b","attachesAccess":true,\(policy)"statistics":[{"name":"refused","value":3}]}
      """
    return try JSONDecoder().decode(ModuleState.self, from: Data(json.utf8))
  }

  private func note(_ what: String) throws(KernelModuleError) {
    asked.append(what)
    if let failure = failures[what.split(separator: " ").first.map(String.init) ?? what] { throw failure }
  }

  func state() throws(KernelModuleError) -> ModuleState { try current.get() }

  func snapshot(from record: UInt64) throws(KernelModuleError) -> LogSnapshot {
    try note("snapshot \(record)")
    let tail = log.records.filter { $0.number >= record }.reduce(into: [UInt8]()) { $0 += $1.encoded() }
    let banks = kernelBanks ?? ends.map { BankValue(algorithm: $0.algorithm.rawValue, digest: $0.bytes) }
    return LogSnapshot(log: tail, recordCount: UInt64(log.records.count), pendingCount: 0, pcr: 13, banks: banks)
  }

  /// What the log leads to in each bank.
  var ends: [Digest] { (try? Replay(log, from: .recorded))?.banks.map(\.end) ?? [] }

  func launch(_ launch: Launch, report: (Launch.Step) -> Void) throws(KernelModuleError) {
    launches.append(launch)
    try note("launch")
    do {
      try onLaunch?(launch)
    } catch let error as KernelModuleError {
      throw error
    } catch {
      Issue.record(error)
    }
    report(.armed)
  }

  func loadModule(path: String) throws(KernelModuleError) {
    try note("load \(path)")
    if let failure = loadable(path) { throw failure }
  }

  func gate(_ launch: Launch, report: (Launch.Step) -> Void) throws(KernelModuleError) { try note("gate") }
  func bind(to vm: VMName) throws(KernelModuleError) { try note("bind \(vm.rawValue)") }
  func lock() throws(KernelModuleError) {
    try note("lock")
    if let locked { current = .success(locked) }
  }

  func release() throws(KernelModuleError) { try note("release") }
  func unload() throws(KernelModuleError) { try note("unload") }

  func readPCR(_ pcr: UInt32, tcti: TCTI) throws(TPMError) -> [Digest] {
    asked.append("pcr \(pcr)")
    if pcrReadings.count > 1 { return pcrReadings.removeFirst() }
    return pcrReadings.first ?? ends
  }
}

extension MeasurementLog {
  /// Digest bytes that are easy to see.
  static func digest(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

  /// A measured library.
  static func file(_ path: String, _ byte: UInt8) -> MeasurementEvent { file(path, .library, byte) }

  /// A measured, or refused, file.
  static func file(
    _ path: String, _ kind: FileKind, _ byte: UInt8, record: RecordKind = .measure
  ) -> MeasurementEvent {
    var event = MeasurementEvent(record)
    event.kind = kind
    event.path = UntrustedText(path)
    event.algorithm = .sha256
    event.digest = HexBytes(digest(byte))
    return event
  }

  /// A log that begins as the module's does, with these events behind it, in two banks.
  static func sample(_ events: [MeasurementEvent] = []) throws -> MeasurementLog {
    var start = MeasurementEvent(.start)
    start.abi = 1
    start.pcrBefore = [.sha256, .sha384].compactMap { Digest(zero: $0) }
    start.closed = false
    let all = [start, MeasurementEvent(.cap)] + events
    return try MeasurementLog(pcr: 13, banks: [.sha256, .sha384], events: all.map { ($0, nil) })
  }
}

extension CommandContext {
  /// A context of stand-ins.
  init(_ console: RecordingConsole, _ module: StandInModule, json: Bool = false) {
    self.init()
    self.console = console
    self.module = module
    // Nothing of the host's is touched: a folder that cannot be made.
    loaded = LoadedPolicies(folder: "/nonexistent/moor")
    terminal = nil
    isJSON = json
  }
}

/// What a command ended with: 0, the code that it threw, or its failure's status.
func exitCode(of body: () throws -> Void) -> Int32 {
  do {
    try body()
    return 0
  } catch let code as ExitCode {
    return code.rawValue
  } catch {
    return CommandFailure(error)?.status.rawValue ?? -1
  }
}

/// A folder that goes with this.
final class TemporaryFolder {
  let path = FileManager.default.temporaryDirectory.appending(path: "moor-\(UUID().uuidString)").path

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ text: String) throws -> String {
    try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)"))
    return "\(path)/\(name)"
  }

  func read(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: "\(path)/\(name)")), as: UTF8.self)
  }

  func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }
  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
}

/// JSON as nested dictionaries would be: enough to look a value up.
struct AnyJSON: Decodable, Equatable {
  subscript(key: String) -> String? { fields[key] }
  private let fields: [String: String]

  private struct Key: CodingKey {
    let stringValue: String
    let intValue: Int? = nil
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(_ text: String) throws { self = try JSONDecoder().decode(Self.self, from: Data(text.utf8)) }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    var fields: [String: String] = [:]
    for key in container.allKeys {
      if let value = try? container.decode(Bool.self, forKey: key) {
        fields[key.stringValue] = "\(value)"
      } else if let value = try? container.decode(Int.self, forKey: key) {
        fields[key.stringValue] = "\(value)"
      } else if let value = try? container.decode(String.self, forKey: key) {
        fields[key.stringValue] = value
      }
    }
    self.fields = fields
  }
}
