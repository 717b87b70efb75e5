# SPDX-License-Identifier: Apache-2.0
# L1: the real QEMU with one byte changed is not started.
# demo: L1
# seconds: 900
# shellcheck source=/dev/null
. guest/launch.sh
# Beside the real one, where it finds its modules and firmware.
changed=/usr/bin/qemu-lab
cp "$qemu" "$changed"
offset=$(LC_ALL=C grep -obUam 1 'QEMU emulator version' "$changed" | head -n 1 | cut -d : -f 1)
flip() {
  free "$changed"
  printf '%s' "$1" | dd of="$changed" bs=1 seek="$offset" conv=notrunc status=none
}

flip X
expect 0 start web1 "$changed" --version
says 'XEMU emulator version'
flip Q

trust_qemu
trusted "exec $changed memory-exec"
enforce
unchanged_starts() {
  expect 0 start web1 "$changed" --version
  says 'QEMU emulator version'
}
unchanged_starts
flip X
refused "$EPERM" start web1 "$changed" --version
recorded record=refuse kind=exec "path=\"$changed\"" alg=sha256 "digest=$(digest "$changed")" "expected=$(digest "$qemu")" \
  reason=digest 'vm="web1"'
expect 126 moor run --vm web1 -- "$changed" --version
says EPERM
flip Q
unchanged_starts
proven
rm "$changed"
