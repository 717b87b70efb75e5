# SPDX-License-Identifier: Apache-2.0
# What a real QEMU does is learned, made rules of, and enforced: it runs without a denial, and another VM's disk is closed to it.
# seconds: 600
# shellcheck disable=SC2034,SC2154
# shellcheck source=/dev/null
. guest/access.sh
trust_qemu
cp nested.img theirs.img

domains="
vm web1 { }
vm web2 { }
"
learn
expect 33 run_guest web1 "$qemu"
says 'this text was read from its disk'
own=$(learned)
printf '%s\n' "$own"
grep -q "file .*r.* $here/nested.img" <<<"$own" || fail 'its disk was not learned'
same "$(counted access_forgotten)" 0 'what there was no room to know'
domains="
vm web1 {
$own
}
vm web2 { }
"
enforce
denied=$(counted access_denied)
expect 33 run_guest web1 "$qemu"
says 'this text was read from its disk'
same "$(counted access_denied)" "$denied" 'denials'
# The same program as another VM may nothing of it, and as the same VM nothing else.
start web2 "$qemu" -version >output 2>&1 && fail 'it ran without any rule'
logged record=deny 'vm="web2"'
refused 1 timeout 240 "$attacks/start" web1 "$qemu" -machine q35,accel=tcg -cpu max,-cx16 -m 64 -display none -nodefaults \
  -no-reboot -drive "file=$here/theirs.img,format=raw,if=virtio,snapshot=on"
says "Could not open '$here/theirs.img': Permission denied"
logged record=deny 'vm="web1"' "path=\"$here/theirs.img\"" "program=\"$qemu\""
proven
unload
