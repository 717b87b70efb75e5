# SPDX-License-Identifier: Apache-2.0
# L2: a library in an overlay, whose upper or lower file is written by a writer opened before or after, is not mapped.
# seconds: 300
# shellcheck source=/dev/null
. guest/launch.sh
cp "$attacks/stand-in" .
mkdir lower merged
mkdir -p /tmp/launch
mount -t tmpfs tmpfs /tmp/launch
mkdir /tmp/launch/upper /tmp/launch/work
fresh() {
  umount "$here/merged" 2>/dev/null || true
  rm -rf lower/* /tmp/launch/upper/*
  code lower/library 42
  mount -t overlay overlay -o "lowerdir=$here/lower,upperdir=/tmp/launch/upper,workdir=/tmp/launch/work" "$here/merged"
}
attack() { start web1 "$here/stand-in" "$1" "$here/merged/library"; }
change() { free "$1" && printf '\x42' | dd of="$1" bs=1 seek=1 conv=notrunc status=none; }
honest() {
  expect 0 attack call
  says 'returned: 42'
}

for file in lower/library merged/library; do
  fresh
  change $file
  expect 0 attack call
  says 'returned: 66'
done
# Copied up, and then the upper layer's own file.
fresh
touch merged/library
change /tmp/launch/upper/library
expect 0 attack call
says 'returned: 66'

fresh
trusted "exec $here/stand-in" "library $here/merged/library"
honest_digest=$(digest lower/library)
enforce
honest
# A writer opened before, on the lower file.
free lower/library
exec {writer}<>lower/library
refused "$EPERM" attack call
recorded record=refuse kind=library "path=\"$here/merged/library\"" reason=writer 'vm="web1"'
exec {writer}>&-
honest
# Written after the measurement, below the overlay; through it; and in the upper layer.
for file in lower/library merged/library /tmp/launch/upper/library; do
  fresh
  honest
  [ $file != /tmp/launch/upper/library ] || touch merged/library
  change $file
  refused "$EPERM" attack call
  silent_about returned
done
recorded record=refuse kind=library "path=\"$here/merged/library\"" alg=sha256 "expected=$honest_digest" reason=digest 'vm="web1"'
# A writer opened after, while the library is mapped: past the overlay.
fresh
coproc held { attack hold; }
holder=$held_PID # bash forgets it when the co-process ends
read -r -u "${held[0]}" line
same "$line" 'stand-in: running' 'the stand-in'
refused "$ETXTBSY" "$attacks/writer" "$here/lower/library"
kill "$holder" 2>/dev/null || true
wait "$holder" || true
fresh
honest
proven
umount "$here/merged" /tmp/launch
