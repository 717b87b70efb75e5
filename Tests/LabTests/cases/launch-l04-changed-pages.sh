# SPDX-License-Identifier: Apache-2.0
# L4: pages of trusted code are not changed by system calls that write past a mapping's protection, or move it.
# seconds: 300
# shellcheck source=/dev/null
. guest/launch.sh
EFAULT=14 EINVAL=22
cp "$attacks/pages" "$attacks/stand-in" .
for way in moved-copy left-copy; do
  code "library-$way" 42
  expect 0 start web1 "$here/pages" "$way" "$here/library-$way"
  says 'returned: 66'
  trusted "library $here/library-$way"
done
expect 0 start web1 "$here/pages" remapped-pages
says 'returned: 66'
code library 42

trusted "exec $here/pages" "exec $here/stand-in" "library $here/library"
enforce
for way in moved-copy left-copy; do
  refused "$EPERM" start "web-$way" "$here/pages" "$way" "$here/library-$way"
  silent_about returned
  recorded record=refuse kind=library "path=\"$here/library-$way\"" reason=writable "vm=\"web-$way\""
done
refused "$EPERM" start web-remapped "$here/pages" remapped-pages
silent_about returned
recorded record=refuse kind=library reason=unlinked 'vm="web-remapped"'
# Those that the kernel itself holds to the mapping's protection.
refused "$EFAULT" start web1 "$here/pages" self-writev "$here/library"
refused "$EINVAL" start web1 "$here/pages" populate-write "$here/library"
expect 0 start honest "$here/stand-in" call "$here/library"
says 'returned: 42'
proven
