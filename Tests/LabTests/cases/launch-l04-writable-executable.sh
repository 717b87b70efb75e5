# SPDX-License-Identifier: Apache-2.0
# L4: a mapping of a trusted library is never writable and executable, from the start or later.
# seconds: 300
# shellcheck source=/dev/null
. guest/launch.sh
cp "$attacks/memory" "$attacks/stand-in" .
ways=(writable-executable executable-then-writable)
for way in "${ways[@]}"; do
  code "library-$way" 42
  expect 0 start web1 "$here/memory" "$way" "$here/library-$way"
  says 'returned: 66'
  trusted "library $here/library-$way"
done

trusted "exec $here/memory memory-exec" "exec $here/stand-in"
enforce
for way in "${ways[@]}"; do
  refused "$EPERM" start "web-$way" "$here/memory" "$way" "$here/library-$way"
  silent_about returned
  recorded record=refuse kind=library "path=\"$here/library-$way\"" reason=writable "vm=\"web-$way\""
  expect 0 start honest "$here/stand-in" call "$here/library-$way"
  says 'returned: 42'
done
proven
