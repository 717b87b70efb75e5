# SPDX-License-Identifier: Apache-2.0
# L4: a program that may not have executable memory cannot fill an executable mapping's pages itself, by userfaultfd.
# seconds: 300
# shellcheck source=/dev/null
. guest/launch.sh
cp "$attacks/pages" "$attacks/stand-in" .
cp pages translator
# Only what lies in memory is filled so, and a tmpfs is a file system that may hold what is trusted.
mkdir /tmp/launch
mount -t tmpfs tmpfs /tmp/launch
library=/tmp/launch/library
code "$library" 42
ways=(userfaultfd userfaultfd-user-mode userfaultfd-device)
for way in "${ways[@]}"; do
  expect 0 start web1 "$here/pages" "$way" "$library"
  says 'returned: 66'
done

trusted "exec $here/pages" "exec $here/stand-in" "exec $here/translator memory-exec" "library $library"
learn
expect 0 start web-learning "$here/pages" userfaultfd "$library"
recorded record=unmeasured reason=userfaultfd 'vm="web-learning"'
enforce
before=$(counted refused)
for way in "${ways[@]}"; do
  refused "$EPERM" start "web-$way" "$here/pages" "$way" "$library"
  says 'userfaultfd: refused'
  same "$(counted refused)" $((++before)) 'refusals'
  # It gives nothing that executable memory does not.
  expect 0 start "web-$way" "$here/translator" "$way" "$library"
  says 'returned: 66'
done
recorded record=refuse reason=userfaultfd 'vm="web-userfaultfd"'
# Other objects without a file are made as before, and outside of a domain this one, too.
expect 0 start honest "$here/pages" io-uring
expect 0 "$attacks/pages" userfaultfd "$library"
expect 0 start honest "$here/stand-in" call "$library"
says 'returned: 42'
proven
umount /tmp/launch
