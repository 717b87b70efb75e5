# SPDX-License-Identifier: Apache-2.0
# L2: firmware in an overlay that is written after a VM has opened it, which copies it up, is not read with other bytes.
# seconds: 300
# shellcheck source=/dev/null
. guest/launch.sh
cp "$attacks/late-read" "$attacks/stand-in" .
mkdir lower upper work merged
code lower/firmware 42
code evil 66
fresh() {
  umount "$here/merged" 2>/dev/null || true
  rm -rf upper work
  mkdir upper work
  mount -t overlay overlay -o "lowerdir=$here/lower,upperdir=$here/upper,workdir=$here/work" "$here/merged"
}
# late VM CODE COMMAND...: a VM opens the firmware, then the command is run outside, then the VM reads, which ends with
# CODE.
late() {
  local code=0
  fresh
  start "$1" "$here/late-read" "$here/merged/firmware" "$here/flag" >late.log 2>&1 &
  reader=$!
  wait_for 20 test -e flag -o ! -e "/proc/$reader"
  "${@:3}"
  rm -f flag
  wait "$reader" || code=$?
  output=$(cat late.log)
  same "$code" "$2" "how the reader ended ($output)"
}
writes() { cat evil >merged/firmware; }
# Copied up by being opened for writing; nothing has changed yet.
keeps_open() { exec {writer}<>merged/firmware; }
copies() { touch merged/firmware; }

late web1 0 writes
says 'read: 66'

fresh
trusted "exec $here/late-read" "exec $here/stand-in" "firmware $here/merged/firmware"
enforce
late web-writes "$EPERM" writes
says 'read: refused'
recorded record=refuse kind=firmware "path=\"$here/merged/firmware\"" "digest=$(digest evil)" reason=digest 'vm="web-writes"'
late web-keeps "$EPERM" keeps_open
says 'read: refused'
recorded record=refuse kind=firmware "path=\"$here/merged/firmware\"" reason=writer 'vm="web-keeps"'
exec {writer}>&-
# The same bytes above are as good as below.
late web-copies 0 copies
says 'read: 42'
late honest 0 true
says 'read: 42'
honest_stand_in
proven
umount "$here/merged"
