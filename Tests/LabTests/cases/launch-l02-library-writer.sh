# SPDX-License-Identifier: Apache-2.0
# L2: a library that somebody can still write is not mapped: open for writing, or by a mapping alone.
# seconds: 300
# shellcheck source=/dev/null
. guest/launch.sh
code library 42
cp "$attacks/stand-in" .
mkfifo ask answer
# open_writer: a process that has only a shared mapping of the library left; `ask` makes it write.
open_writer() {
  "$attacks/writer" "$here/library" <ask >answer &
  writer=$!
  exec {to}>ask {from}<answer
  read -r -u "$from" line
  same "$line" ready 'the writer'
}
end_writer() {
  echo >&"$to"
  exec {to}>&-
  wait "$writer"
  exec {from}<&-
}

expect 0 start web1 "$here/stand-in" call "$here/library"
says 'returned: 42'
free library
open_writer
end_writer
expect 0 start web1 "$here/stand-in" call "$here/library"
says 'returned: 66'
code library 42

trusted "exec $here/stand-in" "library $here/library"
enforce
free library
exec {descriptor}<>library
refused "$EPERM" start web1 "$here/stand-in" call "$here/library"
recorded record=refuse kind=library "path=\"$here/library\"" reason=writer 'vm="web1"'
exec {descriptor}>&-
expect 0 start honest "$here/stand-in" call "$here/library"
says 'returned: 42'

# Its mapping is older than the guard's hold, and the library was measured before.
free library
open_writer
refused "$EPERM" start web2 "$here/stand-in" call "$here/library"
silent_about returned
end_writer
refused "$EPERM" start web2 "$here/stand-in" call "$here/library"
recorded record=refuse kind=library "path=\"$here/library\"" alg=sha256 "digest=$(digest library)" reason=digest 'vm="web2"'
code library 42
expect 0 start honest "$here/stand-in" call "$here/library"
says 'returned: 42'
proven
