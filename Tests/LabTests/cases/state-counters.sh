# SPDX-License-Identifier: Apache-2.0
# The counters are exact: so many refusals, records, hashed files and extends as there were, and not one more.
# seconds: 300
. guest/steps.sh
insert
runs() { attacks/moor-steps "$@" -- "$guarded" /run/stays; }
counters() {
  same "$(counter records)" "$1" "the count of records"
  same "$(counter refused)" "$2" "the count of refusals"
  same "$(counter hashed_files)" "$3" "the count of hashed files"
  same "$(counter tpm_extends)" "$1" "the count of extends"
  same "$(counter records_failed)" 0 "the count of records that failed"
  same "$(counter audit_lost)" 0 "the count of lost lines"
  same "$(records)" "$1" "the lines of the log"
}
told() { dmesg | grep -c "boot=$(cat /sys/kernel/moor/boot) .*reason=unbound" || true; }
# The system log drops nothing meanwhile.
sysctl -q kernel.printk_ratelimit=0
told_before=$(told)
counters 0 0 0
steps open "${arming[@]}"
counters 2 0 0
steps open "${guarding[@]}" trust-commit:enforcing
counters 4 0 0
for n in {1..10}; do
  refused 1 runs
  says 'refused with EPERM'
  counters 5 "$n" 1
done
same "$(records 'reason=unbound')" 1 "the records of an unbound start"
# Each attempt is told to the system log, once. The kernel's audit thread prints them in its own time.
all_told() { (($(told) - told_before >= 10)); }
wait_for 30 all_told
same "$(($(told) - told_before))" 10 "the lines in the system log"

(wait_for 10 test -e /run/stays && rm /run/stays) &
expect 0 runs open bind:web1
counters 6 10 1
(wait_for 10 test -e /run/stays && rm /run/stays) &
expect 0 runs open bind:web2
# The same program and digest for another VM is the same measurement.
counters 6 10 1

cp "$guarded" /opt/moor/copy
printf x >>/opt/moor/copy
steps open "entry:exec:/opt/moor/copy:wrong:1" trust-begin trust-add trust-commit:enforcing:2
counters 7 10 1
for n in {11..15}; do
  refused 1 attacks/moor-steps open bind:web1 -- /opt/moor/copy /run/stays
  counters 8 "$n" 2
done
same "$(records 'reason=digest')" 1 "the records of a digest"
rm /opt/moor/copy
wait_for 10 attacks/moor-steps open release
counters 9 15 2
sysctl -q kernel.printk_ratelimit=5
remove
