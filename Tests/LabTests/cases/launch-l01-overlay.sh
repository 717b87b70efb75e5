# SPDX-License-Identifier: Apache-2.0
# L1: an emulator that was replaced through an overlay's upper or lower layer is not started.
# seconds: 300
# shellcheck source=/dev/null
. guest/launch.sh
honest=$attacks/stand-in
evil_copy "$honest" evil
mkdir lower merged
mkdir -p /tmp/launch
mount -t tmpfs tmpfs /tmp/launch
mkdir /tmp/launch/upper /tmp/launch/work
stack() {
  umount "$here/merged" 2>/dev/null || true
  mount -t overlay overlay -o "lowerdir=$here/lower,upperdir=/tmp/launch/upper,workdir=/tmp/launch/work" "$here/merged"
}
# fresh: the honest program in the lower layer, on ext4, and nothing in the upper one, a tmpfs.
fresh() {
  umount "$here/merged" 2>/dev/null || true
  rm -rf lower/* /tmp/launch/upper/*
  cp "$honest" lower/stand-in
  stack
}
honest_start() {
  expect 0 start honest "$here/merged/stand-in"
  says 'stand-in: running'
}
# The ways: written through the overlay; put into the upper layer; the lower layer's file written, and replaced.
through() { cat evil >merged/stand-in; }
upper() { cp evil /tmp/launch/upper/stand-in && stack; }
lower_written() { free lower/stand-in && cat evil >lower/stand-in; }
lower_renamed() { cp evil lower/incoming && mv lower/incoming lower/stand-in && stack; }

for way in through upper lower_written lower_renamed; do
  fresh
  $way
  expect 0 start web1 "$here/merged/stand-in"
  says 'evil one: running'
done
fresh
trusted "exec $here/merged/stand-in"
for way in through upper lower_written lower_renamed; do
  fresh
  enforce
  honest_start
  $way
  refused "$EPERM" start web1 "$here/merged/stand-in"
  recorded record=refuse kind=exec "path=\"$here/merged/stand-in\"" alg=sha256 "digest=$(digest evil)" \
    "expected=$(digest "$honest")" reason=digest 'vm="web1"'
  fresh
  honest_start
  proven
  unload
done
umount "$here/merged" /tmp/launch
