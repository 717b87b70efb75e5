# SPDX-License-Identifier: Apache-2.0
# Following the log shows each record once, as it comes, and says when it ends.
# seconds: 180
expect 0 ./moor load --no-policy
seen=$(mktemp)
./moor log --follow --json >"$seen" 2>"$seen.err" &
follower=$!
wait_for 30 grep -q '"record":"cap"' "$seen"
policy=$(mktemp -d)/policy.moor
printf 'policy "lab/follow" version 1\ntrust {\n  exec /usr/bin/qemu-system-x86_64\n}\n' >"$policy"
expect 0 ./moor load --mode learning --policy "$policy"
wait_for 30 grep -q '"record":"mode"' "$seen"
same "$(grep -o '"number":[0-9]*' "$seen" | cut -d : -f 2 | tr '\n' ' ')" '0 1 2 3 ' 'the numbers of the records'
expect 0 ./moor unload
code=0
wait "$follower" || code=$?
same "$code" 69 'the exit code of --follow after an unload'
expect 0 grep -q 'the log ended' "$seen.err"
