# SPDX-License-Identifier: Apache-2.0
# A moor load that is killed at a random moment, 50 times, leaves the module gone, unarmed without links, or armed with all of them.
# seconds: 900
. guest/steps.sh
gone=0 unarmed=0 armed=0 whole=0
settled() { attacks/moor-steps links:0 || attacks/moor-steps "links:$hook_count"; }
RANDOM=4711
# How long one takes that nobody kills, in milliseconds: the shortest of three, for a machine that pauses would
# make most kills come too late.
length=60000
for _ in 1 2 3; do
  [ ! -e /sys/module/moor ] || remove
  started=${EPOCHREALTIME/./}
  expect 0 ./moor load --no-policy --module moor.ko --programs moor.bpf.o
  took=$(((${EPOCHREALTIME/./} - started) / 1000))
  ((took >= length)) || length=$took
  in_state open
  steps open release
  wait_for 10 attacks/moor-steps links:0
done
for _ in {1..50}; do
  if [ -e /sys/kernel/moor/state ] && [ "$(state)" != unarmed ]; then
    steps open release
    wait_for 10 attacks/moor-steps links:0
  fi
  ((RANDOM % 2)) || [ ! -e /sys/module/moor ] || wait_for 20 rmmod moor
  ./moor load --no-policy --module moor.ko --programs moor.bpf.o >/run/load.log 2>&1 &
  loader=$!
  delay=$((RANDOM % (length + length / 4 + 1)))
  sleep "$((delay / 1000)).$(printf '%03d' $((delay % 1000)))"
  kill -9 "$loader" 2>/dev/null || whole=$((whole + 1))
  wait "$loader" 2>/dev/null || true
  wait_for 20 settled
  if [ ! -e /sys/kernel/moor/state ]; then
    gone=$((gone + 1))
    steps links:0
  elif [ "$(state)" = unarmed ]; then
    unarmed=$((unarmed + 1))
    wait_for 10 attacks/moor-steps links:0
    in_mode none
  else
    armed=$((armed + 1))
    in_state open
    steps "links:$hook_count"
  fi
done
echo "gone $gone, unarmed $unarmed, armed $armed; ended before the kill: $whole"
((unarmed > 0 && armed + gone > 0)) || fail "the kills all came at the same point: $gone $unarmed $armed"
[ ! -e /sys/kernel/moor/state ] || [ "$(state)" = unarmed ] || steps open release
[ ! -e /sys/module/moor ] || remove
expect 0 ./moor load --no-policy --module moor.ko --programs moor.bpf.o
in_state open
steps open release
remove
