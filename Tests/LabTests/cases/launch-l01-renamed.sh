# SPDX-License-Identifier: Apache-2.0
# L1: another program, renamed to the emulator's place, is not started.
# seconds: 300
# shellcheck source=/dev/null
. guest/launch.sh
honest=$attacks/stand-in
evil_copy "$honest" evil
cp evil stand-in
expect 0 start web1 "$here/stand-in"
says 'evil one: running'

cp "$honest" stand-in
trusted "exec $here/stand-in"
enforce
honest_stand_in
cp evil incoming
mv incoming stand-in
refused "$EPERM" start web1 "$here/stand-in"
recorded record=refuse kind=exec "path=\"$here/stand-in\"" alg=sha256 "digest=$(digest evil)" "expected=$(digest "$honest")" \
  reason=digest 'vm="web1"'
# Exchanged in one step, and by a link.
cp "$honest" stand-in
honest_stand_in
ln -sf evil stand-in
refused "$EPERM" start web1 "$here/stand-in"
recorded record=refuse kind=exec "path=\"$here/evil\"" reason=unlisted 'vm="web1"'
rm stand-in
cp "$honest" stand-in
honest_stand_in
proven
