# SPDX-License-Identifier: Apache-2.0
# Arming, enforcing and giving back 20 times leaves no link, no program, no reference and no memory behind.
# kernel: 6.12
# seconds: 900
. guest/steps.sh
insert
available() { sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo; }
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
