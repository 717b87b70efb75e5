# SPDX-License-Identifier: Apache-2.0
# With one link missing the module does not arm and names the hook; with links but no proof neither.
# seconds: 180
. guest/steps.sh
insert
for hook in $(hooks); do
  steps open begin load:moor.bpf.o link:all "hand:all-but:$hook" arm:1=ENOLINK
  same "$(grep '^missing' <<<"$output")" "missing $hook" "the hooks without a link"
  in_state unarmed
done
steps open begin load:moor.bpf.o link:all arm:1=ENOLINK
same "$(grep -c '^missing' <<<"$output")" "$hook_count" "the hooks without a link"
# One that is handed in late makes it whole.
steps open begin load:moor.bpf.o link:all hand:all-but:task_free arm:1=ENOLINK hand:task_free arm release
in_state unarmed
remove
