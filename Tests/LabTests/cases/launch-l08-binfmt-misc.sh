# SPDX-License-Identifier: Apache-2.0
# L8: a format registered with binfmt_misc does not lead a trusted program to an interpreter that is not trusted.
# seconds: 300
# shellcheck source=/dev/null
. guest/launch.sh
cp "$attacks/stand-in" .
evil_copy stand-in interpreter
printf 'MOORLAB\n' >program
chmod 755 program
registry=/proc/sys/fs/binfmt_misc
modprobe -q binfmt_misc || true
mountpoint -q $registry || mount -t binfmt_misc binfmt_misc $registry
# An own name for each case, with the interpreter opened when it is registered (F) or at each exec.
forget() { [ ! -e $registry/moor-lab ] || echo -1 >$registry/moor-lab; }
trap forget EXIT
register() {
  forget
  printf ':moor-lab:M::MOORLAB::%s:%s' "$here/interpreter" "$1" >$registry/register
}
for flags in '' F O C; do
  register "$flags"
  expect 200 start web1 "$here/program"
  says "what to do? '$here/program'"
done

trusted "exec $here/stand-in" "exec $here/program"
enforce
before=$(counted refused)
for flags in '' F O C; do
  register "$flags"
  refused "$EPERM" start "web-x$flags" "$here/program"
  same "$(counted refused)" $((++before)) 'refusals'
done
recorded record=measure kind=exec "path=\"$here/program\"" alg=sha256 "digest=$(digest program)" 'vm="web-x"'
recorded record=refuse kind=exec "path=\"$here/interpreter\"" reason=unlisted 'vm="web-x"'
forget
honest_stand_in
proven
