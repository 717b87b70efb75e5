# SPDX-License-Identifier: Apache-2.0
# A staged set belongs to the open device: one that a crashed tool left behind is gone, and no other tool sees it.
# seconds: 300
. guest/steps.sh
insert
steps open "${arming[@]}"
in_background open "${guarding[@]}"
# Beside it another tool has a set of its own, and puts it in force.
steps open trust-add=ENODATA entry:exec:/usr/bin/true:none trust-begin trust-add trust-commit:learning:4
in_mode learning
kill_it
in_mode learning
steps open trust-commit:enforcing=ENODATA trust-add=ENODATA
says 'trust-add: ENODATA'
in_mode learning

# Also in the middle of a chunk's way, and many times over: nothing stays in the kernel's memory.
for _ in {1..20}; do
  in_background open entry:exec:/usr/bin/true:none trust-begin:65536:16777216 trust-add
  kill_it
done
steps open "${guarding[@]}" trust-abort trust-commit:enforcing=ENODATA "${guarding[@]:1}" trust-commit:enforcing:5
in_mode enforcing
same "$(sed -n 's/^version //p' /sys/kernel/moor/policy)" 5 "the version in force"
steps open release
remove
