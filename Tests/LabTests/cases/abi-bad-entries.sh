# SPDX-License-Identifier: Apache-2.0
# Packed entries that cannot be read are refused with their place, contradicting ones at the commit; nothing is put in force.
# seconds: 300
. guest/steps.sh
insert
steps open "${arming[@]}"
# The first entry is 72 bytes or less; the second begins where the step says, and is spoiled there.
first=entry:exec:/usr/bin/true:none:1
path=/opt/moor/stays
second=entry:exec:$path:none:0
at=24

# bad WHAT OFFSET BYTE...: one field of the second entry.
bad() {
  local what=$1 poke
  shift
  printf -v poke ':%s' "$@"
  steps open "$first" "$second" "poke$poke" trust-begin trust-add=EINVAL trust-commit:enforcing=ENODATA
  says "error offset $at" || fail "$what"
  in_mode none
}
bad "a size that is less" $at 16 0
bad "a size that is more" $at 32 0
bad "a size of nothing" $at 0 0
bad "a size beyond the end" $at 255 255
bad "a path that is longer than the entry" $((at + 2)) 255 15
bad "a path of no length" $((at + 2)) 0 0
bad "a path of one byte" $((at + 2)) 1 0
bad "kind 0" $((at + 4)) 0
bad "kind 5" $((at + 4)) 5
bad "an algorithm that there is not" $((at + 5)) 4
bad "a digest of no length" $((at + 5)) 1 0
bad "a digest of 31 bytes" $((at + 5)) 1 31
bad "a digest without algorithm" $((at + 6)) 32
bad "an unknown flag" $((at + 7)) 4
bad "a relative path" $((at + 8)) 0x6f
bad "a path with a NUL" $((at + 10)) 0
bad "an empty component" $((at + 12)) 0x2f 0x2f
bad "a component ." $((at + 12)) 0x2f 0x2e 0x2f
bad "a component .." $((at + 12)) 0x2f 0x2e 0x2e 0x2f
bad "a slash at the end" $((at + 8 + ${#path} - 1)) 0x2f
bad "padding that is not zero" $((at + 8 + ${#path})) 1
steps open "$first" entry:library:/usr/lib/x.so:none:1 trust-begin trust-add=EINVAL
says "error offset $at"
steps open "$first" entry:module:/usr/lib/x.ko:none:2 trust-begin trust-add=EINVAL
says "error offset $at"

# In chunks the place counts from the chunk's beginning; a chunk that was refused may be sent again.
steps open "$first" "$second" "poke:$((at + 4)):9" trust-begin trust-add:0:$at "trust-add:$at=EINVAL" \
  "poke:$((at + 4)):1" "trust-add:$at" trust-commit:learning
says 'error offset 0'
in_mode learning
same "$(records 'record=policy')" 1 "the records of a policy"

# What only the whole set shows, and what the commit itself says.
nothing=(trust-begin trust-add)
steps open "$first" "$first" "${nothing[@]}" trust-commit:enforcing=EEXIST
steps open "$first" entry:exec:/usr/bin/true:file:0 "${nothing[@]}" trust-commit:enforcing=ENOTUNIQ
steps open "$first" "$second" "${nothing[@]}" trust-commit:enforcing:1:0:wrong=EBADMSG trust-commit:enforcing=ENODATA
steps open "$first" trust-begin:2 trust-add trust-commit:enforcing=ENODATA
steps open "$first" "$second" trust-begin:1 trust-add trust-commit:enforcing=ENODATA
steps open "$first" "$second" trust-begin trust-add:0:$at trust-commit:enforcing=ENODATA
steps open "$first" "${nothing[@]}" trust-commit:8=EINVAL
in_mode learning
same "$(records 'record=policy')" 1 "the records of a policy"
steps open release
remove
