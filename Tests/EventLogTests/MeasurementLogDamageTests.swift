// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EventLog

/// What became of a damaged log.
private enum Fate: Equatable {
  case refused(EventLogError)
  case read(MeasurementLog)
}

private func read(_ bytes: [UInt8]) -> Fate {
  do throws(EventLogError) {
    return .read(try MeasurementLog(bytes))
  } catch {
    return .refused(error)
  }
}

@Suite("Damage to the measurement log")
struct MeasurementLogDamageTests {
  let log: MeasurementLog
  let bytes: [UInt8]
  /// The PCR's values as a TPM would give them for the whole log.
  let pcr: [Digest]

  init() throws {
    log = try SampleLog.make()
    bytes = log.encoded()
    pcr = try Replay(log, from: .zero).banks.map(\.end)
  }

  /// Where each record begins, and the end.
  private var borders: [Int] {
    log.records.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.encoded().count) }
  }

  /// The bytes that no PCR covers: the NOTE of each record.
  private func noteBytes() -> Set<Int> {
    var offsets: Set<Int> = []
    for (start, record) in zip(borders, log.records) {
      guard let note = record.note else { continue }
      let end = start + record.encoded().count
      offsets.formUnion((end - note.encoded().count - 5)..<end)
    }
    return offsets
  }

  @Test("every truncation is an error with its place, or a shorter log that the PCR does not match")
  func truncations() throws {
    let borders = borders
    try checkTruncations(of: bytes, borders: borders) { bytes throws(EventLogError) in
      try MeasurementLog(bytes)
    } shorter: { shorter in
      let isProven = try Replay(shorter, from: .zero).isProven(by: pcr)
      #expect(!isProven)
    } refused: { error, length in
      let record = UInt64(borders.lastIndex { $0 <= length } ?? 0)
      #expect(error.record == record, "\(error)")
    }
  }

  @Test("every changed byte is an error with its place or a mismatch, except in the note, which nothing covers")
  func flips() throws {
    let notes = noteBytes()
    for offset in bytes.indices {
      for mask: UInt8 in [0x01, 0x80, 0xFF] {
        var changed = bytes
        changed[offset] ^= mask
        switch read(changed) {
        case .refused(let error):
          // An inner length can only be judged where its element ends, so the place may lie before or after the byte,
          // but never outside the log.
          #expect((0...changed.count).contains(error.offset), "\(error)")
          #expect(error.record <= UInt64(log.records.count), "\(error)")
        case .read(let other):
          #expect(other.encoded() == changed, "byte \(offset) by \(mask): read, but not what stands there")
          #expect(other != log)
          let outcome = try Replay(other, from: .zero).compare(with: pcr).map(\.outcome)
          if notes.contains(offset) {
            #expect(outcome == [.matches, .matches])
          } else {
            #expect(outcome != [.matches, .matches], "byte \(offset) by \(mask) changed and not noticed")
          }
        }
      }
    }
  }

  @Test("a changed byte of the extended content names that record")
  func namesRecord() throws {
    for (start, record) in zip(borders, log.records) {
      var changed = bytes
      // RECNUM 13, PCR 6, DIGESTS 5 + 37 + 53, content 5, EVENT 5, RECORD 5: the record's kind.
      changed[start + 129] = 250
      guard case .read(let other) = read(changed) else {
        Issue.record("record \(record.number) became unreadable")
        continue
      }
      for bank in try Replay(other, from: .zero).banks {
        #expect(bank.mismatch?.record == record.number)
        #expect(bank.mismatch?.logged == record.digest(bank.algorithm))
      }
    }
  }

  @Test("every length field refuses the largest length, and one more than is there")
  func overlargeLengths() throws {
    // A length field is any 4 bytes after a tag; trying all offsets covers them all.
    for offset in 0..<(bytes.count - 4) {
      for value: [UInt8] in [[255, 255, 255, 255], [128, 0, 0, 0], [127, 255, 255, 255], [0, 1, 0, 0]] {
        var changed = bytes
        changed.replaceSubrange(offset..<offset + 4, with: value)
        if case .read(let other) = read(changed) { #expect(other.encoded() == changed) }
      }
    }
  }

  @Test(
    "random damage never crashes, and what is still read is what stands there", arguments: [1, 2, 3, 4] as [UInt64])
  func mutations(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<2_000 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let at = Int.random(in: changed.indices, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: changed[at] = UInt8.random(in: 0...255, using: &random)
        case 1: changed.remove(at: at)
        case 2: changed.insert(UInt8.random(in: 0...255, using: &random), at: at)
        case 3: changed.removeSubrange(at..<min(at + 40, changed.count))
        default: changed.insert(contentsOf: changed[at..<min(at + 60, changed.count)], at: at)
        }
        if changed.isEmpty { changed = [0] }
      }
      switch read(changed) {
      case .refused(let error): #expect((0...changed.count).contains(error.offset))
      case .read(let other): #expect(other.encoded() == changed)
      }
    }
  }

  @Test("bytes of no meaning are refused")
  func noise() {
    var random = SeededGenerator(seed: 99)
    for length in 1...2_000 {
      let noise = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
      guard case .refused = read(noise) else {
        Issue.record("\(length) random bytes were read as a log")
        continue
      }
    }
  }
}
