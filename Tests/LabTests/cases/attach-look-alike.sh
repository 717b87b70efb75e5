# SPDX-License-Identifier: Apache-2.0
# A program on the right hook, with the right cookie, that never calls the module does not arm; the module names its hook.
# seconds: 900
. guest/steps.sh
mapfile -t table < <(hooks)
# The hooks whose number, counted from 1, has this bit have a look-alike, the others their own program. So each has both
# in some attachment, and no two hooks have the same in all of them.
attach_half() {
  local bit=$1 number acts=(open begin:all load:moor.bpf.o) alike=()
  for ((number = 1; number <= ${#table[@]}; number++)); do
    if ((number >> bit & 1)); then
      alike+=("${table[number - 1]}")
      acts+=("look-alike:${table[number - 1]}" "hand:like-${table[number - 1]}")
    else
      acts+=("link:${table[number - 1]}" "hand:${table[number - 1]}")
    fi
  done
  steps "${acts[@]}" arm:12=EPROTO
  same "$(sed -n 's/^unproven //p' <<<"$output")" "$(printf '%s\n' "${alike[@]}")" "the hooks that were never seen"
  in_state unarmed
}
insert
for ((bit = 0; ${#table[@]} >> bit; bit++)); do
  attach_half "$bit"
done
# One alone is found as well.
steps open begin:all load:moor.bpf.o link:all-but:task_free hand:all-but:task_free look-alike:task_free hand:like-task_free \
  arm:12=EPROTO
same "$(grep '^unproven' <<<"$output")" 'unproven task_free' "the hooks that were never seen"
same "$(records)" 0 "the records of attachments that failed"
steps open begin:all load:moor.bpf.o link:all hand:all arm release
remove
