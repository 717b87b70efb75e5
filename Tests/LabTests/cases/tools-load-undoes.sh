# SPDX-License-Identifier: Apache-2.0
# A load that fails leaves nothing behind: no module, no hook, and the PCR as it was.
# seconds: 180
before=$(pcr sha256 13)
unchanged() {
  expect 1 grep -q '^moor ' /proc/modules
  [ ! -e /dev/moor ] || fail '/dev/moor is still there'
  same "$(pcr sha256 13)" "$before" 'PCR 13'
}
good=$(mktemp -d)/policy.moor
printf 'policy "p" version 1\ntrust {\n  exec /usr/bin/qemu-system-x86_64\n}\n' >"$good"

expect 66 ./moor load --mode learning --policy /nonexistent
unchanged
printf 'policy "p" version 1\ntrust {\n  exec qemu\n}\n' >"${good%.moor}-bad.moor"
expect 65 ./moor load --mode learning --policy "${good%.moor}-bad.moor"
says ':3:8: error:'
unchanged
expect 65 ./moor load --mode enforcing --policy "$good"
unchanged
expect 66 ./moor load --mode learning --policy "$good" --module /nonexistent
unchanged
expect 78 ./moor load --mode learning --policy "$good" --module /etc/passwd
unchanged
expect 78 ./moor load --mode learning --policy "$good" --programs /etc/passwd
says 'the file holds no BPF programs'
unchanged
expect 66 ./moor load --mode learning --policy "$good" --programs /nonexistent
unchanged
expect 64 ./moor load --mode learning --policy "$good" --pcr 16
unchanged
echo 0 >/proc/sys/kernel/ftrace_enabled
expect 75 ./moor load --mode learning --policy "$good"
says 'set kernel.ftrace_enabled=1'
echo 1 >/proc/sys/kernel/ftrace_enabled
unchanged
expect 69 ./moor unload
