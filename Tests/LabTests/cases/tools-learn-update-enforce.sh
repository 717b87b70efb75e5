# SPDX-License-Identifier: Apache-2.0
# Learned digests fill the policy, which then runs the same VM enforced; comments stay, and both banks prove the log.
# seconds: 900
policy=$(mktemp -d)/policy.moor
cat >"$policy" <<'END'
# kept as it is
policy "lab/tools" version 4

trust {
  exec /usr/bin/qemu-system-x86_64 memory-exec   # the emulator
  library /usr/lib/x86_64-linux-gnu/**
}
END
guest() { ./moor run --vm web1 -- qemu-system-x86_64 -machine q35,accel=tcg -nodefaults -display none -version; }

expect 0 ./moor load --mode learning --policy "$policy"
says 'in force: policy “lab/tools” version 4, learning, 1 entries'
expect 65 ./moor load --mode enforcing --policy "$policy"
says 'has no digest'
expect 0 ./moor status
says 'mode     learning'
expect 0 guest
expect 1 ./moor trust diff --policy "$policy"
expect 75 ./moor trust update --policy "$policy" </dev/null
says 'nothing was changed'
expect 0 ./moor trust update --policy "$policy" --yes
says 'which PCR 13 proves'
digest=$(sha256sum /usr/bin/qemu-system-x86_64 | cut -d ' ' -f 1)
expect 0 cat "$policy"
says '# kept as it is'
says "exec /usr/bin/qemu-system-x86_64 memory-exec sha256:$digest   # the emulator"
expect 0 cat "${policy%.moor}.lock"
says 'library /usr/lib/x86_64-linux-gnu/libc.so.6 sha256:'
expect 0 ./moor trust diff --policy "$policy"
expect 0 ./moor trust verify --policy "$policy"
expect 0 ./moor load --mode enforcing --policy "$policy"
expect 0 guest
expect 126 ./moor run --vm web1 -- /bin/true
says 'the policy does not name "/usr/bin/true"'
expect 127 ./moor run --vm web1 -- /nonexistent
expect 0 ./moor log --replay
says 'the PCR proves the log'
# The PCR as another tool reads it stands beside what the log leads to, in both banks.
for bank in sha256 sha384; do
  value=$(pcr $bank 13)
  says "PCR      $value"
  says "replayed $value"
done
expect 0 ./moor unload
expect 69 ./moor status
