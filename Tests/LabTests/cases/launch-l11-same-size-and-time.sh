# SPDX-License-Identifier: Apache-2.0
# L11: other contents of the same path, size and modification time are found, written in place or renamed to it.
# seconds: 300
# shellcheck source=/dev/null
. guest/launch.sh
honest=$attacks/stand-in
cp "$honest" stand-in
touch -d '2024-01-01 12:00:00.123456789' stand-in
evil_copy stand-in evil
touch -r stand-in evil
described() { stat -c '%n %s %y' stand-in; }
before=$(described)
in_place() {
  free stand-in
  cat evil >stand-in
  touch -r evil stand-in
}
renamed() {
  cp -p evil incoming
  mv incoming stand-in
}
restored() {
  cp -p --remove-destination "$honest" stand-in
  touch -r evil stand-in
}
for way in in_place renamed; do
  $way
  same "$(described)" "$before" 'what stat says'
  expect 0 start web1 "$here/stand-in"
  says 'evil one: running'
  restored
done

trusted "exec $here/stand-in"
enforce
for way in in_place renamed; do
  honest_stand_in
  $way
  same "$(described)" "$before" 'what stat says'
  refused "$EPERM" start web1 "$here/stand-in"
  restored
done
recorded record=refuse kind=exec "path=\"$here/stand-in\"" alg=sha256 "digest=$(digest evil)" "expected=$(digest "$honest")" \
  reason=digest 'vm="web1"'
same "$(counted refused)" 2 'refusals'
honest_stand_in
proven
