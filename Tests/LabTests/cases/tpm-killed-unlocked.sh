# SPDX-License-Identifier: Apache-2.0
# A host that is not locked and whose TPM dies stays broken until it boots: nothing is given back, unloaded or armed anew.
# seconds: 300
# boot: own
. guest/steps.sh
insert
steps open "${arming[@]}" "${guarding[@]}" trust-commit:enforcing
answers
ask_host kill-tpm
wait_for 20 silent
refused 5 attacks/moor-steps open bind:web1 -- "$guarded" /run/stays
in_state broken
same "$(cat /sys/kernel/moor/locked)" 0 'locked'

steps open release=ENOTRECOVERABLE begin=EIO cap=EIO lock=EIO
refused 77 ./moor unload
says 'until the host is rebooted'
refused 1 rmmod moor
in_state broken
steps "links:$hook_count"
refused 1 attacks/moor-steps open bind:web1 -- "$guarded" /run/stays
says 'exec: refused with EPERM'
