# SPDX-License-Identifier: Apache-2.0
# Without a TPM the module refuses to load and says how to go without; with require_tpm=0 it keeps one bank in memory.
# seconds: 300
# boot: own
# tpm: none
. guest/steps.sh
[ ! -e /dev/tpm0 ] || fail "there is a TPM"
refused 1 insmod moor.ko
says 'No such device'
expect 0 sh -c 'dmesg | tail -n 1'
says 'moor: no TPM: load with require_tpm=0 to go without'
[ ! -e /sys/module/moor ] || fail "the module stayed"

insert require_tpm=0
same "$(cat /sys/kernel/moor/tpm)" 0 "tpm"
steps open "${arming[@]}" "${guarding[@]}" trust-commit:enforcing snapshot
says 'records 4 pending 0 pcr 13 banks 1'
refused 1 attacks/moor-steps -- "$guarded" /run/stays
(wait_for 10 test -e /run/stays && rm /run/stays) &
expect 0 attacks/moor-steps open bind:web1 -- "$guarded" /run/stays
same "$(records)" 6 "the lines of the log"
same "$(counter tpm_extends)" 0 "the count of extends"
wait_for 10 attacks/moor-steps open release
remove
