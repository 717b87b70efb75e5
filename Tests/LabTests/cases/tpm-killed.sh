# SPDX-License-Identifier: Apache-2.0
# A TPM that dies under a locked host: no launch, no policy, no way back; what runs goes on, what is not guarded is untouched.
# seconds: 300
# boot: own
. guest/steps.sh
second=/opt/moor/attacks/moor-open
insert
steps open "${arming[@]}" "entry:exec:$guarded:file:1" "entry:exec:$second:file:1" trust-begin trust-add trust-commit:enforcing lock
attacks/moor-steps open bind:web1 -- "$guarded" /run/stays &
wait_for 10 test -e /run/stays
answers
ask_host kill-tpm
wait_for 20 silent

# The first launch that needs the TPM says that it failed; from then on all are refused.
refused 5 attacks/moor-steps open bind:web2 -- "$second"
says 'exec: refused with EIO'
in_state broken
in_mode enforcing
same "$(cat /sys/kernel/moor/locked)" 1 "locked"
expect 0 dmesg
says "moor: the PCR's value is unknown: nothing is launched until reboot"
refused 1 attacks/moor-steps open bind:web2 -- "$second"
says 'exec: refused with EPERM'
refused 1 attacks/moor-steps open bind:web2 -- "$guarded" /run/more
says 'exec: refused with EPERM'
same "$(records)" 6 "the lines of the log"
expect 0 dmesg
says 'record=refuse kind=exec path="/opt/moor/attacks/moor-open" reason=broken'
expect 0 ls /

one=(entry:exec:/usr/bin/true:none trust-begin trust-add)
steps open snapshot=EIO cap=EIO lock=EALREADY begin=EIO release=EPERM "${one[@]}" trust-commit:enforcing=EIO
steps "links:$hook_count"
refused 1 rmmod moor
# What ran before still does, and ends as it would have.
rm /run/stays
wait
in_state broken
steps open release=EPERM
