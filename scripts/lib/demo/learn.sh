# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# The demo's first boot: from an installed host to a policy with digests and rules of access. Prints rows.
set -uo pipefail
cd /opt/moor || exit
# shellcheck source=scripts/lib/demo/story.sh
. demo/story.sh

# Of each VM only its disk is known.
init() {
  install -D -m 644 -t /usr/share/moor/policies/abstractions /opt/moor/abstractions/*
  expect 0 moor init --memory-exec --output "$policy"
  printf '\nvm %s {\n  object rw %s\n}\n' web1 "$vms/web1/disk.qcow2" web2 "$vms/web2/disk.qcow2" >>"$policy"
  expect 0 moor check "$policy"
}

load_learning() {
  expect 0 moor load --mode learning
  same "$(cat /sys/kernel/moor/mode)" learning 'the mode'
}

live() { lived_side_by_side "$vms"; }

review() {
  dmesg >learned
  expect 0 moor tree --log learned
  expect 0 moor review --log learned --decisions ../demo/decisions.json --yes
  expect 0 moor check "$policy"
  says '0 errors, 0 warnings'
}

update() {
  expect 0 moor trust update --yes
  grep -q "exec  *$qemu.*sha256:" /etc/moor/policy.moor* || fail 'the emulator has no digest'
  sync
}

step init "moor init finds the emulator, its libraries and firmware" init
step learning "every hook is held, the policy is in force, learning" load_learning
step learned-vms "two virtual machines boot, get a snapshot and a disk, are saved, restored, and end" live
step learned-log "the log replays to the PCR in both banks" proven
step review "what they did becomes rules, by a few decisions a person made" review
step trust-update "the measured digests go into the policy" update
