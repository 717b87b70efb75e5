# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What both boots of the demo share. A step is a function; its row says whether it held.

# shellcheck source=Tests/LabTests/guest/lib.sh
. guest/lib.sh

qemu=/usr/bin/qemu-system-x86_64
log=/run/demo.log

# step NAME WORDS FUNCTION: `ok NAME SECONDS WORDS`, or why not. A step that fails ends the story.
step() {
  local name=$1 words=$2 started=$EPOCHREALTIME code=0 seconds
  (set -euo pipefail && "$3") >"$log" 2>&1 || code=$?
  seconds=$(awk -v a="$started" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }')
  if ((code == 0)); then
    printf 'ok %s %s %s\n' "$name" "$seconds" "$words"
    return
  fi
  printf 'not ok %s %s %s\n' "$name" "$seconds" "$(tail -n 1 "$log" | cut -c 1-300)"
  tail -n 40 "$log" >&2
  exit 1
}

# The virtual machine: a boot sector that reads its disk and says so. It ends with 33.
run_vm() {
  expect 33 timeout 120 moor run --vm web1 -- "$qemu" -machine q35,accel=tcg -cpu max,-cx16 -m 64 -display none \
    -nodefaults -serial stdio -no-reboot -device isa-debug-exit \
    -drive file=nested.img,format=raw,if=virtio,snapshot=on
  says 'this text was read from its disk'
}

# The log replays to the PCR in both banks: as moor reads the TPM, and as tpm2_pcrread does.
replay() {
  local bank
  expect 0 moor log --replay
  for bank in sha256 sha384; do
    says "$(pcr "$bank" 13)"
  done
}
