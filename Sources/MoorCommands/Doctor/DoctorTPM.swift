// SPDX-License-Identifier: Apache-2.0

import TPM

extension DoctorHost {
  private var isModuleLoaded: Bool { exists("/sys/kernel/moor/state") }

  func checkDevice() -> DoctorFinding {
    let check = "tpm-device"
    guard exists("/sys/class/tpm/tpm0") else {
      return .fail(
        check, "the kernel has found no TPM",
        "Turn the TPM on in the firmware (also called PTT or fTPM), or give the virtual machine one.")
    }
    switch text("/sys/class/tpm/tpm0/tpm_version_major") {
    case "2": break
    case let version:
      return .fail(
        check, "the TPM is of family \(version?.printable ?? "unknown"), not 2",
        "Change the TPM to version 2.0 in the firmware.")
    }
    guard exists("/dev/tpmrm0") else {
      return .fail(check, "/dev/tpmrm0 is missing", "Let udev make it, or run outside of containers.")
    }
    return .ok(check, "/dev/tpmrm0, family 2.0")
  }

  func checkBanks() -> DoctorFinding {
    let check = "tpm-banks"
    guard let tcti else {
      return .warn(check, "the TPM was not asked", "Name it with --tcti.")
    }
    do {
      var connection = try TPMConnection(tcti)
      let properties = try connection.properties()
      let allocation = try connection.allocatedPCRs()
      let values = try value(of: pcr, in: allocation, from: &connection)
      return judge(allocation: allocation, values: values, properties: properties)
    } catch {
      return .fail(
        check, error.description.printable,
        "Run as root; if something else has the TPM to itself, let it use /dev/tpmrm0 instead.")
    }
  }

  private func value(
    of pcr: Int, in allocation: PCRSelection, from connection: inout TPMConnection
  ) throws(TPMError) -> PCRValues? {
    guard let one = PCRSet(index: pcr) else { return nil }
    let banks = allocation.banks.filter { one.isSubset(of: allocation[$0]) }
    return banks.isEmpty ? nil : try connection.readPCRs(PCRSelection(one, in: banks))
  }

  /// The hashes that Debian's kernels have; the module refuses to load with a bank that the kernel cannot extend.
  private static let kernelHashes: Set<TPMAlgorithm> = [.sha1, .sha256, .sha384, .sha512]

  func judge(allocation: PCRSelection, values: PCRValues?, properties: TPMProperties) -> DoctorFinding {
    let check = "tpm-banks"
    let banks = allocation.banks
    let names = banks.map(\.name).joined(separator: ", ")
    let allocate = "Allocate them in the firmware, or with tpm2_pcrallocate, and reboot."
    guard let one = PCRSet(index: pcr), !banks.isEmpty else {
      return .fail(check, "no bank with PCR \(pcr)", allocate)
    }
    if banks.allSatisfy({ $0 == .sha1 }) {
      return .fail(check, "\(names) alone, whose collisions can be computed", "Have a sha256 bank. \(allocate)")
    }
    let without = banks.filter { !one.isSubset(of: allocation[$0]) }
    if !without.isEmpty {
      return .fail(check, "no PCR \(pcr) in the bank \(without.map(\.name).joined(separator: ", "))", allocate)
    }
    let unknown = banks.filter { !Self.kernelHashes.contains($0) }
    if !unknown.isEmpty {
      let list = unknown.map(\.name).joined(separator: ", ")
      return .fail(check, "the kernel may not be able to extend the bank \(list)", "Give that bank up. \(allocate)")
    }
    let used = banks.filter { values?[$0, pcr]?.contains { $0 != 0 } == true }
    if !used.isEmpty, !isModuleLoaded {
      return .warn(
        check, "\(names); PCR \(pcr) is not zero though moor is not loaded",
        "Find out what extends PCR \(pcr), or reboot before loading: nothing can be sealed to it like that.")
    }
    if properties.isInLockout {
      return .warn(
        check, "\(names); the TPM is in dictionary-attack lockout",
        "Wait, or reset it with tpm2_dictionarylockout -c and the lockout authorisation.")
    }
    let product = [properties.manufacturer, properties.vendor].filter { !$0.isEmpty }.joined(separator: " ")
    return .ok(check, "\(names), PCR \(pcr) in each; \(product.printable)")
  }

  func checkFirmwareLog() -> DoctorFinding {
    let check = "firmware-log"
    let path = "/sys/kernel/security/tpm0/binary_bios_measurements"
    switch read(path, limit: 16 << 20) {
    case .missing:
      return .warn(
        check, "\(path) is missing", "Boot with UEFI firmware that measures: without its log no state can be explained."
      )
    case .unreadable(let reason):
      return .warn(check, "\(path): \(reason)", "Run as root.")
    case .bytes(let bytes):
      do {
        let log = try FirmwareLogSummary(bytes)
        let own = log.events[UInt32(clamping: pcr)] ?? 0
        guard own == 0 else {
          return .warn(
            check, "\(log.count) events, \(own) of them in PCR \(pcr)",
            "systemd-stub extends PCR 13 with system extensions: choose another PCR for moor with --pcr.")
        }
        return .ok(check, "\(log.count) events, none in PCR \(pcr)")
      } catch {
        return .warn(check, "\(path), offset \(error.offset): \(error.reason)", "Look for a firmware update.")
      }
    }
  }
}
