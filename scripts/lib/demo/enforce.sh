# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The demo's second boot: the learned policy is enforced, then attacked. Takes the names of the cases
# that attack; prints rows.
set -uo pipefail
cd /opt/moor || exit
# shellcheck source=scripts/lib/demo/story.sh
. demo/story.sh

load_enforcing() {
  expect 0 moor load --mode enforcing
  same "$(cat /sys/kernel/moor/mode)" enforcing 'the mode'
}

# The attacks on the real QEMU go on with what was learned, rather than learn it again.
make_way() {
  expect 0 moor unload
  keep_learned /etc/moor/policy.*
}

step enforcing "after a reboot the policy is enforced" load_enforcing
step enforced-vm "the same virtual machine runs" run_vm
step enforced-log "the log replays to the PCR in both banks" replay
step made-way "the hooks are given back and the module is unloaded: each attack first succeeds without it" make_way
# shellcheck disable=SC1091 # brought to the guest
exec guest/run-cases 1 "$@"
