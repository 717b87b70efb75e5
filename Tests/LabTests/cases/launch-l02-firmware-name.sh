# SPDX-License-Identifier: Apache-2.0
# L2: firmware is told by the place that leads to it: mounted over, moved or linked there, other bytes are refused.
# seconds: 300
# shellcheck source=/dev/null
. guest/launch.sh
cp "$attacks/stand-in" .
mkdir place
printf 'honest' >place/bios
printf 'evil' >evil
# Each puts the evil bytes at the listed path; their own last name is not the listed one, or has just become it.
mounted() { mount --bind evil place/bios; }
folder_mounted() {
  mkdir -p other
  cp evil other/bios
  mount --bind other place
}
moved() {
  cp evil place/incoming
  mv place/incoming place/bios
}
linked() { ln -f evil place/bios; }
restored() {
  umount place/bios place 2>/dev/null || true
  rm -f place/bios
  printf 'honest' >place/bios
}
opens() { start "$1" "$here/stand-in" open "$here/place/bios"; }
for way in mounted folder_mounted moved linked; do
  $way
  same "$(cat place/bios)" evil 'what is read'
  expect 0 opens web1
  restored
done

trusted "exec $here/stand-in" "firmware $here/place/bios"
enforce
for way in mounted folder_mounted moved linked; do
  expect 0 opens "before-$way"
  $way
  refused "$EPERM" opens "web-$way"
  restored
done
recorded record=refuse kind=firmware "path=\"$here/place/bios\"" alg=sha256 "digest=$(digest evil)" \
  "expected=$(digest place/bios)" reason=digest 'vm="web-mounted"'
same "$(counted refused)" 4 'refusals'
expect 0 opens honest
proven
