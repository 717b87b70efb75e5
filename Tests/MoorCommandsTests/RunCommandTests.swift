// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EventLog
import FoundationEssentials
import Glibc
import KernelModule
import TPM
import Testing

@testable import MoorCommands

@Suite struct RunCommandTests {
  /// A failure's words and code; these commands never come to their program, or the test would become it.
  private func failure(_ arguments: [String], _ module: StandInModule) throws -> CommandFailure? {
    do {
      try RunCommand.parse(arguments).run(CommandContext(RecordingConsole(), module))
      return nil
    } catch {
      return CommandFailure(error)
    }
  }

  @Test func saysThatThereIsNoSuchProgramAndBindsNothing() throws {
    let module = try StandInModule()
    for program in ["/nonexistent/qemu", "no-such-emulator-of-moor"] {
      #expect(try failure(["--vm", "web1", "--", program], module)?.status.rawValue == 127)
    }
    #expect(module.asked == [])
  }

  @Test func aVMThatRunsAlreadyIsNotStartedTwice() throws {
    let module = try StandInModule()
    module.failures["bind"] = .kernel(KernelRefusal(.bind, SystemError(rawValue: EBUSY), detail: "web1"))
    let found = try failure(["--vm", "web1", "--", "/bin/true"], module)
    #expect(found?.status.rawValue == 125)
    #expect(found?.description.contains("a VM of this name is running already") == true)
  }

  @Test func aFileThatIsNoProgramIsRefused() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("qemu", "not a program")
    let module = try StandInModule()
    let found = try failure(["--vm", "web1", "--", file, "-m", "1"], module)
    #expect(found?.status.rawValue == 126)
    #expect(found?.description.hasPrefix("\(file) was not run: EACCES") == true)
    #expect(module.asked.contains("bind web1"))
  }

  @Test func explainsARefusalByItsRecord() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("qemu", "not a program")
    let module = try StandInModule()
    var event = MeasurementLog.file(file, .exec, 4, record: .refuse)
    event.reason = .digest
    // The log is read before and after: what came between is about this start.
    module.log = try .sample()
    let grown = try MeasurementLog.sample([event])
    let console = RecordingConsole()
    let access = GrowingLog(module, grown)
    var context = CommandContext(console, module)
    context.module = access
    var text = ""
    do {
      try RunCommand.parse(["--vm", "web1", "--", file]).run(context)
    } catch {
      text = CommandFailure(error)?.description ?? ""
    }
    #expect(text.contains("is not the file that the policy lists"))
    #expect(text.contains("reason=digest"))
  }

  @Test(arguments: [
    ["--", "/bin/true"], ["--vm", "web1"], ["--vm", "web1", "--"], ["--vm", "a/b", "--", "/bin/true"],
    ["--vm", "", "--", "/bin/true"], ["--vm", "web1", "/bin/true"], ["--vm", "web1", "--", ""],
  ])
  func rejectsACommandLineWithoutVMOrProgram(arguments: [String]) {
    #expect(throws: (any Error).self) { try RunCommand.parse(arguments) }
  }

  @Test func theProgramsOptionsAreItsOwn() throws {
    let command = try RunCommand.parse(["--vm", "web1", "--", "qemu", "--json", "-h", "--"])
    #expect(command.command == ["qemu", "--json", "-h", "--"])
    #expect(!command.output.json)
  }

  @Test(arguments: Reason.names.map(\.value))
  func everyReasonHasWordsOfItsOwn(reason: Reason) {
    var event = MeasurementLog.file("/usr/bin/qemu", .exec, 1, record: .refuse)
    event.reason = reason
    let words = RefusalWords.explain(event)
    #expect(!words.isEmpty)
    #expect(reason == .none || !words.hasSuffix("(\(reason))."), "\(reason) has no words")
  }

  @Test(arguments: Reason.names.map(\.value).filter { ![.none, .broken, .closed, .noFile].contains($0) })
  func theWordsSayWhatToDo(reason: Reason) {
    var event = MeasurementLog.file("/usr/bin/qemu", .exec, 1, record: .refuse)
    event.reason = reason
    let sentences = RefusalWords.explain(event).split(separator: ". ")
    #expect(sentences.count > 1, "\(reason)")
  }

  /// What an enforcing module has not listed it does not hash: an update from the log has nothing to add, and only one
  /// from the disk takes the digest. The words must lead there.
  @Test func whatTheWordsForAnUnlistedFileAdviseWorks() throws {
    let folder = try TemporaryFolder()
    let library = try folder.write("lib.so", "code")
    let policy = try folder.write("p.moor", "policy \"p\" version 1\ntrust {\n  library \(library)\n}\n")
    var event = MeasurementEvent(.refuse)
    event.kind = .library
    event.path = UntrustedText(library)
    event.reason = .unlisted
    let module = try StandInModule()
    module.log = try .sample([event])
    func update(_ arguments: [String]) -> Int32 {
      exitCode {
        try TrustUpdateCommand.parse(["--policy", policy, "--yes"] + arguments)
          .run(CommandContext(RecordingConsole(), module))
      }
    }
    #expect(update(["--add", "--refused"]) == 0)
    #expect(try !folder.read("p.moor").contains("sha256:"))
    let words = RefusalWords.explain(event)
    #expect(words.contains("as library"))
    #expect(words.contains("`moor trust update --from-disk`"))
    #expect(!words.contains("--add"))
    #expect(update(["--from-disk"]) == 0)
    #expect(try folder.read("p.moor").contains("sha256:"))
  }

  /// The module's log grows when a VM is bound.
  private final class GrowingLog: ModuleAccess {
    private let module: StandInModule
    private let grown: MeasurementLog
    init(_ module: StandInModule, _ grown: MeasurementLog) {
      self.module = module
      self.grown = grown
    }
    var isLoaded: Bool { module.isLoaded }
    func state() throws(KernelModuleError) -> ModuleState { try module.state() }
    func snapshot(from record: UInt64) throws(KernelModuleError) -> LogSnapshot { try module.snapshot(from: record) }
    func launch(_ launch: Launch, report: (Launch.Step) -> Void) throws(KernelModuleError) {}
    func loadModule(path: String) throws(KernelModuleError) {}
    func gate(_ launch: Launch, report: (Launch.Step) -> Void) throws(KernelModuleError) {}
    func bind(to vm: VMName) throws(KernelModuleError) { module.log = grown }
    func lock() throws(KernelModuleError) {}
    func release() throws(KernelModuleError) {}
    func unload() throws(KernelModuleError) {}
    func readPCR(_ pcr: UInt32, tcti: TPM.TCTI) throws(TPM.TPMError) -> [Digest] { [] }
  }
}
