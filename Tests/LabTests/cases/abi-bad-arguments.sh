# SPDX-License-Identifier: Apache-2.0
# Every ioctl refuses wrong sizes, versions, pointers, counts, names and reserved bits, from 64 and from 32 bits, in every state.
# seconds: 300
. guest/steps.sh
everything() {
  expect 0 attacks/moor-abi
  says '64 bits'
  printf '%s\n' "$output"
  expect 0 attacks/moor-abi-32
  says '32 bits'
}
insert
everything
in_state unarmed
same "$(counter records)" 0 "the count of records"
steps open "${arming[@]}"
everything
in_state open
in_mode none
same "$(counter records)" 2 "the count of records"
steps open "${guarding[@]}" trust-commit:enforcing
everything
in_state open
in_mode enforcing
same "$(counter records)" 4 "the count of records"
steps open release
remove
