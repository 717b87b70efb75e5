# SPDX-License-Identifier: Apache-2.0
# The guarded QEMU runs its guest on KVM without the permission for executable memory, and without a refusal.
# seconds: 900
# shellcheck source=/dev/null
. guest/launch.sh
modprobe kvm_amd
wait_for 5 test -c /dev/kvm
trust_qemu
for index in "${!rules[@]}"; do
  rules[index]=${rules[index]/ memory-exec/}
done
enforce
refused 1 run_guest translated "$qemu"
recorded record=refuse kind=library reason=anonymous 'vm="translated"'
before=$(counted refused)
guest "$qemu" -machine q35,accel=kvm -cpu qemu64
expect 33 under_kvm moor run --vm web1 -- "${machine[@]}"
says 'this text was read from its disk'
same "$(counted refused)" "$before" 'refusals'
proven
unload
modprobe -r kvm_amd
