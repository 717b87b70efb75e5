// SPDX-License-Identifier: Apache-2.0

import CKernelModule
import CMoor
import Glibc
import Synchronization

@testable import KernelModule

/// Answers like a module would, from a script, and keeps what it was asked.
final class ReplayedDevice: DeviceCalls {
  /// One ioctl as the module would see it.
  struct Request: Sendable, Equatable {
    let number: UInt
    let argument: [UInt8]
  }

  typealias Answer = @Sendable (UnsafeMutableRawPointer) -> Int32

  private struct State {
    var requests: [Request] = []
    var closed: [Int32] = []
    var answers: [UInt: [Answer]]
  }

  private let state: Mutex<State>
  private let opened: Int32

  init(opened: Int32 = 7, _ answers: [UInt: [Answer]] = [:]) {
    self.opened = opened
    state = Mutex(State(answers: answers))
  }

  /// One answer that is an errno, for one request number.
  convenience init(refusing number: UInt, with error: Int32) {
    self.init([number: [{ _ in -error }]])
  }

  var requests: [Request] { state.withLock { $0.requests } }
  var closed: [Int32] { state.withLock { $0.closed } }

  func open(_ path: String) -> Int32 { opened }

  func ioctl(_ descriptor: Int32, _ request: UInt, _ argument: UnsafeMutableRawPointer) -> Int32 {
    let size = Int(argument.load(as: moor_header.self).size)
    let answer = state.withLock { state in
      state.requests.append(
        Request(number: request, argument: Array(UnsafeRawBufferPointer(start: argument, count: size))))
      guard var left = state.answers[request], let first = left.first else { return Answer?.none }
      // The last answer stays.
      if left.count > 1 { left.removeFirst() }
      state.answers[request] = left
      return first
    }
    return answer?(argument) ?? 0
  }

  func close(_ descriptor: Int32) {
    state.withLock { $0.closed.append(descriptor) }
  }
}

/// The kernel's refusal in an error, so that a test can name it.
func refusal(_ body: () throws -> Void) -> KernelRefusal? {
  do {
    try body()
    return nil
  } catch KernelModuleError.kernel(let refusal) {
    return refusal
  } catch {
    return nil
  }
}

/// The code of our own rejection in an error.
func rejection(_ body: () throws -> Void) -> Rejection.Code? {
  do {
    try body()
    return nil
  } catch KernelModuleError.rejected(let rejection) {
    return rejection.code
  } catch {
    return nil
  }
}
