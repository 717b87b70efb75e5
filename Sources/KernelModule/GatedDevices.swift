// SPDX-License-Identifier: Apache-2.0

/// A range of character devices that the gate is asked to hold. The module knows those with fixed numbers;
/// these are the ones whose numbers the kernel gives out as it likes.
public struct GatedDevices: Sendable, Hashable {
  /// The major number.
  public let major: UInt32
  /// The minor numbers.
  public let minors: ClosedRange<UInt32>
  /// What the kernel calls the driver.
  public let name: String

  /// Makes a range.
  public init(major: UInt32, minors: ClosedRange<UInt32>, name: String) {
    self.major = major
    self.minors = minors
    self.name = name
  }

  /// The drivers with a major of their own: every minor is gated. As in drivers/vfio/group.c,
  /// drivers/vfio/device_cdev.c and drivers/vhost/vdpa.c.
  static let drivers: Set<String> = ["vfio", "vfio-dev", "vhost-vdpa"]
  /// The misc devices whose minor is given out when their driver loads: drivers/iommu/iommufd/main.c and
  /// drivers/vhost/scsi.c.
  static let miscellaneous: Set<String> = ["iommu", "vhost-scsi"]
  private static let miscellaneousMajor: UInt32 = 10
  private static let lastMinor: UInt32 = (1 << 20) - 1

  /// Finds the devices to gate in the text of /proc/devices and /proc/misc.
  public static func find(devices: String, misc: String) -> [GatedDevices] {
    var found: [GatedDevices] = []
    // The second half lists block devices, whose numbers are others.
    for line in devices.split(separator: "\n").prefix(while: { $0 != "Block devices:" }) {
      guard let (major, name) = numberAndName(line), drivers.contains(name) else { continue }
      found.append(GatedDevices(major: major, minors: 0...lastMinor, name: name))
    }
    for line in misc.split(separator: "\n") {
      guard let (minor, name) = numberAndName(line), miscellaneous.contains(name), minor <= lastMinor else { continue }
      found.append(GatedDevices(major: miscellaneousMajor, minors: minor...minor, name: name))
    }
    return found
  }

  private static func numberAndName(_ line: Substring) -> (UInt32, String)? {
    let words = line.split(separator: " ", omittingEmptySubsequences: true)
    guard words.count == 2, let number = UInt32(words[0]) else { return nil }
    return (number, String(words[1]))
  }
}

extension GatedDevices: CustomStringConvertible {
  /// Name and numbers.
  public var description: String {
    let last = minors.count == 1 ? "" : "-\(minors.upperBound)"
    return "\(name) \(major):\(minors.lowerBound)\(last)"
  }
}
