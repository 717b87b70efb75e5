// SPDX-License-Identifier: Apache-2.0

import Foundation
import TPM
import Testing

/// A TPM, or something between it and the host, that answers wrongly, late or not at all.
@Suite(.timeLimit(.minutes(1))) struct HostileTPMTests {
  private static let big = ScriptedTPM.big

  private static let clock = ScriptedTPM.response(
    big(7, 8) + big(9, 8) + big(3, 4) + big(2, 4) + [1])

  // MARK: Late or never

  @Test func silenceEndsInTimeAndClosesTheConnection() throws {
    let tpm = try ScriptedTPM { _, _, _ in .silence }
    var connection = try TPMConnection(tpm.tcti, timeout: .milliseconds(300))
    let begin = ContinuousClock.now
    let error = try failure { () throws(TPMError) in try connection.clock() }
    #expect(ContinuousClock.now - begin < .seconds(10))
    #expect(ContinuousClock.now - begin >= .milliseconds(300))
    #expect(error.code == .timedOut)
    #expect(error.description == "TPM2_ReadClock: no answer within 0.3 seconds")
    #expect(error.recovery == .reconnect)
    #expect(try failure { () throws(TPMError) in try connection.random(count: 1) }.code == .connectionLost)
  }

  @Test func aDeviceThatGoesAwayInTheMiddleIsNamedAsSuch() throws {
    let tpm = try ScriptedTPM { _, _, _ in .hangUp }
    var connection = try TPMConnection(tpm.tcti, timeout: .seconds(20))
    let error = try failure { () throws(TPMError) in try connection.clock() }
    #expect(error.code == .connectionLost, "\(error)")
    #expect(error.response?.layer == .tcti)
  }

  @Test func aCommandIsSentAgainWhenTheTPMAsksForIt() throws {
    for code in [0x922, 0x90A, 0x908] {
      let tpm = try ScriptedTPM { _, _, number in
        .bytes(number < 3 ? ScriptedTPM.response([], code: code) : Self.clock)
      }
      var connection = try TPMConnection(tpm.tcti)
      let clock = try connection.clock()
      #expect(clock.time == 7 && clock.clock == 9 && clock.resetCount == 3 && clock.restartCount == 2 && clock.isSafe)
    }
  }

  @Test func aTPMThatAsksForEverIsAnErrorThatRetryMayHelp() throws {
    let tpm = try ScriptedTPM { _, _, _ in .bytes(ScriptedTPM.response([], code: 0x922)) }
    var connection = try TPMConnection(tpm.tcti)
    for _ in 1...2 {
      let error = try failure { () throws(TPMError) in try connection.clock() }
      #expect(error.response?.name == "TPM_RC_RETRY")
      #expect(error.recovery == .resubmit)
    }
  }

  // MARK: PCR values

  /// Answers to TPM2_PCR_Read of sha256:1,2.
  struct PCRRow: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let selection: [UInt8]
    let digests: [[UInt8]]
    let code: TPMError.Code
    let detail: String

    init(
      _ description: String, _ selection: [UInt8], _ digests: [[UInt8]], _ code: TPMError.Code, _ detail: String
    ) {
      testDescription = description
      self.selection = selection
      self.digests = digests
      self.code = code
      self.detail = detail
    }
  }

  private static let digest = [UInt8](repeating: 1, count: 32)
  private static let asked = PCRSet(rawValue: 0b110)

  private static func answer(counter: Int, _ selection: [UInt8], _ digests: [[UInt8]]) -> [UInt8] {
    ScriptedTPM.response(
      big(counter, 4) + selection + big(digests.count, 4) + digests.flatMap { big($0.count, 2) + $0 })
  }

  static let pcrRows: [PCRRow] = [
    PCRRow(
      "a PCR nobody asked for", ScriptedTPM.selection(.sha256, [PCRSet(rawValue: 0b1110)]), [digest, digest, digest],
      .malformedResponse, "values of sha256:1,2,3, for sha256:1,2 asked for"),
    PCRRow(
      "another PCR", ScriptedTPM.selection(.sha256, PCRSet(rawValue: 0b1000)), [digest], .malformedResponse,
      "values of sha256:3, for sha256:1,2 asked for"),
    PCRRow(
      "another bank", ScriptedTPM.selection(.sha1, asked), [digest, digest], .malformedResponse,
      "values of sha1:1,2, for sha256:1,2 asked for"),
    PCRRow(
      "the same bank twice",
      big(2, 4) + ScriptedTPM.selection(.sha256, asked).dropFirst(4)
        + ScriptedTPM.selection(.sha256, asked).dropFirst(4),
      [digest, digest, digest, digest], .malformedResponse, "values of sha256:1,2, for sha256:1,2 asked for"),
    PCRRow(
      "a value too few", ScriptedTPM.selection(.sha256, asked), [digest], .malformedResponse,
      "fewer values than PCRs"),
    PCRRow(
      "a value too many", ScriptedTPM.selection(.sha256, asked), [digest, digest, digest], .malformedResponse,
      "more values than PCRs"),
    PCRRow(
      "a short value", ScriptedTPM.selection(.sha256, asked), [digest, Array(digest.dropLast())], .malformedResponse,
      "PCR 2 of sha256 has 31 bytes"),
    PCRRow(
      "an empty value", ScriptedTPM.selection(.sha256, asked), [[], digest], .malformedResponse,
      "PCR 1 of sha256 has 0 bytes"),
    PCRRow(
      "nothing at all", ScriptedTPM.selection(.sha256, []), [], .pcrAbsent, "the TPM gives no value for sha256:1,2"),
    PCRRow("no bank", big(0, 4), [], .pcrAbsent, "the TPM gives no value for sha256:1,2"),
  ]

  @Test(arguments: pcrRows) func refusesValuesThatDoNotFitTheQuestion(row: PCRRow) throws {
    let reply = Self.answer(counter: 1, row.selection, row.digests)
    let tpm = try ScriptedTPM { command, _, _ in
      .bytes(command == ScriptedTPM.getCapability ? ScriptedTPM.allocation : reply)
    }
    var connection = try TPMConnection(tpm.tcti)
    let error = try failure { () throws(TPMError) in
      try connection.readPCRs(PCRSelection(Self.asked, in: [.sha256]))
    }
    #expect(error.code == row.code)
    #expect(error.operation == "TPM2_PCR_Read")
    #expect(error.detail == row.detail)
  }

  /// Gives one PCR for each command, so that reading two takes two commands.
  private static func oneByOne(counter: @escaping @Sendable (Int) -> Int) -> ScriptedTPM.Script {
    { command, body, number in
      guard command == ScriptedTPM.readPCR else { return .bytes(ScriptedTPM.allocation) }
      let wantsFirst = body[7] & 0b010 != 0
      let value = [UInt8](repeating: wantsFirst ? 1 : 2, count: 32)
      let selected = ScriptedTPM.selection(.sha256, PCRSet(rawValue: wantsFirst ? 0b010 : 0b100))
      return .bytes(answer(counter: counter(number), selected, [value]))
    }
  }

  @Test func readsAnewWhenAPCRChangedInBetween() throws {
    // Commands: allocation, PCR 1, PCR 2 with another counter, then PCR 1 and 2 again.
    let tpm = try ScriptedTPM(Self.oneByOne { $0 <= 1 ? 1 : 2 })
    var connection = try TPMConnection(tpm.tcti)
    let values = try connection.readPCRs(PCRSelection(Self.asked, in: [.sha256]))
    #expect(values.updateCounter == 2)
    #expect(values[.sha256, 1] == [UInt8](repeating: 1, count: 32))
    #expect(values[.sha256, 2] == [UInt8](repeating: 2, count: 32))
  }

  @Test func givesUpWhenPCRsNeverStandStill() throws {
    let tpm = try ScriptedTPM(Self.oneByOne { $0 })
    var connection = try TPMConnection(tpm.tcti)
    let error = try failure { () throws(TPMError) in
      try connection.readPCRs(PCRSelection(Self.asked, in: [.sha256]))
    }
    #expect(error.code == .pcrsChanging)
    #expect(error.recovery == .resubmit)
  }

  // MARK: Capabilities

  /// An answer to TPM2_GetCapability of properties: more, list, then tag and value.
  private static func properties(more: UInt8 = 0, list: Int = 6, _ tags: [Int]) -> [UInt8] {
    ScriptedTPM.response([more] + big(list, 4) + big(tags.count, 4) + tags.flatMap { big($0, 4) + big(1, 4) })
  }

  @Test(arguments: [
    (properties([0x0FF]), "entry 0xff of list 6 is out of order or one too many"),
    (properties([0x105, 0x105]), "entry 0x105 of list 6 is out of order or one too many"),
    (properties([0x106, 0x105]), "entry 0x105 of list 6 is out of order or one too many"),
    (properties([0xFFFF_FFFF]), "entry 0xffffffff of list 6 is out of order or one too many"),
    (properties(more: 1, []), "more of list 6 is promised, none given"),
    (properties(list: 5, []), "list 5, for 6 asked for"),
  ])
  func refusesListsThatContradictThemselves(reply: [UInt8], detail: String) throws {
    let tpm = try ScriptedTPM { _, _, _ in .bytes(reply) }
    var connection = try TPMConnection(tpm.tcti)
    let error = try failure { () throws(TPMError) in try connection.properties() }
    #expect(error.code == .malformedResponse)
    #expect(error.operation == "TPM2_GetCapability")
    #expect(error.detail == detail)
  }

  @Test func aListWithoutEndEnds() throws {
    let tpm = try ScriptedTPM { _, body, _ in
      let first = Int(ScriptedTPM.number(body[4..<8]))
      return .bytes(Self.properties(more: 1, Array(first..<first + 64)))
    }
    var connection = try TPMConnection(tpm.tcti)
    let error = try failure { () throws(TPMError) in try connection.properties() }
    #expect(error.detail == "entry 0x1100 of list 6 is out of order or one too many")
  }

  @Test func textOfTheTPMCannotReachATerminal() throws {
    let tpm = try ScriptedTPM { _, body, _ in
      guard body[4..<8] == [0, 0, 1, 0] else { return .bytes(Self.properties([])) }
      return .bytes(
        ScriptedTPM.response([0] + Self.big(6, 4) + Self.big(1, 4) + Self.big(0x105, 4) + [0x1B, 0x5B, 0x41, 0xFF]))
    }
    var connection = try TPMConnection(tpm.tcti)
    #expect(try connection.properties().manufacturer == "?[A?")
  }

  // MARK: Random bytes and broken frames

  @Test(arguments: [(0, "0 bytes for 4 asked for"), (5, "5 bytes for 4 asked for")])
  func refusesAnotherNumberOfRandomBytes(count: Int, detail: String) throws {
    let tpm = try ScriptedTPM { _, _, _ in
      .bytes(ScriptedTPM.response(Self.big(count, 2) + [UInt8](repeating: 9, count: count)))
    }
    var connection = try TPMConnection(tpm.tcti)
    let error = try failure { () throws(TPMError) in try connection.random(count: 4) }
    #expect(error.code == .malformedResponse)
    #expect(error.detail == detail)
  }

  /// What each frame is, and the frame, sent as the answer to TPM2_ReadClock.
  static let frames: [(String, [UInt8])] = [
    ("a size below the header's", [0x80, 0x01, 0, 0, 0, 9, 0, 0, 0, 0]),
    ("a tag that is none", [0x12, 0x34, 0, 0, 0, 10, 0, 0, 0, 0]),
    ("a part of a header", [0x80, 0x01, 0, 0]),
  ]

  @Test(arguments: frames)
  func aBrokenFrameBreaksTheConnection(what: String, frame: [UInt8]) throws {
    let tpm = try ScriptedTPM { _, _, _ in .bytes(frame) }
    var connection = try TPMConnection(tpm.tcti, timeout: .milliseconds(500))
    let error = try failure { () throws(TPMError) in try connection.clock() }
    #expect(error.code == .connectionLost, "\(what): \(error)")
    #expect(try failure { () throws(TPMError) in try connection.clock() }.code == .connectionLost)
  }

  /// The TSS alone would take what is missing from its buffer, and report success.
  @Test(arguments: [
    (ScriptedTPM.response([]), "an answer of 0 bytes, where 25 were read"),
    (ScriptedTPM.response(big(7, 8)), "an answer of 8 bytes, where 25 were read"),
    (ScriptedTPM.response([UInt8](repeating: 1, count: 24)), "an answer of 24 bytes, where 25 were read"),
    (ScriptedTPM.response([UInt8](repeating: 1, count: 26)), "an answer of 26 bytes, where 25 were read"),
    // With the tag of sessions that nobody opened: the size of the parameters comes first.
    ([0x80, 0x02, 0, 0, 0, 14, 0, 0, 0, 0, 0, 0, 0, 0], "an answer of 0 bytes, where 25 were read"),
  ])
  func refusesAnAnswerOfTheWrongLength(frame: [UInt8], detail: String) throws {
    let tpm = try ScriptedTPM { _, _, _ in .bytes(frame) }
    var connection = try TPMConnection(tpm.tcti, timeout: .seconds(2))
    let error = try failure { () throws(TPMError) in try connection.clock() }
    #expect(error.code == .malformedResponse)
    #expect(error.detail == detail)
    #expect(try failure { () throws(TPMError) in try connection.clock() }.code == .connectionLost)
  }

  @Test func refusesAListThatSaysMoreThanItHas() throws {
    for list in [ScriptedTPM.big(1, 4), ScriptedTPM.big(127, 4) + ScriptedTPM.big(0x105, 4)] {
      let tpm = try ScriptedTPM { _, _, _ in .bytes(ScriptedTPM.response([0] + Self.big(6, 4) + list)) }
      var connection = try TPMConnection(tpm.tcti)
      #expect(try failure { () throws(TPMError) in try connection.properties() }.code == .malformedResponse)
    }
    let tpm = try ScriptedTPM { _, _, _ in .bytes(ScriptedTPM.response([0] + Self.big(6, 4) + Self.big(128, 4))) }
    var connection = try TPMConnection(tpm.tcti)
    #expect(try failure { () throws(TPMError) in try connection.properties() }.code == .connectionLost)
  }
}
