# SPDX-License-Identifier: Apache-2.0
# L6: memory of a memfd, of a nameless file and of a SysV segment does not become executable in a domain.
# seconds: 300
# shellcheck source=/dev/null
. guest/launch.sh
cp "$attacks/memory" "$attacks/stand-in" .
ways=(memfd unlinked shared-segment)
for way in "${ways[@]}"; do
  expect 0 start web1 "$here/memory" "$way"
  says 'returned: 66'
done

trusted "exec $here/memory memory-exec" "exec $here/stand-in"
enforce
before=$(counted refused)
for way in "${ways[@]}"; do
  refused "$EPERM" start "web-$way" "$here/memory" "$way"
  silent_about returned
  same "$(counted refused)" $((++before)) 'refusals'
done
recorded record=refuse kind=library reason=unlinked 'vm="web-memfd"'
recorded record=refuse kind=library reason=writable 'vm="web-shared-segment"'
honest_stand_in
proven
