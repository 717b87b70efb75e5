# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The demo's first boot: from an installed host to a policy with digests. Prints rows.
set -uo pipefail
cd /opt/moor || exit
# shellcheck source=scripts/lib/demo/story.sh
. demo/story.sh

init() {
  expect 0 moor init --memory-exec --output /etc/moor/policy.moor
}

load_learning() {
  expect 0 moor load --mode learning
  same "$(cat /sys/kernel/moor/mode)" learning 'the mode'
}

update() {
  expect 0 moor trust update --yes
  grep -q "exec  *$qemu.*sha256:" /etc/moor/policy.moor* || fail 'the emulator has no digest'
  sync
}

step init "moor init finds the emulator, its libraries and firmware" init
step learning "every hook is held, the policy is in force, learning" load_learning
step learned-vm "a virtual machine runs under the real QEMU and is measured" run_vm
step learned-log "the log replays to the PCR in both banks" replay
step trust-update "the measured digests go into the policy" update
