# SPDX-License-Identifier: Apache-2.0
# Two real QEMUs are learned side by side and reviewed in a few decisions; the policy holds each to its own, without a denial.
# seconds: 600
# shellcheck disable=SC2034,SC2154
# shellcheck source=/dev/null
. guest/access.sh
# shellcheck source=/dev/null
. ../guest/vm-life.sh
trust_qemu
install -D -m 644 -t /usr/share/moor/policies/abstractions /opt/moor/abstractions/*
trap 'rm -rf /usr/share/moor/policies' EXIT

domains="
vm web1 {
  object rwk $here/web1/disk.qcow2
}  # kept
vm web2 {
  object rwk $here/web2/disk.qcow2
}
"
learn
lived_side_by_side "$here"
# What it has no business with.
expect 33 timeout 240 "$attacks/start" web1 "$qemu" -machine q35,accel=tcg -cpu max,-cx16 -m 64 -display none -nodefaults -no-reboot \
  -device isa-debug-exit -drive "file=$here/web2/disk.qcow2,format=qcow2,if=virtio"
sleep 1
# Not the last lines of the module that a case before had loaded, which may come late.
dmesg | awk '/ record=start / { lines = "" } { lines = lines $0 "\n" } END { printf "%s", lines }' >learned

review=(moor review --policy "$here/policy" --log "$here/learned" --no-rotated)
expect 0 "${review[@]}" --json
printf '%s\n' "$output"
for vm in web1 web2; do
  decisions=$(grep -c "\"id\" : \"$vm:" <<<"$output" || true)
  ((decisions >= 2 && decisions <= 10)) || fail "the QEMU of $vm takes $decisions decisions"
done
says '"isComplete" : true'
says "$here/web2/disk.qcow2 concerns another VM: web2 has object rwk $here/web2/disk.qcow2"
expect 0 "${review[@]}" --accept-all --yes
says 'ACCEPT ALL'
cat policy
grep -qx '}  # kept' policy || fail 'a comment was lost'
! sed -n '/^vm web1/,/^}/p' policy | grep -q "$here/web2" || fail "another VM's disk was accepted"
expect 0 moor check "$here/policy"
says '0 errors, 0 warnings'

expect 0 moor load --mode enforcing --policy "$here/policy"
denied=$(denied_aloud)
lived_side_by_side "$here"
same "$(denied_aloud)" "$denied" 'denials'
refused 1 timeout 240 "$attacks/start" web1 "$qemu" -machine q35,accel=tcg -cpu max,-cx16 -m 64 -display none -nodefaults -no-reboot \
  -device isa-debug-exit -drive "file=$here/web2/disk.qcow2,format=qcow2,if=virtio"
says "Could not open '$here/web2/disk.qcow2': Permission denied"
logged record=deny 'vm="web1"' "path=\"$here/web2/disk.qcow2\""
proven
unload
