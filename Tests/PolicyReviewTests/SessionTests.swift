// SPDX-License-Identifier: Apache-2.0

import PolicyText
import Testing

@testable import PolicyReview

@Suite("Answers") struct SessionTests {
  private func plan() throws -> ReviewPlan {
    var seen = SampleAccesses()
    seen.path("/usr/bin/swtpm", "exec")
    seen.path("/var/lib/swtpm/state", "read,write", by: "/usr/bin/swtpm")
    seen.path("/srv/vm/web1.img", "read,write")
    return try SamplePolicy().plan(seen)
  }

  @Test func areAskedOneAfterTheOtherAndTakenBack() throws {
    var session = ReviewSession(try plan())
    let ids = session.plan.decisions.map(\.id)
    #expect(session.current?.id == ids[0])
    let taken = [
      session.answer(ids[0], "generalise-1"), session.answer("web9:object:/srv/vm", "accept"),
      session.answer(ids[0], "accept"), session.answer(ids[1], "deny"),
    ]
    #expect(taken == [false, false, true, true])
    #expect(session.current?.id == ids[2])
    let undone = session.undo()
    #expect(undone?.id == ids[1] && session.current?.id == ids[1])
    let rest = [session.undo()?.id, session.undo()?.id]
    #expect(rest == [ids[0], nil])
    #expect(session.answers.isEmpty)
  }

  @Test func aHelperIsAskedAboutOnlyWhenItMayBeStarted() throws {
    var session = ReviewSession(try plan())
    let ids = session.plan.decisions.map(\.id)
    session.answer(ids[0], "deny")
    session.answer(ids[1], "accept")
    #expect(session.current == nil)
    session.undo()
    session.undo()
    session.answer(ids[0], "accept")
    session.answer(ids[1], "accept")
    #expect(session.current?.id == ids[2])
  }

  @Test func areTakenUpOnAnotherDayUnlessTheQuestionHasChanged() throws {
    var session = ReviewSession(try plan())
    let ids = session.plan.decisions.map(\.id)
    session.answer(ids[0], "accept")
    session.answer(ids[1], "accept")
    let saved = session.saved
    var same = ReviewSession(try plan())
    let changed = same.resume(saved)
    #expect(changed.isEmpty)
    #expect(same.answers == session.answers)
    // The same subtree has a file more: what was accepted then is not all of it.
    var seen = SampleAccesses()
    seen.path("/usr/bin/swtpm", "exec")
    seen.path("/srv/vm/web1.img", "read,write")
    seen.path("/srv/vm/second.img", "read,write")
    var other = ReviewSession(try SamplePolicy().plan(seen))
    let again = other.resume(saved)
    #expect(again == [ids[1]])
    #expect(other.answers == [ids[0]: "accept"])
  }
}

@Suite("Decisions files") struct DecisionsFileTests {
  private func plan() throws -> ReviewPlan {
    var seen = SampleAccesses()
    seen.path("/srv/vm/web1.img", "read,write")
    return try SamplePolicy().plan(seen)
  }

  private func read(_ text: String) throws -> [ReviewAnswer] {
    try DecisionsFile.read(Source(name: "d.json", text: text), for: try plan())
  }

  private static let id = "\"id\":\"web1:object:/srv/vm\""

  @Test func areRead() throws {
    let digest = try plan().decisions[0].digest
    let answers = try read(
      """
      {
        "format": "moor-review-1",
        "decisions": [ {\(Self.id), "choice": "acc\\u0065pt", "digest": "\(digest)"} ]
      }
      """)
    #expect(answers == [ReviewAnswer(id: "web1:object:/srv/vm", choice: "accept", digest: digest)])
    #expect(try read(#"{"decisions":[],"format":"moor-review-1"}"#).isEmpty)
  }

  @Test(arguments: [
    ("", "1:1: error: a value is missing"),
    ("{", "1:2: error: a key is missing"),
    ("[]", "1:1: error: a list stands here; expected an object"),
    ("{\"format\":\"moor-review-1\"}", "1:1: error: 'decisions' is missing"),
    ("{\"decisions\":[]}", "1:1: error: 'format' is missing"),
    ("{\"format\":\"moor-review-2\",\"decisions\":[]}", "1:11: error: the format is another"),
    ("{\"format\":1,\"decisions\":[]}", "1:11: error: the format is another"),
    ("{\"format\":\"moor-review-1\",\"decisions\":{}}", "1:39: error: an object stands here; expected a list"),
    ("{\"format\":\"moor-review-1\",\"decisions\":[3]}", "1:40: error: 3 stands here; expected an object"),
    ("{\"format\":\"moor-review-1\",\"decisions\":[{}]}", "1:40: error: 'id' is missing"),
    ("{\"format\":\"moor-review-1\",\"decisions\":[{\(id)}]}", "1:40: error: 'choice' is missing"),
    (
      "{\"format\":\"moor-review-1\",\"decisions\":[{\(id),\"choice\":true}]}",
      "error: true stands here; expected a string"
    ),
    (
      "{\"format\":\"moor-review-1\",\"decisions\":[{\(id),\"choice\":\"accept\",\"chioce\":\"deny\"}]}",
      "error: 'chioce' means nothing here; expected id, choice, digest; nearest: choice"
    ),
    ("{\"format\":\"moor-review-1\",\"decisions\":[],\"format\":\"\"}", "1:42: error: the key stands twice"),
    ("{\"format\":\"moor-review-1\",\"decisions\":[]} x", "1:43: error: something stands behind the end"),
    ("{\"format\":\"moor-review-1\" \"decisions\":[]}", "1:27: error: the object is not closed"),
    ("{\"format\":\"moor-review-1\",\"decisions\":[}", "1:40: error: a value is missing"),
    ("{\"format\":\"a\\x\"", "1:13: error: the escape is not one of JSON's"),
    ("{\"format\":\"\\ud800\"", "error: the escape is not one of JSON's"),
    ("{\"format\":\"a", "1:11: error: the string is not closed"),
    ("{\"format\":\"a\n", "1:13: error: a control character stands in the string"),
    (String(repeating: "[", count: 20), "1:17: error: values are nested deeper than 16"),
    (
      "{\"format\":\"moor-review-1\",\"decisions\":[\n{\"id\":\"web1:object:/srv/wm\",\"choice\":\"accept\"}]}",
      "d.json:2:7: error: no decision 'web1:object:/srv/wm' is asked; nearest: web1:object:/srv/vm"
    ),
    (
      "{\"format\":\"moor-review-1\",\"decisions\":[\n{\(id),\"choice\":\"private\"}]}",
      "error: 'private' is not offered; expected one of accept, generalise-1"
    ),
    (
      "{\"format\":\"moor-review-1\",\"decisions\":[{\(id),\"choice\":\"deny\"},\n{\(id),\"choice\":\"accept\"}]}",
      "d.json:2:7: error: 'web1:object:/srv/vm' is answered twice"
    ),
    (
      "{\"format\":\"moor-review-1\",\"decisions\":[{\(id),\"choice\":\"deny\",\"digest\":\"0000000000000000\"}]}",
      "error: what 'web1:object:/srv/vm' asks has changed since"
    ),
  ])
  func saysWhatIsWrongAndWhere(_ text: String, _ expected: String) throws {
    let error = #expect(throws: PolicyError.self) { try read(text) }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
  }

  @Test func everyCutIsAnError() throws {
    let whole = "{\"format\":\"moor-review-1\",\"decisions\":[{\(Self.id),\"choice\":\"accept\"}]}"
    for length in 0..<whole.utf8.count {
      #expect(throws: PolicyError.self) { try read(String(whole.prefix(length))) }
    }
    #expect(try read(whole).count == 1)
  }

  @Test func allThatIsWrongIsToldAtOnce() throws {
    let error = #expect(throws: PolicyError.self) {
      try read(
        "{\"format\":\"moor-review-1\",\"decisions\":[{\"id\":\"x\",\"choice\":\"y\"},{\(Self.id),\"choice\":\"z\"}]}")
    }
    #expect(error?.diagnostics.count == 2)
  }
}
