# SPDX-License-Identifier: Apache-2.0
# L4: bytes that somebody left behind a library's end, in its last page, where no digest sees them, are not executed.
# seconds: 600
# shellcheck source=/dev/null
. guest/launch.sh
cp "$attacks/tail" "$attacks/stand-in" .
mkdir /tmp/launch
mount -t tmpfs -o huge=always tmpfs /tmp/launch
mkdir /tmp/launch/small lower upper work merged
mount -t tmpfs tmpfs /tmp/launch/small
mount -t overlay overlay -o "lowerdir=$here/lower,upperdir=$here/upper,workdir=$here/work" merged
# Nothing is written back meanwhile, however slow the guest.
writeback=$(</proc/sys/vm/dirty_writeback_centisecs)
trap 'echo "$writeback" >/proc/sys/vm/dirty_writeback_centisecs' EXIT
echo 0 >/proc/sys/vm/dirty_writeback_centisecs
# In memory they stay for ever, also in a large page; on a disk until the page is written back.
ways=(
  "/tmp/launch/small/library 2048"
  "/tmp/launch/library 2048"
  "/tmp/launch/library 8192"
  "/tmp/launch/library 2093056"
  "$here/library 2048"
  "$here/merged/library 2048"
)
# short FILE: six bytes of code, in a new file.
short() {
  rm -f "$1"
  printf '\xb8\x2a\x00\x00\x00\xc3' >"$1"
}
# leave FILE OFFSET: code behind the end, which changes no digest, as soon as nobody keeps writers out any more.
leave() {
  local before
  before=$(digest "$1")
  wait_for 20 "$attacks/tail" write "$@"
  same "$(digest "$1")" "$before" 'the digest'
}
for way in "${ways[@]}"; do
  read -r library offset <<<"$way"
  short "$library"
  leave "$library" "$offset"
  expect 0 start web1 "$here/tail" call "$library" "$offset"
  says 'returned: 66'
  short "$library"
done

trusted "exec $here/tail" "exec $here/stand-in" "library /tmp/launch/small/library" "library /tmp/launch/library" \
  "library $here/library" "library $here/merged/library"
enforce
for way in "${ways[@]}"; do
  read -r library offset <<<"$way"
  short "$library"
  before=$(counted refused)
  leave "$library" "$offset"
  refused "$EPERM" start web1 "$here/tail" call "$library" "$offset"
  silent_about returned
  same "$(counted refused)" $((before + 1)) 'refusals'
  recorded record=refuse kind=library "path=\"$library\"" reason=unreadable
  # One without anything there is executed as ever.
  short "$library"
  expect 0 start honest "$here/stand-in" call "$library"
  says 'returned: 42'
  # It has passed, so its digest is known; that it was opened for writing since makes it be looked at again.
  leave "$library" "$offset"
  refused "$EPERM" start web1 "$here/tail" call "$library" "$offset"
  silent_about returned
  same "$(counted refused)" $((before + 2)) 'refusals'
  short "$library"
done

# Who still has it mapped can still write.
library=/tmp/launch/small/library
mkfifo input
exec {ends}<>input
"$attacks/tail" keep "$library" <input >kept {ends}>&- &
keeper=$!
wait_for 20 grep -q kept kept
refused "$EPERM" start web-keep "$here/tail" call "$library"
silent_about returned
recorded record=refuse kind=library "path=\"$library\"" reason=writer 'vm="web-keep"'
exec {ends}>&-
wait "$keeper"
refused "$EPERM" start web-kept "$here/tail" call "$library"
silent_about returned

# A program is a file like any other.
program=/tmp/launch/small/program
cp stand-in "$program"
trusted "exec $program"
enforce
expect 0 start honest "$program"
leave "$program" $(($(stat -c %s "$program") + 8))
refused "$EPERM" start web-program "$program"
recorded record=refuse kind=exec "path=\"$program\"" reason=unreadable 'vm="web-program"'
honest_stand_in
proven
umount merged /tmp/launch/small /tmp/launch
