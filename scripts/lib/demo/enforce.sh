# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: Apache-2.0
# The demo's second boot: what was learned is enforced, then attacked from inside. Prints rows.
set -uo pipefail
cd /opt/moor || exit
# shellcheck source=scripts/lib/demo/story.sh
. demo/story.sh
# shellcheck source=/dev/null
. ../guest/escape.sh

load_enforcing() {
  expect 0 moor load --mode enforcing
  same "$(cat /sys/kernel/moor/mode)" enforcing 'the mode'
}

live() {
  local denied
  denied=$(denied_aloud)
  lived_side_by_side "$vms"
  same "$(denied_aloud)" "$denied" 'denials'
}

# The learned policy, in which web1 may also start the programs that attack.
escape_held() {
  escape_programs 64
  sed "/^trust {/r "<(escape_trust) "$policy" | sed "/^vm web1 {/r "<(escape_rules web1) |
    sed "/^vm web2 {/r "<(escape_rules web2) >escape.moor
  expect 0 moor load --mode enforcing --policy "$here/escape.moor"
  escape_prepare
  escape_attempts held 64
  escape_end
}

escape_free() {
  unload
  escape_prepare
  escape_attempts free 64
  escape_end
}

step enforcing "after a reboot the policy is enforced" load_enforcing
step enforced-vms "the same two virtual machines live through the same, and nothing of it is denied" live
step enforced-log "the log replays to the PCR in both banks" proven
step escape-held "a program that broke out into a VM's domain gets nowhere, and each attempt is recorded" escape_held
step escape-free "the same attempts succeed without moor" escape_free
