// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization
import Testing

@testable import KernelModule

@Suite struct ModuleLoaderTests {
  private final class Library: ModuleLibrary {
    let result: Int32
    private let kept = Mutex<[String]>([])
    var asked: [String] { kept.withLock { $0 } }
    init(result: Int32 = 0) { self.result = result }
    func insert(path: String, parameters: String) -> Int32 {
      kept.withLock { $0.append("\(path) \(parameters)") }
      return result
    }
    func remove(name: String) -> Int32 {
      kept.withLock { $0.append("-\(name)") }
      return result
    }
    func isLoaded(name: String) -> Bool { result == 0 }
  }

  private struct Messages: KernelMessageSource {
    let lines: [String]
    func mark() -> UInt64? { 0 }
    func since(_ mark: UInt64?) -> [String] { lines }
  }

  private func parameters(_ change: (inout ModuleLoader.Parameters) -> Void) -> ModuleLoader.Parameters {
    var parameters = ModuleLoader.Parameters()
    change(&parameters)
    return parameters
  }

  @Test func passesParametersAsTheModuleReadsThem() throws {
    let library = Library()
    let loader = ModuleLoader(library: library, messages: Messages(lines: []))
    try loader.load(path: "/m.ko", parameters: .init())
    try loader.load(
      path: "/m.ko",
      parameters: parameters {
        $0.isClosed = true
        $0.guarded = ["/usr/bin/qemu-system-x86_64", "/usr/bin/kvm"]
        $0.pcr = 14
        $0.requiresTPM = false
      })
    #expect(
      library.asked == [
        "/m.ko closed=0 pcr=13 require_tpm=1",
        "/m.ko closed=1 pcr=14 require_tpm=0 guarded=/usr/bin/qemu-system-x86_64,/usr/bin/kvm",
      ])
  }

  @Test(arguments: ["", "qemu", "/a,b", "/a b", "/a\"b", "/a\nb", "/a\tb"])
  func rejectsAGuardedPathThatTheKernelWouldSplit(path: String) {
    let library = Library()
    let loader = ModuleLoader(library: library, messages: Messages(lines: []))
    #expect(rejection { try loader.load(path: "/m.ko", parameters: parameters { $0.guarded = [path] }) } == .parameter)
    #expect(library.asked.isEmpty)
  }

  @Test(arguments: [10, 16, 17, 23, 24, UInt32.max] as [UInt32])
  func rejectsAPCRThatProvesNothing(pcr: UInt32) {
    let loader = ModuleLoader(library: Library(), messages: Messages(lines: []))
    #expect(rejection { try loader.load(path: "/m.ko", parameters: parameters { $0.pcr = pcr }) } == .parameter)
  }

  @Test(arguments: [
    (EPERM, "loading kernel modules is not permitted here"),
    (ENOENT, "there is no such file"),
    (EEXIST, "a module of this name is loaded already"),
    (ENOEXEC, "the file is no module for this kernel"),
    (ENODEV, "the module found no TPM that it can extend"),
    (EKEYREJECTED, "the kernel accepts signed modules only, and this signature is not from a key that it knows"),
  ])
  func explainsWhyTheModuleIsNotLoaded(error: Int32, meaning: String) {
    let loader = ModuleLoader(
      library: Library(result: -error), messages: Messages(lines: ["usb 1-1: new device", "moor: no TPM"]))
    let found = refusal { try loader.load(path: "/m.ko", parameters: .init()) }
    #expect(found?.operation == .loadModule)
    #expect(found?.error.rawValue == error)
    #expect(found?.meaning == meaning)
    #expect(found?.detail == "/m.ko\nmoor: no TPM")
  }

  @Test(arguments: [
    (EOPNOTSUPP, "this machine lacks what the module drives, such as kvm_intel on a processor of AMD"),
    (ENODEV, "this machine lacks what the module drives, such as kvm_intel on a processor of AMD"),
    (EPERM, "moor refused it, or loading kernel modules is not permitted here"),
    (ENOENT, "there is no such file, or it needs another module first"),
    (ENOEXEC, "the file is no module for this kernel"),
    (EKEYREJECTED, "the kernel accepts signed modules only, and this signature is not from a key that it knows"),
    (EBUSY, "what the module drives is in use by something else"),
    (ETXTBSY, "somebody has the file open for writing"),
  ])
  func explainsWhyAnotherModuleIsNotLoaded(error: Int32, meaning: String) {
    let loader = ModuleLoader(
      library: Library(result: -error),
      messages: Messages(lines: ["usb 1-1: new device", "kvm_intel: VMX not supported by CPU 0"]))
    let found = refusal { try loader.loadOther(path: "/m/kvm-intel.ko") }
    #expect(found?.operation == .loadOther)
    #expect(found?.error.rawValue == error)
    #expect(found?.meaning == meaning)
    #expect(found?.advice != "")
    #expect(found?.detail == "/m/kvm-intel.ko\nkvm_intel: VMX not supported by CPU 0")
  }

  @Test(arguments: [
    (EAGAIN, "the module is in use: it holds its hooks, or a VM runs"),
    (ENOENT, "the module is not loaded"),
  ])
  func explainsWhyTheModuleStays(error: Int32, meaning: String) {
    let loader = ModuleLoader(library: Library(result: -error), messages: Messages(lines: []))
    let found = refusal { try loader.unload(pause: {}) }
    #expect(found?.operation == .unloadModule)
    #expect(found?.meaning == meaning)
  }

  @Test(arguments: [(-EAGAIN, 150), (-ENOENT, 1), (0, 1)] as [(Int32, Int)])
  func waitsForThePrograms(result: Int32, attempts: Int) {
    let library = Library(result: result)
    let loader = ModuleLoader(library: library, messages: Messages(lines: []))
    try? loader.unload(pause: {})
    #expect(library.asked == Array(repeating: "-moor", count: attempts))
  }

  /// The real library, with a file that no kernel can take.
  @Test func libkmodSaysThatAFileIsNotThere() {
    let found = refusal { try ModuleLoader().load(path: "/nonexistent/moor.ko", parameters: .init()) }
    #expect(found?.operation == .loadModule)
    #expect(found?.error.name == "ENOENT")
  }

  @Test func waitsForTheDeviceNoLongerThanTold() {
    #expect(rejection { try ModuleLoader.awaitDevice(path: "/nonexistent/moor", milliseconds: 30) } == .timeout)
  }

  @Test func doesNotWaitForADeviceThatIsThere() throws {
    try ModuleLoader.awaitDevice(path: "/dev/null", milliseconds: 0)
  }
}

@Suite struct KernelMessagesTests {
  @Test(
    arguments: [
      ("6,339,5140900,-;moor: armed\n SUBSYSTEM=x\n", 339, "moor: armed"),
      ("4,0,0,c,caller=T1;a;b", 0, "a;b"),
    ] as [(String, UInt64, String)])
  func readsARecord(record: String, sequence: UInt64, text: String) throws {
    let found = try #require(KernelMessages.parse(Array(record.utf8)[...]))
    #expect(found.sequence == sequence)
    #expect(found.text == text)
  }

  @Test(arguments: ["", ";", "6,339;x", "6,x,1;y", "no semicolon"])
  func skipsWhatIsNoRecord(record: String) {
    #expect(KernelMessages.parse(Array(record.utf8)[...]) == nil)
  }
}
