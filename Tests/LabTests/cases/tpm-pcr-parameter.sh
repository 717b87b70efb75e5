# SPDX-License-Identifier: Apache-2.0
# A PCR that others own, that anybody can reset, or that there is not, is refused at load; another one is extended, and only it.
# seconds: 300
. guest/steps.sh
for index in 10 16 17 20 23 24 255 4294967295; do
  refused 1 insmod moor.ko "pcr=$index"
  says 'Invalid parameters'
  [ ! -e /sys/module/moor ] || fail "the module stayed"
  expect 0 sh -c 'dmesg | grep moor: | tail -n 1'
  says "moor: pcr=$index cannot be used: choose 0 to 15, but not 10"
done
for index in -1 x 13x 4294967296; do
  refused 1 insmod moor.ko "pcr=$index"
  [ ! -e /sys/module/moor ] || fail "the module stayed"
done
before13=$(pcr sha256 13) before14=$(pcr sha384 14)
insert pcr=14
same "$(cat /sys/kernel/moor/pcr)" 14 "the PCR"
steps open "${arming[@]}" snapshot release
says 'pcr 14 banks 2'
same "$(pcr sha256 13)" "$before13" "PCR 13"
[ "$(pcr sha384 14)" != "$before14" ] || fail "PCR 14 was not extended"
remove
