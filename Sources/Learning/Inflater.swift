// SPDX-License-Identifier: Apache-2.0

internal import CZlib

/// Unpacks gzip (RFC 1952) piece by piece, as many members as there are behind one another.
///
/// Owns a zlib stream; not to be used from two threads at a time.
struct Inflater: ~Copyable {
  /// What is wrong with what is packed.
  enum Problem: Error, Equatable, CustomStringConvertible {
    case noMemory
    case damaged(UInt64)
    case cutOff(UInt64)

    var description: String {
      switch self {
      case .noMemory: "there is no memory to unpack it"
      case .damaged(let place): "it is damaged at byte \(place) of what is packed: what follows was not read"
      case .cutOff(let place): "it ends in the middle, at byte \(place) of what is packed"
      }
    }
  }

  /// Its first two bytes.
  static let magic: [UInt8] = [0x1F, 0x8B]

  private let stream: UnsafeMutablePointer<z_stream>
  private var output = [UInt8](repeating: 0, count: 1 << 18)
  /// Whether a member has begun and not ended.
  private var isInside = false
  private var taken: UInt64 = 0

  init() throws(Problem) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15 bits of window, and 16: gzip's header is expected.
    guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      stream.deallocate()
      throw .noMemory
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Hands what this piece unpacks to on.
  mutating func take(_ piece: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) throws(Problem) {
    guard let base = piece.bindMemory(to: UInt8.self).baseAddress else { return }
    stream.pointee.next_in = UnsafeMutablePointer(mutating: base)
    stream.pointee.avail_in = UInt32(piece.count)
    defer { stream.pointee.next_in = nil }
    var isFull = false
    while stream.pointee.avail_in > 0 || isFull {
      isInside = true
      let (code, made) = step()
      output.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<made])) }
      isFull = made == output.count
      switch code {
      case Z_OK: break
      case Z_BUF_ERROR: isFull = false
      case Z_STREAM_END:
        isInside = false
        isFull = false
        guard inflateReset(stream) == Z_OK else { throw .noMemory }
      default:
        throw .damaged(taken + UInt64(piece.count) - UInt64(stream.pointee.avail_in))
      }
    }
    taken += UInt64(piece.count)
  }

  private mutating func step() -> (code: Int32, made: Int) {
    output.withUnsafeMutableBufferPointer { buffer in
      stream.pointee.next_out = buffer.baseAddress
      stream.pointee.avail_out = UInt32(buffer.count)
      let code = inflate(stream, Z_NO_FLUSH)
      return (code, buffer.count - Int(stream.pointee.avail_out))
    }
  }

  /// Nothing follows.
  func finish() throws(Problem) {
    if isInside { throw .cutOff(taken) }
  }
}
