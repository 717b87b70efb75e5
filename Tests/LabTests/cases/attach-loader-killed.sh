# SPDX-License-Identifier: Apache-2.0
# A loader that is killed anywhere between its first call and arming leaves the host unarmed, without a link, and able to load.
# seconds: 240
. guest/steps.sh
insert
half=(link:bprm_check_security link:file_open)
stages=(
  "begin"
  "begin load:moor.bpf.o"
  "begin load:moor.bpf.o ${half[*]}"
  "begin load:moor.bpf.o ${half[*]} hand:bprm_check_security"
  "begin load:moor.bpf.o link:all hand:all-but:path_truncate"
  "begin load:moor.bpf.o link:all hand:all"
  "begin load:moor.bpf.o link:all hand:all arm:0=EPROTO"
  "begin load:moor.bpf.o link:all hand:all prove"
)
for stage in "${stages[@]}"; do
  read -r -a words <<<"$stage"
  in_background open "${words[@]}"
  steps open begin=EBUSY
  kill_it
  in_state unarmed
  in_mode none
  wait_for 10 attacks/moor-steps links:0
  wait_for 10 unused
  same "$(records)" 0 "the records after '$stage'"
done
steps open "${arming[@]}"
in_state open
steps "links:$hook_count" open release
remove
