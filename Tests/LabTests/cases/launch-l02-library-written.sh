# SPDX-License-Identifier: Apache-2.0
# L2: a library that was written after it had been measured is not mapped by the next start.
# seconds: 300
# demo: L2
# shellcheck source=/dev/null
. guest/launch.sh
code library 42
digest=$(digest library)
cp "$attacks/stand-in" .
expect 0 start web1 "$here/stand-in" call "$here/library"
says 'returned: 42'
free library
printf '\x42' | dd of=library bs=1 seek=1 conv=notrunc status=none
expect 0 start web1 "$here/stand-in" call "$here/library"
says 'returned: 66'
code library 42

trusted "exec $here/stand-in" "library $here/library"
enforce
expect 0 start web1 "$here/stand-in" call "$here/library"
says 'returned: 42'
free library
printf '\x42' | dd of=library bs=1 seek=1 conv=notrunc status=none
refused "$EPERM" start web1 "$here/stand-in" call "$here/library"
silent_about returned
recorded record=refuse kind=library "path=\"$here/library\"" alg=sha256 "digest=$(digest library)" "expected=$digest" \
  reason=digest 'vm="web1"'
code library 42
expect 0 start web1 "$here/stand-in" call "$here/library"
says 'returned: 42'
proven
