# SPDX-License-Identifier: Apache-2.0
# Loaded closed, the emulator is refused until moor-boot has capped the PCR and put the policy in force.
# seconds: 240
# boot: own
emulator=/usr/bin/qemu-system-x86_64
policy=$(mktemp -d)/policy.moor
cat >"$policy" <<END
policy "lab/boot" version 1
trust {
  exec $emulator memory-exec
}
END
expect 0 ./moor load --no-policy --closed --guarded $emulator
expect 0 ./moor status
says 'state    closed'
expect 126 bash -c "$emulator -version"
says 'Operation not permitted'
expect 125 ./moor run --vm web1 -- $emulator -version
says 'no policy is in force'

expect 65 ./moor-boot load --policy "$policy"
says 'has no digest'
expect 0 ./moor status
says 'state    closed'
expect 0 ./moor-boot load --policy "$policy" --mode learning
says 'moor-boot: capped the PCR'
expect 0 ./moor run --vm web1 -- $emulator -version
expect 0 ./moor log
same "$(sed -n 's/.* record=\([a-z]*\).*/\1/p' <<<"$output" | head -n 3 | tr '\n' ' ')" 'start cap refuse ' 'the first records'
says 'closed=1'
expect 0 ./moor log --replay
expect 0 ./moor unload
