# SPDX-License-Identifier: Apache-2.0
# The hooks are given back when no VM runs and not while one does, and can be taken again, in the same module or a new one.
# seconds: 300
. guest/steps.sh
insert
for round in 1 2; do
  steps open "${arming[@]}" "${guarding[@]}" trust-commit:enforcing
  attacks/moor-steps open bind:web1 -- "$guarded" /run/stays &
  wait_for 10 test -e /run/stays
  steps open release=EBUSY bind:web1=EBUSY
  in_state open
  in_mode enforcing
  refused 1 rmmod moor
  rm /run/stays
  wait
  # The kernel frees the last task of a domain some time after it has ended.
  wait_for 10 attacks/moor-steps open release
  in_state unarmed
  in_mode none
  same "$(records 'record=release')" "$round" "the records of a release"
done
# Unarmed, nothing is guarded.
touch /run/stays
(sleep 1 && rm /run/stays) &
expect 0 "$guarded" /run/stays
remove
insert
same "$(records)" 0 "the records of a new module"
steps open "${arming[@]}" release
remove
