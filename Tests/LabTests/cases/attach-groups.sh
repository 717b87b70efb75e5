# SPDX-License-Identifier: Apache-2.0
# The hooks of access rules are attached where a policy has such rules; armed without them, no access policy comes into force.
# seconds: 300
# shellcheck disable=SC2034
. guest/steps.sh
. guest/access.sh
attached() { same "$(cat /sys/kernel/moor/access/attached)" "$1" 'whether the hooks of access are attached'; }
cd /opt/moor || exit

# By hand: a link of the other group is not taken, and one of this group that is missing is found.
insert
acts=(open begin load:moor.bpf.o:all link:all)
for hook in $(hooks_in ACCESS); do acts+=("hand:$hook=ENOENT"); done
steps "${acts[@]}" "hand:all-but:file_open=ENOENT"
for hook in $(hooks_in LAUNCH | grep -v '^file_open$'); do acts+=("hand:$hook"); done
steps "${acts[@]}" arm:1=ENOLINK
same "$(sed -n 's/^missing //p' <<<"$output")" file_open 'the hooks without a link'
steps "${acts[@]}" hand:file_open arm
attached 0
steps open release
attached 0
remove

# By the tool: what the policy says decides.
cd "$here" || exit
cp "$attacks/files" .
trusted "exec $here/files"
enforce
attached 0
expect 0 "$attacks/moor-steps" "links:$hook_count"
domains='
vm web1 { }
'
write_policy
refused 70 moor load --mode enforcing --policy "$here/policy"
says 'the module was armed without the hooks of access rules'
says 'moor load --access-hooks'
same "$(records record=policy)" 1 'the policies that came into force'
same "$(cat /sys/kernel/moor/access/policy)" '' 'the access policy in force'
unload
enforce
attached 1
refused "$EACCES" start web1 "$here/files" read "$here/policy"
unload

# Rules may come later where the hooks are there.
domains=''
enforce --access-hooks
attached 1
expect 0 start web1 "$here/files" read "$here/policy"
domains='
vm web1 { }
'
enforce
refused "$EACCES" start web1 "$here/files" read "$here/policy"
proven
