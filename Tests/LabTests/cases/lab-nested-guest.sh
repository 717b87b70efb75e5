# SPDX-License-Identifier: Apache-2.0
# The boot-sector guest runs under the real QEMU and reads its disk, with and without KVM.
# seconds: 600
expect 33 nested_guest /usr/bin/qemu-system-x86_64
says 'this text was read from its disk'
modprobe kvm_amd
wait_for 5 test -c /dev/kvm
expect 33 under_kvm qemu-system-x86_64 -machine q35,accel=kvm -m 64 -display none -nodefaults -serial stdio \
  -no-reboot -device isa-debug-exit -drive file=nested.img,format=raw,if=virtio,snapshot=on
says 'this text was read from its disk'
modprobe -r kvm_amd
