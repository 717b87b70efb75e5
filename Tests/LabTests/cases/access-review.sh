# SPDX-License-Identifier: Apache-2.0
# What a real QEMU was seen to do is reviewed in a few decisions, and the policy that comes of it holds it without a denial.
# seconds: 900
# shellcheck disable=SC2034,SC2154
# shellcheck source=/dev/null
. guest/access.sh
trust_qemu
install -D -m 644 -t /usr/share/moor/policies/abstractions /opt/moor/abstractions/*
trap 'rm -rf /usr/share/moor/policies' EXIT
cp nested.img own.img
cp nested.img theirs.img

# on_disk VM FILE [ARGS...]: the guest from a disk that is written.
on_disk() {
  timeout 240 "$attacks/start" "$1" "$qemu" -cpu max,-cx16 -m 64 -display none -nodefaults -serial stdio -no-reboot \
    -device isa-debug-exit -machine q35,accel=tcg,memory-backend=memory \
    -object memory-backend-file,id=memory,size=64M,mem-path=/dev/shm,share=on \
    -drive "file=$2,format=raw,if=virtio" "${@:3}"
}
monitor() { printf '%s' -qmp unix:/run/web1.qmp,server=on,wait=off; }

domains="
vm web1 { }  # kept
vm web2 {
  object rw $here/theirs.img
}
"
learn
expect 33 run_guest web1 "$qemu"
# shellcheck disable=SC2046 # two words
expect 33 on_disk web1 "$here/own.img" $(monitor)
expect 33 on_disk web1 "$here/theirs.img"
sleep 1
dmesg >learned

review=(moor review --policy "$here/policy" --log "$here/learned" --no-rotated)
expect 0 "${review[@]}" --json
decisions=$(grep -c '"digest"' <<<"$output")
((decisions >= 4 && decisions <= 10)) || fail "a QEMU takes $decisions decisions"
says '"isComplete" : true'
says "$here/theirs.img concerns another VM: web2 has object rw $here/theirs.img"
expect 0 "${review[@]}" --accept-all --yes
says 'ACCEPT ALL'
grep -qx "  object rwk $here/own.img" policy || fail "its disk is not its own: $(cat policy)"
grep -qx '}  # kept' policy || fail 'a comment was lost'
! grep -q "web1.*theirs" policy || fail "another VM's disk was accepted"
expect 0 moor check "$here/policy"
says '0 errors, 0 warnings'

expect 0 moor load --mode enforcing --policy "$here/policy"
denied=$(counted access_denied)
expect 33 run_guest web1 "$qemu"
# shellcheck disable=SC2046 # two words
expect 33 on_disk web1 "$here/own.img" $(monitor)
same "$(counted access_denied)" "$denied" 'denials'
refused 1 on_disk web1 "$here/theirs.img"
says "Could not open '$here/theirs.img': Permission denied"
logged record=deny 'vm="web1"' "path=\"$here/theirs.img\""
proven
unload
