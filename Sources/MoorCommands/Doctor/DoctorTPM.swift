// SPDX-License-Identifier: Apache-2.0

import EventLog
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

  /// What the TPM says of itself.
  enum TPMState: Sendable {
    /// No TCTI was named.
    case notAsked
    case unreachable(TPMError)
    case read(TPMReading)
  }

  struct TPMReading: Sendable {
    let properties: TPMProperties
    let allocation: PCRSelection
    /// The firmware's PCRs and moor's own, where they are allocated, as of one instant.
    let values: PCRValues?
  }

  /// PCR 0 to 7 belong to the firmware (TCG PC Client Platform Firmware Profile, section 3.3.4).
  static let firmwarePCRs = PCRSet(rawValue: 0xFF)

  /// Asks the TPM, once for all checks.
  func readTPM() -> TPMState {
    guard let tcti else { return .notAsked }
    do {
      var connection = try TPMConnection(tcti)
      let properties = try connection.properties()
      let allocation = try connection.allocatedPCRs()
      let wanted = Self.firmwarePCRs.union(PCRSet(index: pcr) ?? [])
      var selection = PCRSelection()
      for bank in allocation.banks { selection[bank] = allocation[bank].intersection(wanted) }
      let values = selection.isEmpty ? nil : try connection.readPCRs(selection)
      return .read(TPMReading(properties: properties, allocation: allocation, values: values))
    } catch {
      return .unreachable(error)
    }
  }

  func checkBanks(_ state: TPMState) -> DoctorFinding {
    let check = "tpm-banks"
    switch state {
    case .notAsked: return .warn(check, "the TPM was not asked", "Name it with --tcti.")
    case .unreachable(let error):
      return .fail(
        check, error.description.printable,
        "Run as root; if something else has the TPM to itself, let it use /dev/tpmrm0 instead.")
    case .read(let reading): return judge(reading)
    }
  }

  /// The hashes that Debian's kernels have; the module refuses to load with a bank that the kernel cannot extend.
  private static let kernelHashes: Set<TPMAlgorithm> = [.sha1, .sha256, .sha384, .sha512]

  private func judge(_ reading: TPMReading) -> DoctorFinding {
    let check = "tpm-banks"
    let allocation = reading.allocation
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
    let used = banks.filter { reading.values?[$0, pcr]?.contains { $0 != 0 } == true }
    if !used.isEmpty, !isModuleLoaded {
      return .warn(
        check, "\(names); PCR \(pcr) is not zero though moor is not loaded",
        "Find out what extends PCR \(pcr), or reboot before loading: nothing can be sealed to it like that.")
    }
    if reading.properties.isInLockout {
      return .warn(
        check, "\(names); the TPM is in dictionary-attack lockout",
        "Wait, or reset it with tpm2_dictionarylockout -c and the lockout authorisation.")
    }
    let product = (reading.properties.manufacturer + " " + reading.properties.vendor).split(separator: " ")
    return .ok(check, "\(names), PCR \(pcr) in each; \(product.joined(separator: " ").printable)")
  }

  func checkFirmwareLog(_ state: TPMState) -> DoctorFinding {
    let check = "firmware-log"
    let path = "/sys/kernel/security/tpm0/binary_bios_measurements"
    let bytes: [UInt8]
    switch read(path, limit: 16 << 20) {
    case .missing:
      return .warn(
        check, "\(path) is missing",
        "Boot with UEFI firmware that measures: without its log no state can be explained.")
    case .unreadable(let reason): return .warn(check, "\(path): \(reason)", "Run as root.")
    case .bytes(let content): bytes = content
    }
    do {
      let log = try FirmwareEventLog(bytes)
      let extended = log.events.filter(\.isExtended)
      let count = "\(extended.count) events"
      var proof = ""
      if case .read(let reading) = state, let values = reading.values {
        let (differing, missing) = try compare(log, with: values, in: reading.allocation)
        guard differing.isEmpty else {
          return .fail(
            check, "\(count), which do not lead to \(differing) as read from the TPM",
            "Reboot; if it stays so, the log is incomplete or was changed: look for a firmware update.")
        }
        guard missing.isEmpty else {
          return .warn(
            check, "\(count), but none for the bank \(missing.map(\.name).joined(separator: ", "))",
            "Look for a firmware update, or give that bank up: what was measured into it cannot be explained.")
        }
        proof = ", which lead to the values of PCR 0 to 7"
      }
      let own = extended.count { $0.pcr == UInt32(clamping: pcr) }
      guard own == 0 else {
        return .warn(
          check, "\(count), \(own) of them in PCR \(pcr)",
          "systemd-stub extends PCR 13 with system extensions: choose another PCR for moor with --pcr.")
      }
      return .ok(check, "\(count)\(proof), none in PCR \(pcr)")
    } catch {
      return .warn(check, "\(path): \("\(error)".printable)", "Look for a firmware update.")
    }
  }

  /// The firmware's PCRs whose value is not the one that the log leads to, and the banks that the log has not.
  private func compare(
    _ log: FirmwareEventLog, with values: PCRValues, in allocation: PCRSelection
  ) throws(HashingError) -> (differing: PCRSelection, missing: [TPMAlgorithm]) {
    let replay = try FirmwareReplay(log)
    var differing = PCRSelection()
    var missing: [TPMAlgorithm] = []
    for bank in values.banks {
      guard replay.banks.contains(HashAlgorithm(rawValue: bank.rawValue)) else {
        missing.append(bank)
        continue
      }
      for index in allocation[bank].intersection(Self.firmwarePCRs).indices {
        let replayed = replay.value(pcr: UInt32(index), bank: HashAlgorithm(rawValue: bank.rawValue))
        if replayed?.bytes != values[bank, index] { differing[bank].formUnion(PCRSet(index: index) ?? []) }
      }
    }
    return (differing, missing)
  }
}
