# SPDX-License-Identifier: Apache-2.0
# A temp rule is about files that the VM made itself: not another VM's of such a name, and none that was there before.
# seconds: 300
# shellcheck disable=SC2034
# shellcheck source=/dev/null
. guest/access.sh
cp "$attacks/files" .
program=$here/files
mkdir -p shared
ways=('read read' 'write write' 'append append' 'cut read,truncate' 'truncate truncate' 'remove delete')

for way in "${ways[@]}"; do
  read -r verb _ <<<"$way"
  echo text >shared/vl.before
  expect 0 start web1 "$program" "$verb" "$here/shared/vl.before"
done

trusted "exec $program"
domains="
vm web1 {
  temp $here/shared/vl.*
  file rw $here/shared/vl.granted
}
vm web2 {
  temp $here/shared/vl.t*
}
"
enforce
# Its own: made, and then all that such a file is for; nothing else.
expect 0 start web1 "$program" create "$here/shared/vl.mine"
for verb in read write append cut truncate lock; do
  expect 0 start web1 "$program" "$verb" "$here/shared/vl.mine"
done
refused "$EACCES" start web1 "$program" chmod "$here/shared/vl.mine"
refused "$EACCES" start web1 "$program" exec "$here/shared/vl.mine"
# One that was there before is nobody's, and stays closed.
echo text >shared/vl.before
for way in "${ways[@]}"; do
  read -r verb permission <<<"$way"
  dmesg --clear
  refused "$EACCES" start web1 "$program" "$verb" "$here/shared/vl.before"
  logged record=deny class=path "permission=$permission" "path=\"$here/shared/vl.before\"" 'vm="web1"'
done
# Another VM's is that one's.
expect 0 start web2 "$program" create "$here/shared/vl.theirs"
for way in "${ways[@]}"; do
  read -r verb permission <<<"$way"
  dmesg --clear
  refused "$EACCES" start web1 "$program" "$verb" "$here/shared/vl.theirs"
  logged record=deny class=path "permission=$permission" 'owner_vm="web2"' "path=\"$here/shared/vl.theirs\"" 'vm="web1"'
done
# To make it anew under the name of one that is there is to open that.
refused 17 start web1 "$program" create "$here/shared/vl.theirs"
# What another rule grants is granted, whoever made it; but not another VM's.
echo text >shared/vl.granted
expect 0 start web1 "$program" write "$here/shared/vl.granted"
refused "$EACCES" start web1 "$program" remove "$here/shared/vl.granted"
# It is its own over a new policy, and gone with its name: the next file of that name is nobody's.
enforce
expect 0 start web1 "$program" read "$here/shared/vl.mine"
expect 0 start web1 "$program" remove "$here/shared/vl.mine"
echo text >shared/vl.mine
refused "$EACCES" start web1 "$program" read "$here/shared/vl.mine"
# So many it may have made at a time, and what is gone does not count.
expect 0 start web1 "$program" many 4096 "$here/shared/vl."
refused 28 start web1 "$program" create "$here/shared/vl.more"
rm -f shared/vl.[0-9]*
wait_for 10 start web1 "$program" create "$here/shared/vl.again"
proven
unload
