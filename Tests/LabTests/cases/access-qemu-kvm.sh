# SPDX-License-Identifier: Apache-2.0
# A real QEMU on KVM runs its guest under rules learned from two runs, ioctl commands included, without a denial.
# seconds: 900
# shellcheck disable=SC2034,SC2154
# shellcheck source=/dev/null
. guest/access.sh
modprobe kvm_amd
wait_for 5 test -c /dev/kvm
trust_qemu
guest "$qemu" -machine q35,accel=kvm -cpu qemu64
with_kvm=("$attacks/start" web1 "${machine[@]}")
domains="
vm web1 { }
"
learn
for _ in 1 2; do
  expect 33 under_kvm "${with_kvm[@]}"
done
own=$(learned)
printf '%s\n' "$own"
grep -q 'anon kvm-vcpu ioctl 0xae80' <<<"$own" || fail 'KVM_RUN was not learned'
# One that hangs is ended by a signal, and QEMU asks who sends it.
domains="
vm web1 {
$own
  deny quiet file r /proc/[0-9]+/cmdline
}
"
enforce
denied=$(denied_aloud)
expect 33 under_kvm "${with_kvm[@]}"
says 'this text was read from its disk'
same "$(denied_aloud)" "$denied" 'denials'
# Without KVM_RUN it does not run: QEMU says so, and stays.
domains=$(grep -v 'kvm-vcpu ioctl 0xae80' <<<"$domains")
enforce
refused 124 timeout -k 10 20 "${with_kvm[@]}"
says 'kvm run failed Permission denied'
logged record=deny class=ioctl kind=kvm-vcpu command=0xae80 'vm="web1"'
proven
unload
modprobe -r kvm_amd
