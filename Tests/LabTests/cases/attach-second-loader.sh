# SPDX-License-Identifier: Apache-2.0
# While one loader attaches, a second one is told that it is not its turn, and does not disturb the first.
# seconds: 300
. guest/steps.sh
insert
in_background open begin load:moor.bpf.o link:all hand:all
steps open begin=EBUSY hand-descriptor:/etc/passwd=EPERM arm:0=EPERM release=EAGAIN cap=EAGAIN close
in_state unarmed
go_on

# The same while the first goes on to arm, which it does.
rm -f /run/paused
attacks/moor-steps open begin pause:/run/paused load:moor.bpf.o link:all hand:all arm >/run/first.log 2>&1 &
first=$!
wait_for 10 test -e /run/paused
rm /run/paused
tries=0
while kill -0 "$first" 2>/dev/null; do
  attacks/moor-steps open begin=EBUSY >/dev/null || attacks/moor-steps open begin=EALREADY || break
  tries=$((tries + 1))
done
wait "$first" || fail "the first loader failed: $(cat /run/first.log)"
((tries > 0)) || fail "the second loader never tried"
in_state open
steps open begin=EALREADY arm:0=EPERM release
remove
