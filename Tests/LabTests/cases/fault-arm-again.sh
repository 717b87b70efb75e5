# SPDX-License-Identifier: Apache-2.0
# Arming, enforcing and giving back 20 times leaves no link, no program, no reference and no memory behind.
# seconds: 900
. guest/steps.sh
insert
# In kB. Free pages that a CPU keeps on its own list are in no figure of /proc/meminfo. On 6.1 that list may grow to the
# low watermark's share of the CPU, here 27 MB each, and stays there; 6.12 gives it back. So 20 rounds alone cost 6.1 up
# to 54 MB of MemAvailable, and nothing when these pages are counted: they are free.
available() {
  awk '/^MemAvailable:/ { kept += $2 } /^ *count:/ { kept += $2 * 4 } END { print kept }' /proc/meminfo /proc/zoneinfo
}
# What the module itself has got from vmalloc, by the address that asked for it.
held() { grep -c '\[moor\]' /proc/vmallocinfo || true; }
# A policy large enough that a leak of it shows: 8 MiB each time.
round() {
  steps open "${arming[@]}" "${guarding[@]:0:1}" trust-begin trust-add trust-commit:learning \
    forget-entries entry:exec:/usr/bin/true:none trust-begin:65536:8388608 trust-add
  refused 2 attacks/moor-steps open bind:web1 -- /nowhere
  steps open release
}
settled() { [ "$(held)" = "$before_held" ] && attacks/moor-steps links:0 programs:0 && unused; }
before_held=$(held)
for _ in 1 2 3; do round; done
wait_for 20 settled
echo 3 >/proc/sys/vm/drop_caches
before=$(available)
for _ in {1..20}; do round; done
wait_for 20 settled
echo 3 >/proc/sys/vm/drop_caches
after=$(available)
((before - after < 8192)) || fail "$((before - after)) kB of memory are gone"
same "$(records record=start)" 23 "the records of a start"
same "$(counter records_failed)" 0 "the count of records that failed"
remove
steps links:0 programs:0
