// SPDX-License-Identifier: Apache-2.0

import TPM
import Testing

@Suite struct TCTITests {
  @Test(arguments: [
    "device", "device:/dev/tpmrm0", "device:/dev/tpm0", "swtpm", "swtpm:path=/run/tpm.sock",
    "swtpm:host=localhost,port=2321", "swtpm:port=1", "swtpm:port=65534", "swtpm:host=::1", "mssim:host=h,port=1",
    "tabrmd:bus_name=com.example", "libtss2-tcti-device.so.0:/dev/tpm0", "cmd:tpm2_send --tcti=device",
    "swtpm:path=/" + String(repeating: "a", count: 101),
  ])
  func keepsWhatTheLoaderReads(text: String) throws {
    #expect(try TCTI(text).configuration == text)
    #expect(try TCTI(text).description == text)
  }

  @Test(arguments: [
    ("", "TCTI string: no TCTI name; write device:/dev/tpmrm0 or swtpm:path=SOCKET, for example"),
    (":/dev/tpm0", "TCTI string: no TCTI name; write device:/dev/tpmrm0 or swtpm:path=SOCKET, for example"),
    ("device:", "TCTI string: \"\" is not an absolute path of a device"),
    ("device:tpm0", "TCTI string: \"tpm0\" is not an absolute path of a device"),
    ("device:/dev/tpm0\n", "TCTI string: a control character in it"),
    ("device:/dev/tpm0\0", "TCTI string: a control character in it"),
    ("de vice:/dev/tpm0", "TCTI string: \"de vice\" is no TCTI name"),
    ("swtpm:", "TCTI string: \"\": swtpm takes host=, port= or path="),
    ("swtpm:path", "TCTI string: path= without a value"),
    ("swtpm:path=", "TCTI string: path= without a value"),
    ("swtpm:path=run/tpm", "TCTI string: path=run/tpm is not an absolute path"),
    ("swtpm:socket=/run/tpm", "TCTI string: \"socket=/run/tpm\": swtpm takes host=, port= or path="),
    ("swtpm:path=/run/a,b", "TCTI string: \"b\": swtpm takes host=, port= or path="),
    ("swtpm:path=/run/a,port=1", "TCTI string: path= together with host= or port="),
    ("swtpm:port=1,port=2", "TCTI string: port= more than once"),
    ("swtpm:port=1,", "TCTI string: \"\": swtpm takes host=, port= or path="),
    ("swtpm:port=0", "TCTI string: port=0 is not in 1...65534"),
    ("swtpm:port=65535", "TCTI string: port=65535 is not in 1...65534"),
    ("swtpm:port=-1", "TCTI string: port=-1 is not in 1...65534"),
    ("swtpm:port=+1", "TCTI string: port=+1 is not in 1...65534"),
    ("swtpm:port=99999999999999999999", "TCTI string: port=99999999999999999999 is not in 1...65534"),
    (
      "swtpm:path=/" + String(repeating: "a", count: 102),
      "TCTI string: path= has 103 bytes, a socket of swtpm at most 102"
    ),
  ])
  func refusesWithTheReason(text: String, description: String) throws {
    let error = try failure { () throws(TPMError) in try TCTI(text) }
    #expect(error.code == .invalidTCTI)
    #expect(error.description == description)
    #expect(error.recovery == .none)
  }

  @Test func buildsTheSameStringsFromParts() throws {
    #expect(TCTI.device.configuration == "device:/dev/tpmrm0")
    #expect(try TCTI.device(path: "/dev/tpm0") == TCTI("device:/dev/tpm0"))
    #expect(try TCTI.swtpm(path: "/run/s") == TCTI("swtpm:path=/run/s"))
    #expect(try TCTI.swtpm(host: "localhost", port: 2321) == TCTI("swtpm:host=localhost,port=2321"))
  }

  @Test(arguments: [
    ("", 2321, "host= without a value"), ("a,port=1", 2321, "port= more than once"),
    ("localhost", 0, "port=0 is not in 1...65534"), ("localhost", 65535, "port=65535 is not in 1...65534"),
  ])
  func refusesPartsThatWouldSayAnotherThing(host: String, port: Int, detail: String) throws {
    #expect(try failure { () throws(TPMError) in try TCTI.swtpm(host: host, port: port) }.detail == detail)
  }
}
