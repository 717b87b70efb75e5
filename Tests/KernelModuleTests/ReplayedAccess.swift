// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Synchronization

@testable import KernelModule

/// Answers like the files of /sys/kernel/moor/access would, and keeps what was done with them.
final class ReplayedAccess: AccessCalls, @unchecked Sendable {
  /// One call as the kernel would see it.
  enum Call: Equatable {
    case open(String, isRead: Bool)
    case write(String, at: Int, [UInt8])
    case read(String, at: Int, count: Int)
    case ioctl(String, UInt, [UInt8])
    case openObject([UInt8])
    case close(String)
  }

  private struct State {
    var names: [Int32: String] = [:]
    var calls: [Call] = []
  }

  static let token: UInt64 = 0x0102_0304_0506_0708

  /// What a write to a file of that name answers: by name, and how many bytes are offered.
  private let answer: @Sendable (_ name: String, _ offset: Int, _ count: Int) -> Int
  private let missing: Set<String>
  private let tokenBytes: Int
  /// What an object of that path answers when it is claimed: 0, or an errno and the number of another claim.
  var claims: @Sendable (_ path: [UInt8]) -> (error: Int32, number: UInt32) = { _ in (0, 0) }
  private let state = Mutex(State())

  init(
    missing: Set<String> = [], tokenBytes: Int = 8,
    answer: @escaping @Sendable (_ name: String, _ offset: Int, _ count: Int) -> Int = { $2 }
  ) {
    self.missing = missing
    self.tokenBytes = tokenBytes
    self.answer = answer
  }

  /// Every write to one file is refused.
  convenience init(refusing name: String, with error: Int32) {
    self.init { file, _, count in file == name ? -Int(error) : count }
  }

  var calls: [Call] { state.withLock { $0.calls } }

  /// The names of what was written to, each as often as it was.
  var written: [String] { calls.compactMap { if case .write(let name, _, _) = $0 { name } else { nil } } }

  func bytes(_ name: String) -> [[UInt8]] {
    calls.compactMap { if case .write(name, _, let bytes) = $0 { bytes } else { nil } }
  }

  func open(_ path: String, isRead: Bool) -> Int32 {
    let name = String(path.split(separator: "/").last ?? "")
    return state.withLock { state in
      state.calls.append(.open(name, isRead: isRead))
      if missing.contains(name) { return -ENOENT }
      let descriptor = Int32(state.names.count + 100)
      state.names[descriptor] = name
      return descriptor
    }
  }

  func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int {
    let copy = Array(bytes)
    let name = state.withLock { state in
      let name = state.names[descriptor] ?? "?"
      state.calls.append(.write(name, at: offset, copy))
      return name
    }
    return answer(name, offset, copy.count)
  }

  func read(_ descriptor: Int32, _ bytes: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
    state.withLock { state in
      state.calls.append(.read(state.names[descriptor] ?? "?", at: offset, count: bytes.count))
    }
    withUnsafeBytes(of: Self.token) { bytes.copyBytes(from: $0.prefix(min(tokenBytes, bytes.count))) }
    return tokenBytes
  }

  func ioctl(_ descriptor: Int32, _ request: UInt, _ argument: UnsafeMutableRawBufferPointer) -> Int32 {
    let path = state.withLock { state in
      state.calls.append(.ioctl(state.names[descriptor] ?? "?", request, Array(argument)))
      return state.names[argument.loadUnaligned(fromByteOffset: 16, as: Int32.self)] ?? "?"
    }
    let (error, number) = claims(Array(path.utf8))
    argument.storeBytes(of: number, toByteOffset: 20, as: UInt32.self)
    return -error
  }

  func openObject(_ path: [UInt8]) -> Int32 {
    state.withLock { state in
      state.calls.append(.openObject(path))
      let name = String(decoding: path, as: UTF8.self)
      if missing.contains(name) { return -ENOENT }
      let descriptor = Int32(state.names.count + 100)
      state.names[descriptor] = name
      return descriptor
    }
  }

  func close(_ descriptor: Int32) {
    state.withLock { $0.calls.append(.close($0.names[descriptor] ?? "?")) }
  }
}

/// A packed access policy of so many bytes, as far as its header tells; the rest counts up.
func packedAccess(size: Int, domains: UInt32 = 2) -> [UInt8] {
  func word(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.littleEndian) { Array($0) } }
  let header = Array("MACC".utf8) + word(1) + word(UInt32(size)) + word(domains) + [UInt8](repeating: 0, count: 24)
  return header + (header.count..<max(size, header.count)).map { UInt8(truncatingIfNeeded: $0 / 7) }
}

func accessCommit(
  size: Int = 9000, name: String = "hosts/rack12", isEnforcing: Bool = true, learning: [String] = [],
  objects: [AccessObject] = []
) throws -> AccessCommit {
  try AccessCommit(
    name: name, version: 7, generation: 3, isEnforcing: isEnforcing, learning: learning,
    image: AccessImage(packed: packedAccess(size: size)), objects: objects)
}
