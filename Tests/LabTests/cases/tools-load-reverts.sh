# SPDX-License-Identifier: Apache-2.0
# A policy that nobody keeps is taken back: the one before comes back, or the module goes; a lost terminal changes nothing.
# seconds: 300
folder=$(mktemp -d)
cd "$folder" || fail 'no folder'
moor=$OLDPWD/moor
for version in 1 2; do
  printf 'policy "lab/revert" version %s\ntrust {\n  exec /usr/bin/true\n}\n' "$version" >"$version.moor"
done
in_force() {
  expect 0 cat /sys/kernel/moor/policy
  says "version $1"
}
# Without a module before there is none after.
expect 75 "$moor" load --mode learning --policy 1.moor --revert-after 2s </dev/null
says 'the module is unloaded'
expect 1 grep -q '^moor ' /proc/modules

expect 0 "$moor" load --mode learning --policy 1.moor
expect 1 "$moor" load --keep
says 'nothing waits to be kept'
expect 75 "$moor" load --mode learning --policy 2.moor --revert-after 2s </dev/null
says 'in force again: policy “lab/revert” version 1'
in_force 1
# Its terminal, and whoever started it, are gone.
# shellcheck disable=SC2016
setsid bash -c '"$0" load --mode learning --policy 2.moor --revert-after 10s & sleep 6; kill -HUP $!; exit 0' "$moor" </dev/null >lost 2>&1 &
wait_for 30 grep -q 'version 2' /sys/kernel/moor/policy
expect 75 "$moor" load --mode learning --policy 2.moor
says 'moor load --keep'
expect 75 "$moor" lock --yes
wait_for 60 grep -q 'version 1' /sys/kernel/moor/policy
wait
# Kept from elsewhere it stays.
"$moor" load --mode learning --policy 2.moor --revert-after 1h </dev/null >kept 2>&1 &
load=$!
wait_for 30 grep -q 'version 2' /sys/kernel/moor/policy
wait_for 30 grep -q 'keeps it from anywhere' kept
expect 0 "$moor" load --keep
wait "$load"
in_force 2
expect 0 "$moor" unload
