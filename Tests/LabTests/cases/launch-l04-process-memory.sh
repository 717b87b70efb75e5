# SPDX-License-Identifier: Apache-2.0
# L4: code that was measured is not changed through /proc/self/mem, by any of its names, nor by tracing.
# seconds: 300
# shellcheck source=/dev/null
. guest/launch.sh
cp "$attacks/memory" "$attacks/stand-in" .
code library 42
ways=(proc-self-mem proc-thread-mem proc-pid-mem)
for way in "${ways[@]}" traced-child; do
  expect 0 start web1 "$here/memory" "$way" "$here/library"
  says 'returned: 66'
done

trusted "exec $here/memory memory-exec" "exec $here/stand-in" "library $here/library"
enforce
for way in "${ways[@]}"; do
  before=$(counted refused)
  refused "$EPERM" start "web-$way" "$here/memory" "$way" "$here/library"
  says 'open of the memory file: refused'
  same "$(counted refused)" $((before + 1)) 'refusals'
  recorded record=refuse reason=writable "vm=\"web-$way\""
  pid=${record##* pid=}
  recorded record=refuse reason=writable "vm=\"web-$way\"" "pid=$pid" \
    "path=\"/proc/$pid/$([ "$way" = proc-self-mem ] || echo "task/$pid/")mem\""
done
refused "$EPERM" start web-traced "$here/memory" traced-child "$here/library"
says 'PTRACE_TRACEME: refused'
recorded record=refuse reason=trace 'vm="web-traced"'
expect 0 start honest "$here/stand-in" call "$here/library"
says 'returned: 42'
proven
