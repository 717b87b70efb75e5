# SPDX-License-Identifier: Apache-2.0
# X6: a VM sends the ioctl commands that its rules name for a device, a file or a kind without a path, as a 32-bit program too.
# seconds: 400
# shellcheck disable=SC2034
# shellcheck source=/dev/null
. guest/access.sh
cp "$attacks/controls" .
program=$here/controls
entropy=0x80045200 # RNDGETENTCNT
flags=0x80086601   # FS_IOC_GETFLAGS
modprobe kvm_amd
wait_for 5 test -c /dev/kvm
echo text >disk
# native ARGS...: what the kernel itself ends it with.
native() {
  local code=0
  start web1 "$program" "$@" >native.log 2>&1 || code=$?
  ((code != 200)) || fail "$(cat native.log)"
  echo "$code"
}

expect 0 start web1 "$program" ioctl /dev/urandom "$entropy"
expect 0 start web1 "$program" ioctl32 /dev/urandom "$entropy"
expect 0 start web1 "$program" again /dev/urandom "$entropy" /dev/random
expect 0 start web1 "$program" kvm
of_file=$(native ioctl "$here/disk" "$flags")
of_memfd=$(native memfd "$flags")

trusted "exec $program"
domains="
vm web1 {
  device r /dev/urandom
  device rw /dev/kvm
  file r $here/disk
}
"
enforce
for verb in ioctl ioctl32; do
  dmesg --clear
  refused "$EACCES" start web1 "$program" "$verb" /dev/urandom "$entropy"
  logged record=deny class=ioctl "command=$entropy" 'path="/dev/urandom"' 'vm="web1"' "program=\"$program\""
done
refused "$EACCES" start web1 "$program" ioctl "$here/disk" "$flags"
logged record=deny class=ioctl "command=$flags" "path=\"$here/disk\""
refused "$EACCES" start web1 "$program" memfd "$flags"
logged record=deny class=ioctl kind=memfd "command=$flags"
refused "$EACCES" start web1 "$program" kvm
logged record=deny class=ioctl command=0xae01 'path="/dev/kvm"'
# What every open file takes needs no rule: FIONREAD, and a question for block devices to what is none.
same "$(native ioctl "$here/disk" 0x541b)" 0 'asking what can be read'
same "$(native ioctl "$here/disk" 0x1268)" 25 'asking a file for its sectors' # ENOTTY

# One after the other is allowed.
domains="
vm web1 {
  device r /dev/urandom ioctl $entropy
  device r /dev/random
  device rw /dev/kvm ioctl KVM_CREATE_VM
  object r $here/disk ioctl $flags
  anon memfd ioctl $flags
}
"
enforce
dmesg --clear
expect 0 start web1 "$program" ioctl /dev/urandom "$entropy"
expect 0 start web1 "$program" ioctl32 /dev/urandom "$entropy"
same "$(native ioctl "$here/disk" "$flags")" "$of_file" 'asking a file for its flags'
same "$(native memfd "$flags")" "$of_memfd" 'asking a memfd for its flags'
# What passed is remembered, and not for another device.
refused "$EACCES" start web1 "$program" again /dev/urandom "$entropy" /dev/random
logged record=deny class=ioctl 'path="/dev/random"'
refused "$EACCES" start web1 "$program" kvm
logged record=deny class=ioctl kind=kvm-vm command=0xae41
domains="
vm web1 {
  device rw /dev/kvm ioctl KVM_CREATE_VM
  anon kvm-vm ioctl KVM_CREATE_VCPU
}
"
enforce
refused "$EACCES" start web1 "$program" kvm
logged record=deny class=ioctl kind=kvm-vcpu command=0x8090ae81
domains="
vm web1 {
  device rw /dev/kvm ioctl KVM_CREATE_VM
  anon kvm-vm ioctl KVM_CREATE_VCPU
  anon kvm-vcpu ioctl KVM_GET_REGS
}
"
enforce
denied=$(counted access_denied)
expect 0 start web1 "$program" kvm
same "$(counted access_denied)" "$denied" 'denials'

# Learning tells each command once.
domains="
vm web1 { }
"
learn
dmesg --clear
for _ in 1 2; do
  expect 0 start web1 "$program" kvm
done
logged record=learn class=ioctl command=0xae01 'path="/dev/kvm"'
logged record=learn class=ioctl kind=kvm-vm command=0xae41
logged record=learn class=ioctl kind=kvm-vcpu command=0x8090ae81
same "$(dmesg | grep -c 'record=learn class=ioctl')" 3 'what was learned'
proven
unload
modprobe -r kvm_amd
