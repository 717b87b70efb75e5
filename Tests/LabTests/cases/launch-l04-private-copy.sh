# SPDX-License-Identifier: Apache-2.0
# L4: a private copy of a trusted library that was changed does not become executable.
# seconds: 300
# demo: L4
# shellcheck source=/dev/null
. guest/launch.sh
cp "$attacks/memory" "$attacks/stand-in" .
ways=(private-copy executable-copy copy-in-child)
for way in "${ways[@]}"; do
  code "library-$way" 42
  expect 0 start web1 "$here/memory" "$way" "$here/library-$way"
  says 'returned: 66'
  trusted "library $here/library-$way"
done

trusted "exec $here/memory" "exec $here/stand-in"
enforce
for way in "${ways[@]}"; do
  refused "$EPERM" start "web-$way" "$here/memory" "$way" "$here/library-$way"
  silent_about returned
  recorded record=refuse kind=library "path=\"$here/library-$way\"" reason=writable "vm=\"web-$way\""
  expect 0 start honest "$here/stand-in" call "$here/library-$way"
  says 'returned: 42'
done
proven
