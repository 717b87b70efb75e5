# SPDX-License-Identifier: Apache-2.0
# A VM cannot make paths lead elsewhere: it mounts, moves, unmounts nothing and changes no root, not in a mount namespace of its own either.
# seconds: 300
# shellcheck disable=SC2034
# shellcheck source=/dev/null
. guest/access.sh
cp "$attacks/files" .
program=$here/files
mkdir -p own/place other
echo text >other/disk
# What is bound stays only where it was bound in the first namespace.
undo() { umount -l own/place 2>/dev/null || true; }

expect 0 start web1 "$program" bind "$here/other" "$here/own/place"
expect 0 start web1 "$program" umount "$here/own/place"
expect 0 start web1 "$program" move "$here/other" "$here/own/place"
undo
expect 0 start web1 "$program" chroot "$here/own"
expect 0 start web1 "$program" apart bind "$here/other" "$here/own/place"
expect 0 start web1 "$program" apart chroot "$here/own"
expect 0 start web1 "$program" aside bind "$here/other" "$here/own/place"
mount -t tmpfs tmpfs own/place
mkdir own/place/old
expect 0 unshare --mount "$program" pivot "$here/own/place" "$here/own/place/old"

trusted "exec $program"
# The capabilities that the kernel asks for first do not help.
domains="
vm web1 {
  file rwcdlk $here/own/**
  capability sys_admin sys_chroot
}
"
enforce
# A user namespace is not to be had.
refused "$EPERM" start web1 "$program" apart bind "$here/other" "$here/own/place"
logged record=deny class=namespace kind=user
# Each with the place that it is about.
refused "$EPERM" start web1 "$program" bind "$here/other" "$here/own/place"
logged record=deny class=mount "path=\"$here/own/place\"" 'vm="web1"'
refused "$EPERM" start web1 "$program" chroot "$here/own"
logged record=deny class=mount "path=\"$here/own\""
refused "$EPERM" start web1 "$program" pivot "$here/own/place" "$here/own/place/old"
# In a mount namespace of its own it has another root than it was started with, and so no paths.
for way in "bind $here/other $here/own/place" "chroot $here/own" "pivot $here/own/place $here/own/place/old"; do
  dmesg --clear
  # shellcheck disable=SC2086
  refused "$EPERM" start web1 "$program" aside $way
  logged record=deny class=mount 'vm="web1"'
done
dmesg --clear
refused "$EPERM" start web1 "$program" umount "$here/own/place"
logged record=deny class=mount "path=\"$here/own/place\""
dmesg --clear
refused "$EPERM" start web1 "$program" move "$here/other" "$here/own/place"
logged record=deny class=mount "path=\"$here/own/place\""
# Nobody else is held to it, and learning says what would be denied.
expect 0 umount own/place
mount --bind other own/place
expect 0 cat own/place/disk
undo
learn
dmesg --clear
expect 0 start web1 "$program" bind "$here/other" "$here/own/place"
logged record=learn class=mount "path=\"$here/own/place\""
undo
proven
unload
