// SPDX-License-Identifier: Apache-2.0

import AccessPolicy
import EventLog
import Testing

@testable import Learning

@Suite("The event tree")
struct EventTreeTests {
  private func shown(_ tree: EventTree) -> [String] {
    tree.inOrder.map { String(repeating: " ", count: $0.depth) + tree.nodes[$0.node].name.description }
  }

  private func line(_ path: String, program: String, helper: Int? = nil, parent: Int? = nil, pid: Int) -> String {
    "record=learn class=path permission=read path=\"\(path)\" program=\"\(program)\" vm=\"web1\""
      + (helper.map { " helper=\($0)" } ?? "") + (parent.map { " ppid=\($0)" } ?? "") + " pid=\(pid)"
  }

  @Test("objects stand below the folders that they share, these below class, program and VM")
  func folders() {
    let paths = ["/srv/vm/web1.qcow2", "/etc/hosts", "/srv/vm/a/b/c", "/srv/vm", "/srv/vmx/q"]
    let log = read(
      Lines.text(
        paths.map { line($0, program: "/q", pid: 5) } + [
          "record=learn class=anonymous kind=io_uring vm=\"web2\" pid=6", line("/h", program: "/s", helper: 1, pid: 7),
        ]))
    #expect(
      shown(EventTree(log)) == [
        "web1", " /q", "  path", "   /", "    etc/hosts", "    srv/", "     vm", "     vm/", "      a/b/c",
        "      web1.qcow2", "     vmx/q", " helper 1", "  /s", "   path", "    /h", "web2", " ?", "  anonymous",
        "   io_uring",
      ])
    #expect(shown(EventTree(log, vm: UntrustedText("web2"))) == ["web2", " ?", "  anonymous", "   io_uring"])
  }

  @Test("what is below a node is added up in it")
  func sums() throws {
    let log = read(Lines.text([Lines.path("/a/x"), Lines.path("/a/y", "write", verdict: "deny"), Lines.path("/a/x")]))
    let tree = EventTree(log)
    let root = tree.nodes[try #require(tree.roots.first)]
    #expect([root.tally.count, root.tally.denied, root.tally.learned] == [3, 1, 2])
    #expect(root.permissions == [.read, .write])
    #expect(root.tally.first == 1_700_000_000_201)
    #expect(root.tally.last == 1_700_000_000_203)
  }

  @Test("different permissions on one object are one node with several accesses")
  func permissions() throws {
    let tree = EventTree(read(Lines.text([Lines.path("/a"), Lines.path("/a", "write")])))
    let object = try #require(tree.nodes.first { $0.kind == .object })
    #expect(object.accesses == [0, 1])
    #expect(object.permissions == [.read, .write])
  }

  @Test("a process whose parent is named stands below it, in one run with it")
  func nested() {
    let log = read(
      Lines.text([
        line("/a", program: "/q", pid: 10), line("/b", program: "/sh", parent: 10, pid: 11),
        line("/c", program: "/cat", helper: 3, parent: 11, pid: 12), line("/b", program: "/sh", pid: 40),
        line("/b", program: "/sh", parent: 10, pid: 11),
      ]))
    #expect(
      shown(EventTree(log)) == [
        "web1", " /q", "  path", "   /a", "  /sh", "   path", "    /b", "   helper 3", "    /cat", "     path",
        "      /c",
        " /sh", "  path", "   /b",
      ])
    #expect(log.learned.runs.map(\.pid) == [10, 40])
    #expect(log.counted == 5)
    #expect(EventTree(log).roots.map { EventTree(log).nodes[$0].tally.count } == [5])
  }

  @Test("a number that another VM's process had is another process")
  func reusedNumber() {
    let other = line("/b", program: "/q", parent: 10, pid: 11).replacing("web1", with: "web2")
    let log = read(Lines.text([line("/a", program: "/q", pid: 10), other]))
    #expect(shown(EventTree(log)).filter { !$0.hasPrefix(" ") } == ["web1", "web2"])
    #expect(log.learned.runs.count == 2)
  }

  @Test("ten thousand processes below one another, and a path of two thousand folders, are no depth too much")
  func deep() {
    let path = String(repeating: "/a", count: 2_000)
    let chain = (1...10_000).map {
      line($0 % 2 == 0 ? path : path + "/b", program: "/p", parent: $0 == 1 ? nil : $0 - 1, pid: $0)
    }
    let log = read(Lines.text(chain))
    #expect(!log.isBlemished)
    let tree = EventTree(log)
    #expect(tree.inOrder.map(\.depth).max() == 10_002)
    #expect(tree.nodes[tree.roots[0]].tally.count == 10_000)
    #expect(log.learned.runs.count == 1)
  }
}

@Suite("Completeness")
struct CompletenessTests {
  private func reasons(_ rests: [String]) -> [Completeness.Reason] { Completeness(read(Lines.text(rests))).reasons }

  @Test("needs a run that did nothing new, for each VM")
  func runs() {
    let first = [Lines.path("/a", pid: 1), Lines.path("/b", pid: 1)]
    let web1 = UntrustedText("web1")
    #expect(reasons(first) == [.learning(vm: web1, runs: 1, new: 2)])
    #expect(reasons(first + [Lines.path("/a", pid: 2)]) == [])
    #expect(reasons(first + [Lines.path("/c", pid: 2)]) == [.learning(vm: web1, runs: 2, new: 1)])
    let both = first + [Lines.path("/a", pid: 2), Lines.path("/a", vm: "web2", pid: 3)]
    #expect(reasons(both) == [.learning(vm: UntrustedText("web2"), runs: 1, new: 1)])
    let runs = Completeness(read(Lines.text(first + [Lines.path("/a", pid: 2)]))).runs
    #expect(runs.map(\.new) == [2, 0])
    #expect(runs.map(\.all) == [2, 1])
  }

  @Test("is not there without a line, or where lines are lost or damaged, in words")
  func losses() {
    #expect(Completeness(read("")).reasons == [.nothing])
    let lines = [Lines.path("/a", pid: 1), "record=deny class=", Lines.path("/a", pid: 2)]
    #expect(reasons(lines) == [.damaged(1)])
    let gap = read(Lines.audit(1, Lines.path("/a", pid: 1)) + "\n" + Lines.audit(9, Lines.path("/a", pid: 2)) + "\n")
    #expect(Completeness(gap).reasons == [.lost(7)])
    #expect(Completeness(gap).reasons.map(\.description) == ["7 lines are lost"])
    #expect(!Completeness(gap).isComplete)
    let whole = Lines.audit(18, Lines.path("/a", pid: 2)).replacing("seq=18", with: "seq=18446744073709551615")
    #expect(Completeness(read(whole)).reasons.first == .lost(.max - 1))
  }
}
