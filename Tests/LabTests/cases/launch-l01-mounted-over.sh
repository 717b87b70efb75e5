# SPDX-License-Identifier: Apache-2.0
# L1: another program, mounted as a file over the emulator's place, is not started, with a VM or without.
# seconds: 300
# shellcheck source=/dev/null
. guest/launch.sh
honest=$attacks/stand-in
cp "$honest" stand-in
evil_copy "$honest" evil
mount --bind evil stand-in
expect 0 "$here/stand-in"
says 'evil one: running'
umount stand-in

trusted "exec $here/stand-in"
enforce
honest_stand_in
mount --bind evil stand-in
# Its own last name is not the listed one; that of the place where it is mounted is.
refused 126 bash -c "$here/stand-in"
recorded record=refuse kind=exec "path=\"$here/stand-in\"" alg=sha256 "digest=$(digest evil)" "expected=$(digest "$honest")" \
  reason=digest
# The same refusal is recorded once.
refused "$EPERM" start web1 "$here/stand-in"
recorded record=refuse kind=exec "path=\"$here/stand-in\"" reason=digest
umount stand-in
honest_stand_in
# Mounted elsewhere under another name, the emulator is a program like any other; by its own, it wants a VM.
touch other
mount --bind stand-in other
expect 0 "$here/other"
says 'stand-in: running'
umount other
refused 126 bash -c "$here/stand-in"
recorded record=refuse kind=exec "path=\"$here/stand-in\"" reason=unbound
proven
