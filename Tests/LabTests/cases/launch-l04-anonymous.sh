# SPDX-License-Identifier: Apache-2.0
# L4: anonymous memory is not executable where the policy does not grant it, whatever it is called; where it does, it is.
# seconds: 900
# shellcheck source=/dev/null
. guest/launch.sh
cp "$attacks/memory" "$attacks/stand-in" .
cp memory translator
ways=(anonymous anonymous-later stack read-implies-exec read-implies-exec-heap)
sysctl -q vm.nr_hugepages=4
for way in "${ways[@]}" shared-anonymous-later huge-pages; do
  expect 0 start web1 "$here/memory" "$way"
  says 'returned: 66'
done

trust_qemu
trusted "exec $here/memory" "exec $here/stand-in" "exec $here/translator memory-exec"
# The real QEMU translates code: without the permission it cannot.
rules=("${rules[@]/#exec "$qemu" memory-exec/exec "$qemu"}")
enforce
before=$(counted refused)
for way in "${ways[@]}"; do
  errno=$EPERM
  # What the heap's growing fails with the C library tells as a want of memory.
  [ "$way" != read-implies-exec-heap ] || errno=12
  refused "$errno" start "web-$way" "$here/memory" "$way"
  silent_about returned
  same "$(counted refused)" $((++before)) 'refusals'
  expect 0 start "web-$way" "$here/translator" "$way"
  says 'returned: 66'
done
recorded record=refuse kind=library reason=anonymous 'vm="web-anonymous"'
# Shared, it is a file without a name: refused also to who may have anonymous memory.
refused "$EPERM" start web-shared "$here/translator" shared-anonymous-later
silent_about returned
recorded record=refuse kind=library reason=unlinked 'vm="web-shared"'
# So are huge pages, and these are writable as well.
refused "$EPERM" start web-huge "$here/translator" huge-pages
silent_about returned
recorded record=refuse kind=library reason=writable 'vm="web-huge"'
refused 1 run_guest web1 "$qemu"
says 'mprotect of jit buffer: Operation not permitted'
honest_stand_in
proven
sysctl -q vm.nr_hugepages=0
