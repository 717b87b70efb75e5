# SPDX-License-Identifier: Apache-2.0
# L5: a file that a FUSE server gives is neither mapped nor started, whatever it said at the first read; also below an overlay.
# seconds: 300
# shellcheck source=/dev/null
. guest/launch.sh
code true 42
code false 66
cp "$attacks/stand-in" .
evil_copy stand-in evil
mkdir served upper work merged
# serve TRUE FALSE: from now on, served/file is TRUE when it is read first, and then FALSE.
serve() {
  umount served 2>/dev/null || true
  "$attacks/fuse-liar" "$here/served" "$1" "$2" &
  wait_for 10 mountpoint -q served
}
stack() { mount -t overlay overlay -o "lowerdir=$here/served,upperdir=$here/upper,workdir=$here/work" "$here/merged"; }
modprobe -q fuse || true

serve true false
expect 0 start web1 "$here/stand-in" read-call "$here/served/file"
says 'read: 42'
says 'returned: 66'
serve stand-in evil
same "$(digest served/file)" "$(digest stand-in)" 'the first reading'
expect 0 start web1 "$here/served/file"
says 'evil one: running'

trusted "exec $here/stand-in"
rules+=("library $here/served/file sha256:$(digest true)" "library $here/merged/file sha256:$(digest true)"
  "exec $here/served/file sha256:$(digest stand-in)")
enforce
serve true false
refused "$EPERM" start web1 "$here/stand-in" read-call "$here/served/file"
silent_about returned
recorded record=refuse kind=library "path=\"$here/served/file\"" reason=filesystem 'vm="web1"'
serve true false
stack
refused "$EPERM" start web2 "$here/stand-in" read-call "$here/merged/file"
silent_about returned
recorded record=refuse kind=library "path=\"$here/merged/file\"" reason=filesystem 'vm="web2"'
umount merged
serve stand-in evil
refused "$EPERM" start web3 "$here/served/file"
recorded record=refuse kind=exec "path=\"$here/served/file\"" reason=filesystem 'vm="web3"'
umount served
honest_stand_in
proven
