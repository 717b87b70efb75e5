# SPDX-License-Identifier: Apache-2.0
# A program on the right hook, with the right cookie, that never calls the module does not arm; the module names its hook.
# seconds: 900
. guest/steps.sh
insert
for hook in $(hooks); do
  steps open begin load:moor.bpf.o "link:all-but:$hook" "hand:all-but:$hook" "look-alike:$hook" "hand:like-$hook" \
    arm:12=EPROTO
  same "$(grep '^unproven' <<<"$output")" "unproven $hook" "the hooks that were never seen"
  in_state unarmed
done
same "$(records)" 0 "the records of attachments that failed"
steps open "${arming[@]}" release
remove
