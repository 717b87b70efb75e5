// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import KernelModule

@Suite struct GatedDevicesTests {
  private static let all: ClosedRange<UInt32> = 0...1_048_575

  @Test(
    arguments: [
      (
        "a group driver", "Character devices:\n  1 mem\n243 vfio\n\nBlock devices:\n259 blkext\n", "",
        [GatedDevices(major: 243, minors: all, name: "vfio")]
      ),
      (
        "vhost-vdpa and vfio's own nodes", "Character devices:\n511 vhost-vdpa\n510 vfio-dev\n", "",
        [
          GatedDevices(major: 511, minors: all, name: "vhost-vdpa"),
          GatedDevices(major: 510, minors: all, name: "vfio-dev"),
        ]
      ),
      ("iommufd", "", "122 iommu\n183 hw_random\n", [GatedDevices(major: 10, minors: 122...122, name: "iommu")]),
      ("vhost-scsi", "", "123 vhost-scsi\n", [GatedDevices(major: 10, minors: 123...123, name: "vhost-scsi")]),
      ("a block driver of that name", "Character devices:\n  1 mem\n\nBlock devices:\n 8 vfio\n", "", []),
      ("a name that only begins so", "Character devices:\n 240 vfio-evil\n", "12 iommu2\n", []),
      ("no number", "Character devices:\nxx vfio\n-1 vfio\n", "x iommu\n", []),
      ("a minor that no device has", "", "1048576 iommu\n", []),
      ("nothing", "", "", []),
    ] as [(String, String, String, [GatedDevices])])
  func findsTheNumbersThatTheKernelGaveOut(what: String, devices: String, misc: String, expected: [GatedDevices]) {
    #expect(GatedDevices.find(devices: devices, misc: misc) == expected, "\(what)")
  }

  @Test func hookSetsNameTheirHooks() {
    #expect(HookSet(words: [0, 0]).names == [])
    #expect(HookSet(words: [0b10001, 0]).names == ["bprm_check_security", "file_open"])
    #expect(HookSet(words: [1 << 63, 1]).names == ["inode_set_acl", "inode_remove_acl"])
    #expect(HookSet(words: [0, 1 << 63]).names == ["hook 127"])
  }
}
