# SPDX-License-Identifier: Apache-2.0
# L9: a copy of the emulator at another path gets no /dev/kvm, by whatever node or way.
# seconds: 900
# shellcheck source=/dev/null
. guest/launch.sh
copy=/usr/bin/qemu-copy
cp "$qemu" "$copy"
cp "$attacks/stand-in" .
modprobe kvm_amd
wait_for 5 test -c /dev/kvm
mknod other-node c 10 232
trap 'rm -f "$copy"' EXIT
guest "$copy" -machine q35,accel=kvm -cpu qemu64
with_kvm=("${machine[@]}")
# Handed over by a process that may have it.
handed_over() {
  rm -f socket
  "$attacks/start" "$1" "$here/stand-in" send /dev/kvm "$here/socket" &
  wait_for 10 test -S socket
  "$attacks/receive" "$here/socket"
}
expect 33 under_kvm "${with_kvm[@]}"
expect 0 "$here/stand-in" open "$here/other-node"
expect 0 handed_over sender

trust_qemu
trusted "exec $here/stand-in"
enforce
refused 1 timeout 240 "${with_kvm[@]}"
says 'Could not access KVM kernel module: Operation not permitted'
recorded record=refuse 'path="/dev/kvm"' reason=gate
# As a VM it is not started at all.
refused "$EPERM" "$attacks/start" web1 "${with_kvm[@]}"
recorded record=refuse kind=exec "path=\"$copy\"" reason=unlisted 'vm="web1"'
refused "$EPERM" "$attacks/stand-in" open "$here/other-node"
recorded record=refuse "path=\"$here/other-node\"" reason=gate
expect 0 start web2 "$here/stand-in" open /dev/kvm
before=$(counted refused)
refused "$EPERM" handed_over sender
same "$(counted refused)" $((before + 1)) 'refusals'
guest "$qemu" -machine q35,accel=kvm -cpu qemu64
expect 33 under_kvm moor run --vm honest -- "${machine[@]}"
says 'this text was read from its disk'
proven
unload
modprobe -r kvm_amd
