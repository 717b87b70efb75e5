// SPDX-License-Identifier: Apache-2.0

import MoorBoot
import Testing

@Suite struct BootOptionsTests {
  @Test func withoutOptionsItEnforces() throws {
    #expect(try BootOptions.parse(["load"]) == .load(BootOptions()))
    #expect(BootOptions().mode == .enforcing)
    #expect(BootOptions().requiresTPM)
  }

  @Test func readsEveryOption() throws {
    var expected = BootOptions()
    expected.module = "/m.ko"
    expected.programs = "/p.o"
    expected.policy = "/x.moor"
    expected.mode = .learning
    expected.guarded = ["/a", "/b"]
    expected.pcr = 14
    expected.requiresTPM = false
    let arguments = [
      "load", "--module", "/m.ko", "--programs", "/p.o", "--policy", "/x.moor", "--mode", "learning", "--guarded", "/a",
      "--guarded", "/b", "--pcr", "14", "--no-tpm",
    ]
    #expect(try BootOptions.parse(arguments) == .load(expected))
  }

  @Test(arguments: [["--help"], ["-h"], ["load", "--help"], ["help"]])
  func showsHelp(arguments: [String]) throws {
    #expect(try BootOptions.parse(arguments) == .help)
  }

  @Test(arguments: [
    ([], "expected load"),
    (["unload"], "unknown command “unload”; expected load"),
    (["load", "x"], "unknown argument “x”"),
    (["load", "--moduel", "/m.ko"], "unknown argument “--moduel”"),
    (["load", "--module"], "--module needs a value"),
    (["load", "--policy", ""], "--policy needs a value"),
    (["load", "--mode", "off"], "unknown mode “off”; expected learning or enforcing"),
    (["load", "--pcr", "-1"], "“-1” is no number of a PCR"),
    (["load", "--pcr", "0x0d"], "“0x0d” is no number of a PCR"),
    (["load", "--pcr", "4294967296"], "“4294967296” is no number of a PCR"),
  ])
  func saysWhatItCannotUnderstand(arguments: [String], message: String) {
    #expect {
      try BootOptions.parse(arguments)
    } throws: { error in
      (error as? BootOptions.UsageError)?.description == message
    }
  }
}
